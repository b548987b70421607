"""How a line forwards (着信転送, 142): mode, ring time, forward list, and what each change makes of it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from dialplan.errors import BadValue

ENTRIES = 4
MIN_RING_SECONDS, MAX_RING_SECONDS, DEFAULT_RING_SECONDS = 5, 60, 20


class ForwardMode(StrEnum):
    OFF = "off"
    UNCONDITIONAL = "unconditional"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    NO_ANSWER_OR_BUSY = "no-answer-or-busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """`last_mode` is never off: a plain "start" resumes it. `entries` are E.164 numbers of list entries 1 to
    4.
    """

    mode: ForwardMode = ForwardMode.OFF
    last_mode: ForwardMode = ForwardMode.UNCONDITIONAL
    ring_seconds: int = DEFAULT_RING_SECONDS
    entries: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    entry_in_use: int = 1

    @property
    def target(self) -> str | None:
        """The number of the entry in use."""
        return self.entries[self.entry_in_use - 1]


def started(forwarding: Forwarding, mode: ForwardMode | None = None) -> Forwarding:
    """On, in `mode` or else the last one. Raises BadValue when the entry in use holds no number."""
    if mode is ForwardMode.OFF:
        raise BadValue("forward mode", str(mode), "a mode to start: stopping is its own command")
    _need_number(forwarding, forwarding.entry_in_use)
    mode = mode or forwarding.last_mode
    return replace(forwarding, mode=mode, last_mode=mode)


def stopped(forwarding: Forwarding) -> Forwarding:
    return replace(forwarding, mode=ForwardMode.OFF)


def with_entry(forwarding: Forwarding, entry: int, number: str | None) -> Forwarding:
    """List entry `entry` holds `number`, or nothing. Raises BadValue when that would leave a running
    forwarding without a target.
    """
    _check_entry(entry)
    if number is None and entry == forwarding.entry_in_use and forwarding.mode is not ForwardMode.OFF:
        raise BadValue(f"forward list entry {entry}", None, "a number while forwarding is on: stop it first")
    one, two, three, four = (number if i == entry else old for i, old in enumerate(forwarding.entries, 1))
    return replace(forwarding, entries=(one, two, three, four))


def with_entry_in_use(forwarding: Forwarding, entry: int) -> Forwarding:
    """Raises BadValue when that entry holds no number."""
    _check_entry(entry)
    _need_number(forwarding, entry)
    return replace(forwarding, entry_in_use=entry)


def with_ring_seconds(forwarding: Forwarding, seconds: int) -> Forwarding:
    if not MIN_RING_SECONDS <= seconds <= MAX_RING_SECONDS:
        raise BadValue("ring seconds", seconds, f"{MIN_RING_SECONDS} to {MAX_RING_SECONDS}")
    return replace(forwarding, ring_seconds=seconds)


def _check_entry(entry: int) -> None:
    if not 1 <= entry <= ENTRIES:
        raise BadValue("forward list entry", entry, f"1 to {ENTRIES}")


def _need_number(forwarding: Forwarding, entry: int) -> None:
    if forwarding.entries[entry - 1] is None:
        raise BadValue(f"forward list entry {entry}", None, "a number registered in it")
