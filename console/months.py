"""A month of the ledger's calls as columns, for the commands that look at all of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection

from console import times
from console.desk import Desk
from console.progress import progress
from rating.book import PriceBook
from rating.columnar.calls import Columns, columns
from rating.columnar.month import load
from rating.invoice.months import bounds, month_of


def wanted_month(desk: Desk, text: str | None) -> date:
    """The first day of YYYY-MM, or of the present month in Japan. Raises BadValue."""
    return times.month(text, "--month") if text else month_of(desk.now())


@contextmanager
def month_columns(desk: Desk, conn: Connection, month: date, books: Iterable[PriceBook] = ()) -> Iterator[Columns]:
    """Its calls, read with a progress bar; `books` are those they will be rated under."""
    since, until = bounds(month)
    with columns(books) as found:
        with progress(desk, f"Reading the calls of {month:%Y-%m}") as step:
            load(conn, found, since, until, step)
        yield found
