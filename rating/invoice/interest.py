"""Late interest: 14.5 % a year, leap years counted as 365 days too [001 第40条, 003 第29条]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from rating.book import FeeTax
from rating.invoice.item import Item, Section
from rating.money import ZERO

YEARLY = Decimal("0.145")
YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    id: int
    invoice: str
    paid_on: date
    amount: Decimal


def late_days(due: date, paid: date) -> int:
    """From the day after the due date to the day before payment, both counted: none when paid the day after."""
    return max((paid - due).days - 1, 0)


def interest(principal: Decimal, days: int) -> Decimal:
    """Yen, the fraction dropped."""
    return (principal * YEARLY * days / YEAR).quantize(Decimal(1), rounding=ROUND_DOWN)


def late(invoice: str, principal: Decimal, due: date, payments: Iterable[Payment]) -> list[Item]:
    """A line for each payment that came late.

    `principal` is what was owed without interest, on which no interest is due. A payment pays it off first, in the
    order of the days; what is paid beyond it earns no interest.
    """
    left, found = principal, []
    for payment in sorted(payments, key=lambda one: (one.paid_on, one.id)):
        part = max(min(left, payment.amount), ZERO)
        left -= part
        days = late_days(due, payment.paid_on)
        if amount := interest(part, days):
            found.append(_line(invoice, payment, part, days, amount))
    return found


def _line(invoice: str, payment: Payment, part: Decimal, days: int, amount: Decimal) -> Item:
    return Item(
        section=Section.INTEREST,
        key=f"interest:{payment.id}",
        text=f"延滞利息 請求書{invoice}（{part:,}円×年14.5%×{days}日）",
        since=payment.paid_on,
        until=payment.paid_on,
        quantity=Decimal(days),
        unit="日",
        amount=amount,
        tax=FeeTax.NONE,
        rate=ZERO,
    )
