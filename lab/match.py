"""Which of the calls under way a leg at a far end belongs to. Pure.

Nothing that the switch passes on names the call, and it must not: a header of ours would leave the house. What
the leg shows or asserts tells it: the number diverting, the number dialled, the caller. Between calls that look the
same, the one with the fewest legs so far is taken, and of those the oldest; then they may be mistaken for one
another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab import headers
from lab.story import Arrival, Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    asked: Asked
    legs: int


def pick(leg: Arrival, running: Sequence[Running]) -> Asked | None:
    """`running` oldest first. None when the leg has nothing in common with any of them."""
    scored = [(likeness(leg, call.asked), -call.legs, -place, call.asked) for place, call in enumerate(running)]
    best = max(scored, key=lambda row: row[:3], default=None)
    return best[3] if best is not None and best[0] > 0 else None


def likeness(leg: Arrival, asked: Asked) -> int:
    """0 when nothing speaks for it. The called number tells more than the caller, who may call many at once."""
    shown, asserted = headers.shown(leg.from_header), headers.user(leg.asserted)
    called = any(
        headers.same(number, asked.to)
        for number in (leg.number, headers.user(leg.diversion), *_history(leg.history), shown, asserted)
    )
    calling = any(headers.same(number, asked.from_) for number in (shown, asserted))
    hidden = asked.withheld and shown == "anonymous"
    return 4 * called + 2 * calling + hidden


def _history(header: str) -> list[str]:
    return [headers.user(entry) for entry in header.split(",")]
