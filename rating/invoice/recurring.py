"""Monthly fees in advance, the first bill, and what goes back when a line ends sooner than it was billed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from dialplan.errors import BadValue
from rating.book import Fee, FeeTax, PriceBook
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice.account import Account, BilledLine
from rating.invoice.item import Item, Section
from rating.invoice.months import last_day, months, plus
from rating.money import ZERO, tax_rate

FIRST_BILL_MONTHS = 2  # 初期設定費用および原則2か月分 [000 第6条1]
ONE = Decimal(1)
Billed = Mapping[str, Item]
"""By key, the item as it was billed; keys given back since are not in it."""


def book_on(books: Books, book_id: str, day: date) -> PriceBook:
    return books.in_force(book_id, datetime.combine(day, time(), TOKYO))


def recurring(account: Account, month: date, books: Books, billed: Billed) -> list[Item]:
    """Initial and monthly fees that the invoice of `month` (due at the end of the next one) has to carry.

    A line's first bill is its initial fee and two months. Later ones carry every month up to the one that falls due
    with them and has not been billed. What was billed for months after the end of the line, or of the subscription,
    is returned whole.
    Raises BadValue for a line without any monthly fee, and for an unknown fee.
    """
    found: list[Item] = []
    through = plus(month, 1 + account.months_ahead)
    for line in account.lines:
        found += _line(line, through, books, billed)
        found += _returned(line, books, billed)
    return found


def first_bill(line: BilledLine, books: Books, billed: Billed) -> list[Item]:
    """The initial fee and the first two months, for a bill that is paid before the service starts."""
    return _line(line, plus(line.first_month, FIRST_BILL_MONTHS - 1), books, billed)


def monthly_fees(line: BilledLine, month: date, books: Books) -> list[tuple[Fee, int]]:
    """What a line costs in a month it is in service: (fee, quantity). Empty outside of its months."""
    if month < line.first_month or (line.last_month is not None and month > line.last_month):
        return []
    own = book_on(books, line.book, month)
    basic = next((fee for fee in own.fees if fee.id == f"monthly.{line.plan}" and fee.kind == "monthly"), None)
    found = [(basic, 1)] if basic is not None else []
    holding = (one for one in line.subscriptions if one.holds(month))
    return [*found, *((monthly_fee(book_on(books, one.book, month), one.fee), one.quantity) for one in holding)]


def monthly_fee(book: PriceBook, fee_id: str) -> Fee:
    """Raises BadValue for a fee that the book does not have, or that is not a fixed sum a month."""
    fee = next((fee for fee in book.fees if fee.id == fee_id), None)
    if fee is None or fee.kind != "monthly" or fee.amount is None:
        raise BadValue("monthly fee", fee_id, f"the id of a fee of kind monthly in {book.id} {book.effective}")
    return fee


def _line(line: BilledLine, through: date, books: Books, billed: Billed) -> list[Item]:
    first = line.first_month
    if through < first:
        return []
    items: list[Item] = []
    elsewhere = line.billed_from is not None and first < line.billed_from
    begun = elsewhere or any(key.startswith((f"basic:{line.id}:", f"initial:{line.id}")) for key in billed)
    if not begun:
        through = min(through, plus(first, FIRST_BILL_MONTHS - 1))
        items += _initial(line, books)
    for month in months(max(first, line.billed_from or first), through):
        fees = monthly_fees(line, month, books)
        if not fees and (line.last_month is None or month <= line.last_month):
            expected = f"a fee monthly.{line.plan} in price book {line.book}, or a subscription"
            raise BadValue(f"monthly fee of line {line.id} for {month:%Y-%m}", None, expected)
        for fee, quantity in fees:
            item = _monthly(line, fee, quantity, month)
            if item.key not in billed and item.amount:
                items.append(item)
    return items


def _initial(line: BilledLine, books: Books) -> list[Item]:
    day = line.starts_at.astimezone(TOKYO).date()
    book = book_on(books, line.book, day)
    fee = next((fee for fee in book.fees if fee.id == f"initial.{line.plan}"), None)
    if fee is None:
        return []
    return [
        Item(
            section=Section.ONE_OFF,
            key=f"initial:{line.id}",
            text=fee.name,
            since=day,
            until=day,
            quantity=ONE,
            unit=fee.unit,
            amount=fee.amount or ZERO,
            tax=fee.tax,
            rate=rate_of(fee.tax, day),
            line_id=line.id,
            number=line.number,
        )
    ]


def _monthly(line: BilledLine, fee: Fee, quantity: int, month: date) -> Item:
    return Item(
        section=Section.BASIC,
        key=f"basic:{line.id}:{fee.id}:{month:%Y-%m}",
        text=fee.name,
        since=month,
        until=last_day(month),
        quantity=Decimal(quantity),
        unit=fee.unit,
        amount=(fee.amount or ZERO) * quantity,
        tax=fee.tax,
        rate=rate_of(fee.tax, month),
        line_id=line.id,
        number=line.number,
    )


def _returned(line: BilledLine, books: Books, billed: Billed) -> list[Item]:
    mine = [item for key, item in billed.items() if key.startswith(f"basic:{line.id}:")]
    return [
        replace(item, text=f"{item.text} 解約後分の返金", amount=-item.amount, quantity=-item.quantity)
        for item in sorted(mine, key=lambda item: (item.since, item.key))
        if item.key not in _due_keys(line, item.since, books)
    ]


def _due_keys(line: BilledLine, month: date, books: Books) -> set[str]:
    return {_monthly(line, fee, quantity, month).key for fee, quantity in monthly_fees(line, month, books)}


def rate_of(tax: FeeTax, day: date) -> Decimal:
    """The rate in force on a day; zero where no tax is due."""
    return ZERO if tax is FeeTax.NONE else tax_rate(day)
