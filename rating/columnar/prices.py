"""A price book's rows as numbers for columns: seconds as whole microseconds, yen as Decimal. Pure.

Which row, band or tier holds is never described here: PriceBook.row_for, band_at and tier_at are asked, once for
each kind of call and once for each stretch of time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from dialplan.errors import BadValue
from rating.book import PriceBook, Rate, Row, band_at, tier_at
from rating.charge import TOKYO, day_of

MICRO = 1_000_000
FOR_EVER = 1 << 61
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECIMALS = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch [since, until) in which one rate holds: microseconds since 1970, or of use in the month for tiers."""

    since: int
    until: int
    rate: Rate


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def length(seconds: Decimal) -> int:
    """A unit in microseconds. Raises BadValue for one that is finer or not above zero."""
    found = seconds * MICRO
    if found != int(found) or found <= 0:
        raise BadValue("seconds of a unit", str(seconds), "above zero, at most 6 decimals")
    return int(found)


def answered(seconds: Decimal) -> int:
    """Answered time in whole microseconds, rounded up: no unit ends between two of them, so no charge changes."""
    return int((seconds * MICRO).to_integral_value(ROUND_CEILING))


def price(yen: Decimal) -> Decimal:
    """Raises BadValue for what a charge could not be stored as (store.metadata.Exact)."""
    if yen != yen.quantize(_DECIMALS) or yen < 0:
        raise BadValue("price in yen", str(yen), "zero or more, at most 6 decimals")
    return yen


def stepped(row: Row) -> bool:
    return bool(row.bands or row.tiers)


def spans(row: Row, first: datetime, last: datetime) -> tuple[Span, ...]:
    """The stretches of a row with tiers, or with bands for units that start from `first` to `last`."""
    if row.tiers:
        found = sorted({Decimal(0), *(tier.from_seconds for tier in row.tiers)})
        held = [(length(used) if used else 0, (tier_at(row, used) or row).rate) for used in found]
    else:
        held = _by_the_clock(row, first.astimezone(TOKYO).date(), last.astimezone(TOKYO).date())
    changes = [one for index, one in enumerate(held) if index == 0 or held[index - 1][1] != one[1]]
    ends = [since for since, _ in changes[1:]] + [FOR_EVER]
    return tuple(
        Span(since=since, until=until, rate=rate) for (since, rate), until in zip(changes, ends, strict=True)
    )


def _by_the_clock(row: Row, first: date, last: date) -> list[tuple[int, Rate]]:
    clocks = sorted({band.since for band in row.bands} | {band.until for band in row.bands} | {datetime.min.time()})
    held = []
    for days in range((last - first).days + 1):
        day = first + timedelta(days=days)
        for clock in clocks:
            moment = datetime.combine(day, clock, TOKYO)
            held.append((micros(moment), (band_at(row, moment, day_of(row, moment)) or row).rate))
    return held


def in_force(versions: Iterable[PriceBook]) -> list[tuple[PriceBook, int, int]]:
    """Each version with the microseconds [since, until) in which it holds."""
    ordered = list(versions)
    starts = [micros(datetime.combine(book.effective, datetime.min.time(), TOKYO)) for book in ordered]
    return list(zip(ordered, starts, [*starts[1:], FOR_EVER], strict=True))
