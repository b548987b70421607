"""One line of an invoice."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rating.book import FeeTax
from rating.money import ZERO


class Section(StrEnum):
    """In the order in which an invoice has them."""

    BASIC = "basic"  # 基本料金: in advance, and returned for months after the end
    USAGE = "usage"  # 通話料金: in arrears, and the included amount
    ONE_OFF = "one-off"  # 一時費用: initial fees, changes, visits, works, damages, early termination
    SURCHARGE = "surcharge"  # 割増金
    CREDIT = "credit"  # 減額: outages
    INTEREST = "interest"  # 延滞利息


SECTIONS = tuple(Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`amount` is in yen on the side of tax that `tax` tells, exact; negative for what the member gets back.

    `since` to `until` is the time the line is about (one day: the same twice). `rate` is the tax rate, zero where
    no tax is due. `key` names what is charged (`basic:7:monthly.in-out:2026-08`): it is how a later month knows
    what has been billed, and how a correction finds what it corrects.
    """

    section: Section
    key: str
    text: str
    since: date
    until: date
    quantity: Decimal
    unit: str
    amount: Decimal
    tax: FeeTax
    rate: Decimal
    line_id: int | None = None
    number: str = ""

    def amount_on(self, side: FeeTax) -> Decimal:
        """The amount with or without tax. Adding tax is exact; an inclusive amount cannot be asked for without."""
        if self.tax is side or self.tax is FeeTax.NONE:
            return self.amount
        if side is not FeeTax.INCLUDED:
            raise ValueError(f"item {self.key}: its price includes tax, expected one without on this invoice")
        return self.amount * (1 + self.rate)


def side_of(items: tuple[Item, ...]) -> FeeTax:
    """With tax as soon as one price includes it: one invoice states all its sums on one side.

    This way round because adding the tax to a price is exact, and taking it out of one is not.
    """
    return FeeTax.INCLUDED if any(item.tax is FeeTax.INCLUDED for item in items) else FeeTax.EXCLUDED


def total_of(items: tuple[Item, ...], side: FeeTax) -> Decimal:
    return sum((item.amount_on(side) for item in items), ZERO)


def in_order(items: list[Item]) -> tuple[Item, ...]:
    """By section, then line; within a line as they came, so that an included amount follows the calls it pays."""
    return tuple(sorted(items, key=lambda item: (SECTIONS.index(item.section), item.line_id or 0)))
