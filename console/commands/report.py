"""`denwaban report`: a month's revenue and usage."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from console.desk import Json, at_desk
from console.months import month_columns, wanted_month
from console.show import answer, table
from dialplan.numbers import shown
from rating.columnar.reports import By, Key, revenue, usage
from subscribers.records.find import list_lines

app = typer.Typer(no_args_is_help=True, help="A month's revenue and usage, as the calls were charged.")

Month = Annotated[str | None, typer.Option(metavar="YYYY-MM", help="In Japan; else the present month.")]
Wanted = Annotated[By | None, typer.Option("--by", help="One line for each; else the sum.")]


@app.command("revenue")
def revenue_(ctx: typer.Context, by: Wanted = None, month: Month = None, json: Json = False) -> None:
    """What the calls of a month were charged: exact, before included amounts, each side of tax by itself."""
    desk = at_desk(ctx)
    wanted = wanted_month(desk, month)
    with desk.reading() as conn, month_columns(desk, conn, wanted) as found:
        lines = _numbers(conn) if by is By.LINE else {}
        rows = [
            _key(one.key, by, lines) | {"tax": one.tax.value, "calls": one.calls, "amount": one.amount}
            for one in revenue(found, by)
        ]
    answer(
        desk,
        {"month": f"{wanted:%Y-%m}", "by": by, "revenue": rows},
        lambda console: console.print(
            table((*_columns(by), "tax", "calls", "yen"), ([*row.values()] for row in rows))
        ),
    )


@app.command("usage")
def usage_(ctx: typer.Context, by: Wanted = None, month: Month = None, json: Json = False) -> None:
    """How many calls there were in a month, and for how long; unanswered and incoming ones too."""
    desk = at_desk(ctx)
    wanted = wanted_month(desk, month)
    with desk.reading() as conn, month_columns(desk, conn, wanted) as found:
        lines = _numbers(conn) if by is By.LINE else {}
        rows = [
            _key(one.key, by, lines)
            | {
                "calls": one.calls,
                "answered": one.answered,
                "seconds": one.seconds,
                "units": one.units,
                "unrated": one.unrated,
            }
            for one in usage(found, by)
        ]
    heads = (*_columns(by), "calls", "answered", "seconds", "units", "unrated")
    answer(
        desk,
        {"month": f"{wanted:%Y-%m}", "by": by, "usage": rows},
        lambda console: console.print(table(heads, ([*row.values()] for row in rows))),
    )


def _columns(by: By | None) -> tuple[str, ...]:
    match by:
        case None:
            return ()
        case By.LINE:
            return ("line", "number")
        case By.DESTINATION:
            return ("destination", "row")
        case _:
            return (by.value,)


def _key(key: Key, by: By | None, lines: Mapping[int, str]) -> dict[str, Any]:
    values: dict[By | None, tuple[Any, ...]] = {
        None: (),
        By.LINE: (key.line_id, lines.get(key.line_id or 0)),
        By.DESTINATION: (key.kind, key.row),
        By.DAY: (key.day,),
        By.HOUR: (key.hour,),
    }
    return dict(zip(_columns(by), values[by], strict=True))


def _numbers(conn: Connection) -> dict[int, str]:
    return {found.line.id: shown(found.line.number) for found in list_lines(conn)}
