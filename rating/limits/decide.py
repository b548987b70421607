"""Whether a call may go out, and how long it may last, from what is known about its line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from dialplan.numbers import NumberClass
from rating.book import Row
from rating.limits.afford import SLACK, affordable, cost, dearest, free
from rating.limits.limits import AuthRequest, Denied, Grant, Limits, Reason, Spent, strict_at
from rating.money import ZERO, plain

LONGEST = timedelta(hours=3)
"""No call that costs anything, on a line with a cap, lasts longer: what it holds is kept from all others."""
RING = timedelta(minutes=3)
"""From the grant to the answer at most: unanswered legs are dropped then [004]."""
LATE = timedelta(minutes=10)
"""From the end of a call to its place in the books at most; when Asterisk's own records have to tell, a minute."""

_LONGEST = Decimal(int(LONGEST.total_seconds()))
_SHORTEST = SLACK + 1
"""Seconds whose price must be left: less is no call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Other calls of the line: granted in the last minute; not over yet, and the yen they hold."""

    last_minute: int
    calls: int
    held: Decimal


def refused_unpriced(request: AuthRequest, limits: Limits, running: Running) -> Denied | None:
    """What can be told before money is counted: an attack is to cost us as little as it costs the line."""
    usage = request.usage
    strict = strict_at(limits, usage.at)
    if strict and not limits.night_international and usage.to.kind == NumberClass.INTERNATIONAL:
        expected = "a class that is open at night and on public holidays"
        return Denied(reason=Reason.CLOSED_AT_NIGHT, found=usage.to.kind, expected=expected)
    most = limits.night_calls_per_minute if strict else limits.calls_per_minute
    if most is not None and running.last_minute >= most:
        return Denied(reason=Reason.TOO_MANY_CALLS, found=str(running.last_minute), expected=str(most))
    return None


def decide(
    request: AuthRequest, limits: Limits, rows: Sequence[Row], spent: Spent, running: Running
) -> Grant | Denied:
    """Grants the time that the line's share of what is left under every cap pays for.

    `rows` are those that may price the call: two when a new price list holds before it must be answered. The sum of
    charges and holds never passes a cap, so neither do the charges when calls are cut in time.

    The share: what is left is divided by the channels that are still free, so a line with one channel gets all of
    it, and on one with two the first call leaves half to the second. Where a share does not even pay for a shortest
    call, but all that is left does, that much is given. No call holds more than three hours cost (LONGEST).
    """
    if all(free(row) for row in rows):
        return Grant(milliseconds=None, held=ZERO)
    usage, priced = request.usage, [dearest(row) for row in rows]

    def most(seconds: Decimal) -> Decimal:
        return max(cost(row, usage, seconds) for row in priced)

    if not limits.capped:
        return Grant(milliseconds=None, held=most(_LONGEST))
    least = most(_SHORTEST)
    caps = [(Reason.DAILY_CAP, limits.daily, spent.today), (Reason.MONTHLY_CAP, limits.monthly, spent.month)]
    if strict_at(limits, usage.at):
        caps.append((Reason.NIGHT_CAP, limits.night_daily, spent.night))
    share = most(_LONGEST)
    for reason, cap, gone in caps:
        if cap is None:
            continue
        left = cap - gone - running.held
        if least > left:
            return Denied(reason=reason, found=plain(gone + running.held + least), expected=plain(cap))
        share = min(share, max(least, left / max(1, request.channels - running.calls)))
    times = [affordable(row, usage, share, _LONGEST) for row in priced]
    seconds = min(_LONGEST if time is None else time for time in times)
    return Grant(milliseconds=int((seconds - SLACK) * 1000), held=most(seconds))
