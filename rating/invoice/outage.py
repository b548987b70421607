"""Credit for a line that could not be used at all: whole spans of 24 hours [001 第44条, 003 第24条3, 第35条]."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice.account import BilledLine
from rating.invoice.item import Item, Section
from rating.invoice.months import days_in, month_of
from rating.invoice.recurring import monthly_fees, rate_of
from rating.money import ZERO

SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """From the moment the operator knew of it until the line could be used again."""

    id: int
    line_id: int
    known_at: datetime
    restored_at: datetime


def check_outage(known_at: datetime, restored_at: datetime) -> None:
    if restored_at <= known_at:
        raise BadValue("end of the outage", restored_at.isoformat(), f"a time after {known_at.isoformat()}")


def spans(outage: Outage) -> Counter[date]:
    """Whole 24-hour spans, each counted for the month in Japan in which it begins."""
    count = (outage.restored_at - outage.known_at) // SPAN
    return Counter(month_of(outage.known_at + SPAN * number) for number in range(count))


def outage_credits(outage: Outage, line: BilledLine, books: Books) -> list[Item]:
    """One line of an invoice for each month and side of tax: spans x monthly fee / days of the month.

    The fraction of a yen is dropped, as everywhere on the invoice. Nothing for an outage under 24 hours.
    """
    found = []
    for month, count in sorted(spans(outage).items()):
        fees: dict[FeeTax, Decimal] = {}
        for fee, quantity in monthly_fees(line, month, books):
            fees[fee.tax] = fees.get(fee.tax, ZERO) + (fee.amount or ZERO) * quantity
        for tax, fee_sum in fees.items():
            amount = (fee_sum * count / days_in(month)).quantize(Decimal(1), rounding=ROUND_DOWN)
            if amount:
                found.append(_credit(outage, line, month, count, tax, amount))
    return found


def _credit(outage: Outage, line: BilledLine, month: date, count: int, tax: FeeTax, amount: Decimal) -> Item:
    return Item(
        section=Section.CREDIT,
        key=f"outage:{outage.id}:{month:%Y-%m}:{tax}",
        text=f"利用不能による減額（{month.month}月 24時間×{count}）",
        since=outage.known_at.astimezone(TOKYO).date(),
        until=outage.restored_at.astimezone(TOKYO).date(),
        quantity=Decimal(count),
        unit="日",
        amount=-amount,
        tax=tax,
        rate=rate_of(tax, month),
        line_id=line.id,
        number=line.number,
    )
