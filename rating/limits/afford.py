"""How long a call may last for an amount of money, and what a time costs at most. Pure."""

from dataclasses import replace
from decimal import Decimal

from rating.book import Rate, Row
from rating.charge import amount_of, rate_at
from rating.money import ZERO
from rating.usage import Usage

SLACK = Decimal("0.5")
"""Seconds by which a call is cut before its last unit ends, so that a slow timer does not start one more."""


def affordable(row: Row, usage: Usage, amount: Decimal, longest: Decimal) -> Decimal | None:
    """The longest answered time, in seconds, that costs at most `amount` yen when answered at `usage.at`.

    None when even `longest` seconds do; zero when not even the first unit does (an answer always costs one).
    """
    if row.cap is not None and row.cap <= amount:
        return None
    if amount < row.minimum or amount < row.connection:
        return ZERO
    left = amount - row.connection
    found = _by_the_unit(row, usage, left, longest) if row.bands or row.tiers else _by_one_rate(row.rate, left)
    return None if found is None or found >= longest else found


def cost(row: Row, usage: Usage, seconds: Decimal) -> Decimal:
    """Yen for a call of so many answered seconds."""
    return amount_of(row, usage, seconds)[1]


def free(row: Row) -> bool:
    """Whether no call under the row, however long, costs anything."""
    if row.cap == 0:
        return True
    rates = (row.rate, *(band.rate for band in row.bands), *(tier.rate for tier in row.tiers))
    return not (row.connection or row.minimum or any(rate.first_price or rate.next_price for rate in rates))


def dearest(row: Row) -> Row:
    """A row without bands under which no call costs less, at whatever hour it is answered.

    A call is authorised before it is answered, and by then another band may hold. No packaged book has bands.
    """
    if not row.bands:
        return row
    rates = [row.rate, *(band.rate for band in row.bands)]
    # Units no longer than any, each no cheaper than any: at least as many units, each at least as dear.
    rate = Rate(
        first_seconds=min(one.first_seconds for one in rates),
        first_price=max(one.first_price for one in rates),
        next_seconds=min(one.next_seconds for one in rates),
        next_price=max(one.next_price for one in rates),
    )
    return replace(row, rate=rate, bands=())


def _by_one_rate(rate: Rate, left: Decimal) -> Decimal | None:
    if rate.first_price > left:
        return ZERO
    if not rate.next_price:
        return None
    return rate.first_seconds + (left - rate.first_price) // rate.next_price * rate.next_seconds


def _by_the_unit(row: Row, usage: Usage, left: Decimal, longest: Decimal) -> Decimal | None:
    elapsed, first = ZERO, True
    while elapsed < longest:
        _, rate = rate_at(row, usage, elapsed)
        seconds, price = (rate.first_seconds, rate.first_price) if first else (rate.next_seconds, rate.next_price)
        if price > left:
            return elapsed
        left, elapsed, first = left - price, elapsed + seconds, False
    return None
