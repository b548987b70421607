"""How a line forwards, in words: for 142, the member menu and remote access."""

from agi.flows.numbers import is_number
from subscribers.forwarding import Forwarding, ForwardMode
from voice.spoken import seconds

_RING_FIRST = (ForwardMode.NO_ANSWER, ForwardMode.NO_ANSWER_OR_BUSY)


def mode(forwarding: Forwarding) -> tuple[str, ...]:
    """With the ring time where the mode waits for an answer."""
    spoken = (f"forward-state-{forwarding.mode}",)
    if forwarding.mode in _RING_FIRST:
        return (*spoken, "forward-ring-time-is", seconds(forwarding.ring_seconds), "is-suffix")
    return spoken


def entries(forwarding: Forwarding) -> tuple[str, ...]:
    """The forward list, and which entry of it is in use."""
    spoken: list[str] = []
    for entry, number in enumerate(forwarding.entries, 1):
        spoken += (
            [f"forward-entry-{entry}-empty"] if number is None else is_number(f"forward-entry-{entry}-is")(number)
        )
    return (*spoken, f"forward-entry-{forwarding.entry_in_use}-in-use")


def target(forwarding: Forwarding) -> tuple[str, ...]:
    """Where to, if anywhere."""
    return is_number("forward-target-is")(forwarding.target) if forwarding.target is not None else ()
