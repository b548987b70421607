"""Calls as columns charged under a price book; equal to rating.charge.rate, without the explanation."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from rating.book import PriceBook, Rate, Row
from rating.charge import rate
from rating.columnar.calls import Columns
from rating.columnar.numbers import Marks
from rating.columnar.prices import MICRO, in_force, length, price, spans, stepped
from rating.columnar.walk import walk
from rating.usage import Party, Plan, Service, Usage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_WALK = 31 * 86_400 * MICRO
"""A call on a banded row that took longer goes to the per-call function: no clock of bands is laid out for it."""

_TABLES = """
CREATE OR REPLACE TABLE rated (
    call BIGINT, shape INTEGER, charged DECIMAL(18, 6), price INTEGER, units BIGINT, amount DECIMAL(38, 6)
);
CREATE OR REPLACE TABLE prices (
    id INTEGER, row VARCHAR, tax VARCHAR, stepped BOOLEAN, tiered BOOLEAN,
    first_us BIGINT, first_yen DECIMAL(18, 6), next_us BIGINT, next_yen DECIMAL(18, 6),
    connection DECIMAL(18, 6), minimum DECIMAL(18, 6), cap DECIMAL(18, 6)
);
CREATE OR REPLACE TABLE spans (
    price INTEGER, since BIGINT, until BIGINT,
    first_us BIGINT, first_yen DECIMAL(18, 6), next_us BIGINT, next_yen DECIMAL(18, 6)
);
"""
_ADD_PRICE = "INSERT INTO prices VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_ADD_SPAN = "INSERT INTO spans VALUES ($1, $2, $3, $4, $5, $6, $7)"
_ADD_RATED = "INSERT INTO rated VALUES ($1, $2, $3, $4, $5, $6)"
_RANGE = """
SELECT min(instant), max(instant + least(answered, $longest)), count(*) FROM calls
WHERE answered >= 0 AND instant >= $since AND instant < $until
"""
_NUMBERS = "SELECT id, kind, digits FROM numbers"
_MARKS = "CREATE OR REPLACE TEMP TABLE marks AS SELECT unnest($ids) AS number, unnest($marks) AS mark"
_ASK = """
SELECT shape, mark, service, plan, near_kind, far_kind, variant
FROM (
    SELECT DISTINCT shape, mark FROM calls JOIN marks ON marks.number = calls.far
    WHERE answered >= 0 AND instant >= $since AND instant < $until
) JOIN shapes ON shapes.id = shape
WHERE service <> 'incoming'
"""
_FOUND = """
CREATE OR REPLACE TEMP TABLE found AS
SELECT unnest($shapes) AS shape, unnest($marks) AS mark, unnest($prices) AS price
"""
_PRICED = """
CREATE OR REPLACE TEMP VIEW priced AS
SELECT calls.rowid AS call, calls.shape, line_id, far, instant, answered, charged, prices.*
FROM calls JOIN marks ON marks.number = calls.far
JOIN found ON found.shape = calls.shape AND found.mark = marks.mark
JOIN prices ON prices.id = found.price
WHERE answered >= 0
"""
# A cap that is NULL bounds nothing: least() leaves it out.
_FLAT = """
INSERT INTO rated
SELECT call, shape, charged, id, 1 + more,
    least(greatest(first_yen + more * next_yen + connection, minimum), cap)
