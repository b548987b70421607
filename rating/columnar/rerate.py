"""What a month would have cost under another book, row beside row. Nothing is stored."""

from dataclasses import dataclass
from decimal import Decimal

from rating.books_in_force import Books
from rating.columnar.calls import Columns
from rating.columnar.rate import rate_columns
from rating.money import Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The calls that one row of the ledger priced and one row of the other book prices; None for unpriced.

    `before` and `after` are yen on the side of tax that the names beside them tell: not to be added up across them.
    """

    row: str | None
    tax: Tax | None
    new_row: str | None
    new_tax: Tax | None
    calls: int
    before: Decimal
    after: Decimal


_MOVED = """
WITH was AS (
    SELECT shape, count(*) AS calls, coalesce(sum(charged), 0) AS before
    FROM calls WHERE answered IS NOT NULL GROUP BY shape
), becomes AS (
    SELECT shape, price, count(*) AS calls, coalesce(sum(charged), 0) AS before, sum(amount) AS after
    FROM rated GROUP BY shape, price
), priced AS (
    SELECT shape, sum(calls) AS calls, sum(before) AS before FROM becomes GROUP BY shape
), beside AS (
    SELECT shape, row, tax, calls, before, after FROM becomes JOIN prices ON prices.id = price
    UNION ALL
    SELECT was.shape, NULL, NULL, was.calls - coalesce(priced.calls, 0), was.before - coalesce(priced.before, 0), 0
    FROM was LEFT JOIN priced ON priced.shape = was.shape WHERE was.calls > coalesce(priced.calls, 0)
)
SELECT nullif(charged_row, ''), nullif(charged_tax, ''), row, tax, sum(calls)::BIGINT, sum(before), sum(after)
FROM beside JOIN shapes ON shapes.id = beside.shape
WHERE service <> 'incoming'
GROUP BY ALL
ORDER BY 1 NULLS LAST, 3 NULLS LAST, 2, 4
"""


def rerate(columns: Columns, books: Books, book: str) -> tuple[Moved, ...]:
    """Each answered call of the columns, as the ledger charged it and as `book` would. Raises NoPrice for an unknown
    book; the columns must have been opened for its versions.
    """
    rate_columns(columns, books.versions(book))
    return tuple(
        Moved(
            row=row,
            tax=Tax(tax) if tax else None,
            new_row=new_row,
            new_tax=Tax(new_tax) if new_tax else None,
            calls=calls,
            before=Decimal(before),
            after=Decimal(after),
        )
        for row, tax, new_row, new_tax, calls, before, after in columns.rows(_MOVED)
    )
