"""What an invoice has to know of a member: plain values, gathered by whoever may ask for members."""

from dataclasses import dataclass
from datetime import date, datetime

from rating.invoice.months import month_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A monthly fee besides the basic one: an option, an additional number, a rented device, another plan.

    `fee` is the id of a fee of kind monthly in `book`. From the month `since` to the month `until`, both included.
    """

    id: int
    line_id: int
    book: str
    fee: str
    quantity: int
    since: date
    until: date | None = None

    def holds(self, month: date) -> bool:
        return self.since <= month and (self.until is None or month <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """`plan` picks the basic fee `monthly.<plan>` and the initial fee `initial.<plan>` of `book`.

    Months before `billed_from` were billed elsewhere; so was the initial fee of a line that started before it.
    """

    id: int
    number: str
    plan: str
    book: str
    starts_at: datetime
    ends_at: datetime | None = None
    subscriptions: tuple[Subscription, ...] = ()
    billed_from: date | None = None

    @property
    def first_month(self) -> date:
        """Paid whole, however late in it the service starts [000: no proration]."""
        return month_of(self.starts_at)

    @property
    def last_month(self) -> date | None:
        return None if self.ends_at is None else month_of(self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`months_ahead`: the fee of which month falls due at the end of a month, counted from it.

    2 for a rental office (翌々月分) [000 第6条2]; for the others the terms refer to usage rules that are not at hand,
    taken here as 1.
    """

    member_id: int
    name: str
    months_ahead: int
    lines: tuple[BilledLine, ...] = ()
