"""A month's calls as lines of an invoice: one for each line and price row, then the included amount."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rating.book import FeeTax
from rating.books_in_force import Books
from rating.charge import TOKYO, Charge
from rating.included import Due, use_included
from rating.invoice.account import BilledLine
from rating.invoice.item import Item, Section
from rating.invoice.months import last_day
from rating.invoice.recurring import book_on
from rating.money import ZERO, Tax, tax_rate

_SIDES = {Tax.INCLUDED: FeeTax.INCLUDED, Tax.EXCLUDED: FeeTax.EXCLUDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledCall:
    """A charged call as an invoice sees it. `answered` in seconds."""

    call_id: str
    line_id: int
    number: str
    answered_at: datetime
    answered: Decimal
    charge: Charge


def usage(month: date, lines: Iterable[BilledLine], calls: Iterable[BilledCall], books: Books) -> list[Item]:
    """Calls answered in `month`. Free rows are shown too, so that the calls add up; order of `calls` is no matter."""
    by_line: dict[int, list[BilledCall]] = {}
    for call in calls:
        by_line.setdefault(call.line_id, []).append(call)
    known = {line.id: line for line in lines}
    found: list[Item] = []
    for line_id in sorted(by_line):
        mine = sorted(by_line[line_id], key=lambda call: (call.answered_at, call.call_id))
        found += _by_row(month, mine, books)
        if line_id in known:
            found += _included(month, known[line_id], mine, books)
    return found


def _by_row(month: date, calls: list[BilledCall], books: Books) -> list[Item]:
    groups: dict[str, list[BilledCall]] = {}
    for call in calls:
        charge = call.charge
        key = f"usage:{call.line_id}:{month:%Y-%m}:{charge.book}:{charge.effective}:{charge.row}:{_rate(call)}"
        groups.setdefault(key, []).append(call)
    return [
        Item(
            section=Section.USAGE,
            key=key,
            text=f"通話料 {row_name(books, group[0].charge)}",
            since=month,
            until=last_day(month),
            quantity=Decimal(len(group)),
            unit="通話",
            amount=sum((call.charge.amount for call in group), ZERO),
            tax=_SIDES[group[0].charge.tax],
            rate=_rate(group[0]),
            line_id=group[0].line_id,
            number=group[0].number,
        )
        for key, group in sorted(groups.items())
    ]


def row_name(books: Books, charge: Charge) -> str:
    """As the price list names it; the row's id when that version of the book is no longer at hand."""
    if charge.book in books.ids():
        for book in books.versions(charge.book):
            if book.effective == charge.effective:
                return next((row.name for row in book.rows if row.id == charge.row), charge.row)
    return charge.row


def allowance(line: BilledLine, month: date, books: Books) -> dict[Tax, Decimal]:
    """Yen of calls that the line's monthly fees contain in a month, by side of tax."""
    found: dict[Tax, Decimal] = {}
    in_service = line.first_month <= month and (line.last_month is None or month <= line.last_month)
    if not in_service:
        return found
    plans = {(line.book, line.plan)}
    plans |= {(one.book, one.fee.removeprefix("monthly.")) for one in line.subscriptions if one.holds(month)}
    for book_id, plan in plans:
        book = book_on(books, book_id, month)
        if amount := book.included.get(plan):
            found[book.tax] = found.get(book.tax, ZERO) + amount
    return found


def _included(month: date, line: BilledLine, calls: list[BilledCall], books: Books) -> list[Item]:
    """Used in call order, and taken from the calls of its own side of tax only; what is left lapses."""
    found = []
    for side, amount in allowance(line, month, books).items():
        mine = [call for call in calls if call.charge.tax is side]
        dues = [Due(call_id=one.call_id, answered_at=one.answered_at, amount=one.charge.amount) for one in mine]
        rates = {call.call_id: _rate(call) for call in mine}
        used: dict[Decimal, Decimal] = {}
        for one in use_included(amount, dues):
            used[rates[one.call_id]] = used.get(rates[one.call_id], ZERO) + one.covered
        found += [
            Item(
                section=Section.USAGE,
                key=f"included:{line.id}:{month:%Y-%m}:{side}:{rate}",
                text="基本料金に含まれる通話料",
                since=month,
                until=last_day(month),
                quantity=Decimal(1),
                unit="式",
                amount=-covered,
                tax=_SIDES[side],
                rate=rate,
                line_id=line.id,
                number=line.number,
            )
            for rate, covered in used.items()
            if covered
        ]
    return found


def _rate(call: BilledCall) -> Decimal:
    return tax_rate(call.answered_at.astimezone(TOKYO).date())
