"""通話明細: every call that an invoice bills, for those who ask for it. A withheld caller is never shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dialplan.errors import BadValue
from dialplan.numbers import shown
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice.calls import ChargedCall, answered_at
from rating.invoice.item import Item, Section
from rating.invoice.usage import row_name
from rating.money import ZERO, plain
from rating.usage import Service

WITHHELD = "非通知"
UNKNOWN = "表示圏外"
SERVICES = {
    Service.FORWARD: "着信転送",
    Service.OUT: "発信",
    Service.SETTINGS: "設定",
    Service.FREEPHONE: "着信課金",
    Service.INCOMING: "着信",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """`at` in Japan; `answered` in seconds; `amount` on the side of tax of its price book, exact."""

    number: str
    at: datetime
    service: str
    caller: str
    called: str
    answered: Decimal
    row: str
    amount: Decimal


def itemise(calls: Iterable[ChargedCall], books: Books) -> tuple[CallLine, ...]:
    """In the order of line and time."""
    found = [_line(one, books) for one in calls]
    return tuple(sorted(found, key=lambda line: (line.number, line.at)))


def check_agrees(number: str, month: date, billed: Iterable[Item], lines: Iterable[CallLine]) -> None:
    """Raises BadValue unless the calls add up to what the invoice and its corrections bill for calls."""
    calls = (item for item in billed if item.section is Section.USAGE and not item.key.startswith("included:"))
    said = sum((item.amount for item in calls), ZERO)
    summed = sum((line.amount for line in lines), ZERO)
    if said != summed:
        raise BadValue(
            f"calls of {month:%Y-%m} for invoice {number}",
            f"{plain(summed)} yen",
            f"{plain(said)} yen as billed: `denwaban invoice correct {number}` first",
        )


def _line(one: ChargedCall, books: Books) -> CallLine:
    call = one.call
    return CallLine(
        number=shown(call.leased_number),
        at=answered_at(call).astimezone(TOKYO),
        service=SERVICES[call.service],
        caller=WITHHELD if call.withheld else shown(call.from_number) if call.from_number else UNKNOWN,
        called=shown(call.to_number),
        answered=call.answered or ZERO,
        row=row_name(books, one.charge),
        amount=one.charge.amount,
    )