FROM (
    SELECT *, greatest((answered - first_us + next_us - 1) // next_us, 0) AS more
    FROM priced WHERE NOT stepped AND instant >= $since AND instant < $until
)
"""
_ANY_STEPPED = "SELECT count(*) FROM found JOIN prices ON prices.id = found.price WHERE stepped"
_TOO_LONG = """
SELECT call, shape, charged, priced.id, service, plan, near_kind, coalesce(nullif(far_kind, ''), numbers.kind),
    digits, variant, instant, answered
FROM priced JOIN shapes ON shapes.id = shape JOIN numbers ON numbers.id = far
WHERE stepped AND NOT tiered AND answered > $longest AND instant >= $since AND instant < $until
"""


def rate_columns(columns: Columns, versions: Iterable[PriceBook]) -> None:
    """Fills `rated`: for each answered call that some row prices its units and amount, under the version of the book
    in force when it was answered (`versions`: of one book, oldest first). `prices` names the rows.

    A call without a price, or answered for less than no time, is not in it. Tiers count what the calls before, by
    the time of their answer, used on the same line under the same row. Raises BadValue for a book with a price or a
    unit finer than a millionth.
    """
    columns.db.execute(_TABLES)
    for book, since, until in in_force(versions):
        within = {"since": since, "until": until}
        first, last, calls = columns.rows(_RANGE, within | {"longest": _LONGEST_WALK})[0]
        if calls:
            _prepare(columns, book, within, _moment(first), _moment(last))
            columns.db.execute(_FLAT, within)
            if columns.rows(_ANY_STEPPED)[0][0]:
                walk(columns, since, until, _LONGEST_WALK)
                _one_by_one(columns, book, within)


def _prepare(columns: Columns, book: PriceBook, within: dict[str, Any], first: datetime, last: datetime) -> None:
    """Asks the book for the row of each kind of call that occurs, and lays out the rows that were found."""
    marks, known, own = Marks(book), dict[tuple[str, str], int](), list[Party]()
    numbers, marked = [], []
    for number, kind, digits in columns.rows(_NUMBERS):
        key = (kind, marks.of(digits))
        if key not in known:
            known[key] = len(own)
            own.append(Party(*key))
        numbers.append(number)
        marked.append(known[key])
    columns.db.execute(_MARKS, {"ids": numbers, "marks": marked})
    before = columns.rows("SELECT count(*) FROM prices")[0][0]
    ids: dict[str, int] = {}
    found: list[tuple[int, int, int]] = []
    for shape, mark, service, plan, near, given, variant in columns.rows(_ASK, within):
        far = Party(given or own[mark].kind, own[mark].digits)
        row = book.row_for(_usage(service, plan, near, far if far.kind else None, variant))
        if row is None:
            continue
        if row.id not in ids:
            ids[row.id] = before + len(ids)
            _add_price(columns, ids[row.id], row, book, first, last)
        found.append((shape, mark, ids[row.id]))
    shapes, marked, prices = ([cells[index] for cells in found] for index in range(3))
    columns.db.execute(_FOUND, {"shapes": shapes, "marks": marked, "prices": prices})
    columns.db.execute(_PRICED)


def _one_by_one(columns: Columns, book: PriceBook, within: dict[str, Any]) -> None:
    for call, shape, charged, price_id, *found in columns.rows(_TOO_LONG, within | {"longest": _LONGEST_WALK}):
        service, plan, near, kind, digits, variant, at, answered = found
        seconds = Decimal(answered) / MICRO
        charge = rate(book, _usage(service, plan, near, Party(kind, digits), variant, _moment(at), seconds))
        columns.db.execute(_ADD_RATED, [call, shape, charged, price_id, charge.units, charge.amount])


def _usage(
    service: str,
    plan: str,
    near_kind: str,
    far: Party | None,
    variant: str,
    at: datetime = _EPOCH,
    answered: Decimal = Decimal(0),
) -> Usage:
    """A usage that the book treats as it treats the call. Of the near end only the kind counts."""
    near = Party(near_kind, "") if near_kind else None
    inbound = service == Service.FREEPHONE
    to, caller = (near, far) if inbound else (far, near)
    return Usage(
        service=Service(service),
        to=to or Party("invalid", ""),
        caller=caller,
        plan=Plan(plan) if plan else None,
        variant=variant,
        at=at,
        answered=answered,
    )


def _add_price(columns: Columns, number: int, row: Row, book: PriceBook, first: datetime, last: datetime) -> None:
    bounds = (price(row.connection), price(row.minimum), None if row.cap is None else price(row.cap))
    head = [number, row.id, book.tax.value, stepped(row), bool(row.tiers)]
    columns.db.execute(_ADD_PRICE, [*head, *_rate_cells(row.rate), *bounds])
    if stepped(row):
        for span in spans(row, first, last):
            columns.db.execute(_ADD_SPAN, [number, span.since, span.until, *_rate_cells(span.rate)])


def _rate_cells(found: Rate) -> tuple[int, Decimal, int, Decimal]:
    return (
        length(found.first_seconds),
        price(found.first_price),
        length(found.next_seconds),
        price(found.next_price),
    )


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
