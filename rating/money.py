"""Yen as Decimal, and consumption tax by date. A float is refused: it would already be another sum."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from enum import StrEnum

from dialplan.errors import BadValue

ZERO = Decimal(0)


class Tax(StrEnum):
    """Whether the prices of a book already contain consumption tax."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


# 消費税法: the standard rate, by the day from which it holds.
STANDARD_RATES: tuple[tuple[date, Decimal], ...] = (
    (date(1989, 4, 1), Decimal("0.03")),
    (date(1997, 4, 1), Decimal("0.05")),
    (date(2014, 4, 1), Decimal("0.08")),
    (date(2019, 10, 1), Decimal("0.10")),
)


def yen(value: object) -> Decimal:
    """A finite, exact amount from a Decimal, an int or a price list's text ("1,000", "¥8.0").

    Raises BadValue for a float, for NaN and infinity, and for anything that is not a number.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise BadValue("amount in yen", value, "a Decimal, an int or text: never a float")
    text = value.replace(",", "").removeprefix("¥").strip() if isinstance(value, str) else value
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise BadValue("amount in yen", value, "a number such as 8.0 or 1,000") from None
    if not amount.is_finite():
        raise BadValue("amount in yen", value, "a finite number")
    return amount


def plain(amount: Decimal) -> str:
    """The shortest plain decimal: 14.3, 33, 0; never 3.3E+1 and never trailing zeros."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def tax_rate(on: date) -> Decimal:
    """The standard rate in force on a day; BadValue before 1989-04-01, when there was none."""
    found = [rate for since, rate in STANDARD_RATES if since <= on]
    if not found:
        raise BadValue("date for consumption tax", on.isoformat(), f"on or after {STANDARD_RATES[0][0]}")
    return found[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedSum:
    """One line of the tax part of an invoice: everything under one rate, the tax rounded once."""

    rate: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def tax_on(net: Decimal, rate: Decimal) -> Decimal:
    """Tax to add to a sum without tax; a fraction of a yen is dropped (towards zero for a credit)."""
    return _whole(net * rate)


def tax_within(gross: Decimal, rate: Decimal) -> Decimal:
    """Tax contained in a sum with tax; a fraction of a yen is dropped (towards zero for a credit)."""
    return _whole(gross * rate / (1 + rate))


def taxed(lines: Iterable[tuple[Decimal, Decimal]]) -> tuple[TaxedSum, ...]:
    """Sums `(net, rate)` lines by rate, highest rate first, and rounds the tax once for each rate."""
    sums: dict[Decimal, Decimal] = {}
    for net, rate in lines:
        sums[rate] = sums.get(rate, ZERO) + net
    return tuple(
        TaxedSum(rate=rate, net=sums[rate], tax=tax_on(sums[rate], rate)) for rate in sorted(sums, reverse=True)
    )


def _whole(amount: Decimal) -> Decimal:
    floor = abs(amount).quantize(Decimal(1), rounding=ROUND_FLOOR)
    return -floor if amount < 0 and floor else floor
