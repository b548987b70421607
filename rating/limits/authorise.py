"""May this call go out, and for how long: one transaction, so that no two calls are promised the same yen."""

from datetime import datetime

from sqlalchemy import Connection

from dialplan.numbers import NumberClass
from rating.book import Row
from rating.books_in_force import Books
from rating.charge import NoPrice, no_price
from rating.limits import holds, spending
from rating.limits.decide import RING, decide, refused_unpriced
from rating.limits.limits import AuthRequest, Denied, Grant, Limits, Reason
from rating.limits.overrides import limits_of
from rating.money import ZERO
from rating.usage import Usage


def authorise(conn: Connection, request: AuthRequest, defaults: Limits, books: Books, book: str) -> Grant | Denied:
    """Sets aside, in the caller's write transaction, what the call may come to under the book `book`.

    The grant holds once that transaction is committed. The same call asking again is told the same. Emergency calls
    are granted without a look at anything. Nothing is stored for a call that is denied.

    Raises BadValue for a call that was authorised for another line, and what the database raises: whoever asks must
    then refuse the call. On PostgreSQL it waits for another transaction that authorises a call of the same line.
    """
    usage = request.usage
    if usage.to.kind == NumberClass.EMERGENCY:
        return Grant(milliseconds=None, held=ZERO)
    before = spending.lock(conn, request.line_id)
    answer = holds.known(conn, request)
    if answer is not None:
        return answer
    limits = limits_of(conn, request.line_id, defaults)
    running = holds.running(conn, request.line_id, usage.at)
    denied = refused_unpriced(request, limits, running)
    if denied is not None:
        return denied
    try:
        rows = _rows(books, book, usage)
    except NoPrice as error:
        return Denied(reason=Reason.NO_PRICE, found=str(error), expected="a price")
    spent = spending.spent(conn, request.line_id, limits, usage.at, before)
    answer = decide(request, limits, rows, spent, running)
    if isinstance(answer, Grant):
        holds.purge(conn, request.line_id, usage.at)
        holds.hold(conn, request, answer)
    return answer


def _rows(books: Books, book: str, usage: Usage) -> tuple[Row, ...]:
    """Two where another version holds by the time the call must be answered."""
    moments: tuple[datetime, ...] = (usage.at, usage.at + RING)
    versions = {found.effective: found for found in (books.in_force(book, at) for at in moments)}
    rows = []
    for version in versions.values():
        row = version.row_for(usage)
        if row is None:
            raise NoPrice(no_price(version, usage))
        rows.append(row)
    return tuple(rows)
