"""What a call would cost, asked in the words of somebody at a keyboard."""

from datetime import datetime
from decimal import Decimal

from rating.books_in_force import Books
from rating.charge import Charge, rate
from rating.party import party
from rating.usage import Party, Plan, Service, Usage


def quote(
    books: Books,
    book: str,
    to: str,
    *,
    at: datetime,
    answered: Decimal | None,
    caller: str | None = None,
    service: Service = Service.OUT,
    plan: Plan | None = None,
    caller_kind: str | None = None,
    to_kind: str | None = None,
    group: str = "",
    variant: str = "",
    month_seconds: Decimal = Decimal(0),
) -> Charge:
    """Charges one call under the version of `book` in force at `at`; numbers as dialled or in E.164.

    `caller_kind`/`to_kind` override what the number says (`handset`, `payphone`, `group`). `group` (1-B) is that of
    the end that sets the price and overrides the book's number blocks. Raises NoPrice and BadValue.
    """
    inbound = service is Service.FREEPHONE
    usage = Usage(
        service=service,
        plan=plan,
        caller=_end(caller, caller_kind, group if inbound else ""),
        to=_end(to, to_kind, "" if inbound else group) or party(to),
        at=at,
        answered=answered,
        variant=variant,
        month_seconds=month_seconds,
    )
    return rate(books.in_force(book, at), usage)


def _end(text: str | None, kind: str | None, group: str) -> Party | None:
    if not text:
        return Party(kind, "", group) if kind else None
    known = party(text)
    return Party(kind or known.kind, known.digits, group)
