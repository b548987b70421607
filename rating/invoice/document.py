"""An invoice as it was issued: all that stands on the paper, and nothing that would have to be looked up again."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rating.book import FeeTax
from rating.invoice.item import Item, Section, total_of
from rating.invoice.totals import Totals
from rating.money import ZERO


class Kind(StrEnum):
    MONTHLY = "monthly"
    FIRST = "first"  # 初回請求書: before the service starts
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who sends the invoice. `registration` is the qualified-invoice number: T and 13 digits."""

    name: str
    registration: str
    address: str = ""
    phone: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """`month` is the month of the usage; for a first bill and a correction the one they belong to.

    A correction has only what differs, its sums are the difference, and `corrects` is the number it corrects.
    """

    number: str
    kind: Kind
    member_id: int
    addressee: str
    month: date
    issued_on: date
    due_on: date
    issuer: Issuer
    items: tuple[Item, ...]
    totals: Totals
    corrects: str | None = None
    reason: str = ""

    @property
    def side(self) -> FeeTax:
        return self.totals.side

    @property
    def total(self) -> Decimal:
        return self.totals.total

    @property
    def principal(self) -> Decimal:
        """What late interest is due on: the total without interest itself."""
        return self.total - sum((item.amount for item in self.items if item.section is Section.INTEREST), ZERO)

    @property
    def exact(self) -> Decimal:
        """The sum of the lines before anything is rounded or added."""
        return total_of(self.items, self.side)


def monthly_number(month: date, member_id: int) -> str:
    """The same for the same month and member, whenever and wherever it is made."""
    return f"{month:%Y%m}-{member_id:05d}"


def first_number(month: date, member_id: int, line_id: int) -> str:
    return f"{monthly_number(month, member_id)}-F{line_id}"


def correction_number(number: str, count: int) -> str:
    return f"{number}-C{count}"
