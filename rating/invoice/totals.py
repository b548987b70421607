"""The sums of an invoice: one for each tax rate, each rounded once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from rating.book import FeeTax
from rating.invoice.item import Item, side_of
from rating.money import ZERO, tax_on, tax_within

ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSum:
    """Everything under one rate. `base` is on the invoice's side of tax, whole yen; `dropped` what that cost.

    For an invoice with inclusive prices `tax` is contained in `base`; otherwise it comes on top. `rate` is zero for
    what is not taxed (不課税).
    """

    rate: Decimal
    base: Decimal
    dropped: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    side: FeeTax
    sums: tuple[RateSum, ...]

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        on_top = sum((one.tax for one in self.sums), ZERO) if self.side is FeeTax.EXCLUDED else ZERO
        return sum((one.base for one in self.sums), ZERO) + on_top

    @property
    def tax(self) -> Decimal:
        return sum((one.tax for one in self.sums), ZERO)


def totals(items: tuple[Item, ...], side: FeeTax | None = None) -> Totals:
    """Sums the exact amounts of each rate, drops the fraction of a yen of that sum, and takes the tax from it.

    Never line by line: a qualified invoice rounds the tax once for each rate. Towards zero for a sum that is owed
    to the member. Highest rate first, untaxed last.
    """
    side = side or side_of(items)
    sums: dict[Decimal, Decimal] = {}
    for item in items:
        sums[item.rate] = sums.get(item.rate, ZERO) + item.amount_on(side)
    return Totals(side=side, sums=tuple(_sum(rate, sums[rate], side) for rate in sorted(sums, reverse=True)))


def _sum(rate: Decimal, exact: Decimal, side: FeeTax) -> RateSum:
    base = exact.quantize(ONE, rounding=ROUND_DOWN) + 0  # + 0: no negative zero on paper
    tax = ZERO
    if rate:
        tax = tax_within(base, rate) if side is FeeTax.INCLUDED else tax_on(base, rate)
    return RateSum(rate=rate, base=base, dropped=exact - base, tax=tax)


def difference(after: Totals, before: Totals) -> Totals:
    """What a correction adds, so that both papers together round as one would have."""
    if after.side is not before.side:
        raise ValueError(f"totals on different sides of tax: {after.side} and {before.side}")
    new, old = _by_rate(after), _by_rate(before)
    nothing = RateSum(rate=ZERO, base=ZERO, dropped=ZERO, tax=ZERO)
    sums = []
    for rate in sorted(new.keys() | old.keys(), reverse=True):
        one, other = new.get(rate, nothing), old.get(rate, nothing)
        sums.append(
            RateSum(
                rate=rate,
                base=one.base - other.base,
                dropped=one.dropped - other.dropped,
                tax=one.tax - other.tax,
            )
        )
    return Totals(side=after.side, sums=tuple(sums))


def _by_rate(totals: Totals) -> Mapping[Decimal, RateSum]:
    return {one.rate: one for one in totals.sums}
