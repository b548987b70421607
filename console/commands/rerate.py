"""`denwaban rerate`: what a month would have cost under another price book. Nothing is changed."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console

from console.commands.prices import Own
from console.desk import Json, at_desk
from console.months import month_columns, wanted_month
from console.pricing import books_at
from console.show import answer, table
from rating.columnar.rerate import Moved
from rating.columnar.rerate import rerate as moved
from rating.money import Tax, plain


def rerate(
    ctx: typer.Context,
    book: Annotated[str, typer.Option(help="Id of a price book (denwaban prices list).")],
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="In Japan; else the present month.")] = None,
    books: Own = None,
    json: Json = False,
) -> None:
    """Compare a month's charges with what another price book would have charged; a dry run."""
    desk = at_desk(ctx)
    opened = books_at(desk, books)
    wanted = wanted_month(desk, month)
    with (
        desk.reading() as conn,
        month_columns(desk, conn, wanted, opened.versions(book)) as found,
    ):
        rows = moved(found, opened, book)
    before, after = _sums(rows, new=False), _sums(rows, new=True)

    def people(console: Console) -> None:
        heads = ("row", "tax", "new row", "tax", "calls", "yen", "new yen", "more")
        console.print(table(heads, (_cells(row) for row in rows)))
        for name, sums in (("charged", before), (f"by {book}", after)):
            for tax, amount in sums.items():
                console.print(f"{name}: {plain(amount)} yen, tax {tax}", soft_wrap=True)

    data = {"month": f"{wanted:%Y-%m}", "book": book, "before": before, "after": after}
    answer(desk, data | {"rows": [asdict(row) for row in rows]}, people)


def _cells(row: Moved) -> tuple[object, ...]:
    # Yen with tax and yen without are not compared.
    more = row.after - row.before if row.tax == row.new_tax else None
    return (row.row, row.tax, row.new_row, row.new_tax, row.calls, row.before, row.after, more)


def _sums(rows: tuple[Moved, ...], *, new: bool) -> dict[str, Any]:
    sums: dict[str, Decimal] = {}
    for row in rows:
        tax: Tax | None = row.new_tax if new else row.tax
        if tax is not None:
            sums[tax.value] = sums.get(tax.value, Decimal(0)) + (row.after if new else row.before)
    return sums
