"""A month of the ledger as CSV, made by the database itself: a call is never a Python object on its way to columns.

A call belongs to the month in Japan of the moment that picks its price: of its answer, else of its start.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from rating.columnar.calls import Columns
from rating.tables import ended_calls

_ROWS = 200_000
_BYTES = 24_000_000
_LONGEST_RINGING = timedelta(days=1)
"""How long before its month an answered call may have begun: `started_at` has the index."""

_FROM = """
FROM ended_calls AS e LEFT JOIN charges AS c ON c.call_id = e.call_id
"""
# The driver hands over one text for each call; DuckDB's own reader of SQLite files is no part of its package.
# One printf: %s of NULL is empty, %w doubles quotes, and a chain of || would copy the line at each of its ends.
_SQLITE = f"""
SELECT printf('%d,%s,%s,"%w",%s,"%w",%s,"%w",%s,%s,%s,%s,%s,%s,%d',
    e.line_id, e.service, e."plan", e.from_number, e.from_kind, e.to_number, e.to_kind, e.variant,
    coalesce(e.answered_at, e.started_at), e.answered, c.amount, c.units, c."row", c.tax, e.unrated IS NOT NULL)
{_FROM}
WHERE e.started_at >= ? AND e.started_at < ?
    AND coalesce(e.answered_at, e.started_at) >= ? AND coalesce(e.answered_at, e.started_at) < ?
"""
_POSTGRES = f"""
COPY (
    SELECT e.line_id, e.service, e.plan, e.from_number, e.from_kind, e.to_number, e.to_kind, e.variant,
        to_char(coalesce(e.answered_at, e.started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.answered,
        c.amount, c.units, c.row, c.tax, e.unrated IS NOT NULL
    {_FROM}
    WHERE e.started_at >= %s AND e.started_at < %s
        AND coalesce(e.answered_at, e.started_at) >= %s AND coalesce(e.answered_at, e.started_at) < %s
) TO STDOUT (FORMAT csv)
"""

Step = Callable[[int, int, str], None]


def load(conn: Connection, columns: Columns, since: datetime, until: datetime, step: Step | None = None) -> None:
    """Adds the calls of [since, until) to the columns; reading and taking in go on side by side.

    `step` is told how many calls are read, and of how many.
    """
    total = _count(conn, since, until) if step is not None else 0
    read = 0
    with ThreadPoolExecutor(1, thread_name_prefix="columns") as taking:
        last: Future[None] | None = None
        for csv in month_csv(conn, since, until):
            if last is not None:
                last.result()
            last = taking.submit(columns.take, csv)
            read += csv.count(b"\n")
            if step is not None:
                step(min(read, total), total, "")
        if last is not None:
            last.result()


def month_csv(conn: Connection, since: datetime, until: datetime) -> Iterator[bytes]:
    """Lines of CSV with the FIELDS of rating.columnar.calls, some megabytes at a time; a transaction should be open
    around it, so that they are of one moment.
    """
    return _sqlite(conn, since, until) if conn.dialect.name == "sqlite" else _postgres(conn, since, until)


def _count(conn: Connection, since: datetime, until: datetime) -> int:
    begun = ended_calls.c.started_at
    return conn.scalar(select(func.count()).where(begun >= since, begun < until)) or 0


def _sqlite(conn: Connection, since: datetime, until: datetime) -> Iterator[bytes]:
    # As SQLAlchemy writes moments there.
    moments = [f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" for at in (since - _LONGEST_RINGING, until, since, until)]
    cursor = conn.connection.cursor()
    try:
        cursor.execute(_SQLITE, moments)
        while lines := cursor.fetchmany(_ROWS):
            yield "".join([line + "\n" for (line,) in lines]).encode()
    finally:
        cursor.close()


def _postgres(conn: Connection, since: datetime, until: datetime) -> Iterator[bytes]:
    cursor = conn.connection.cursor()
    try:
        with cursor.copy(_POSTGRES, (since - _LONGEST_RINGING, until, since, until)) as copy:
            kept = bytearray()
            for piece in copy:
                kept += piece
                if len(kept) > _BYTES and kept.endswith(b"\n"):
                    yield bytes(kept)
                    kept.clear()
        if kept:
            yield bytes(kept)
    finally:
        cursor.close()
