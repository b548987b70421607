"""`denwaban limit`: what lines may spend on calls, and how often they may call."""

from decimal import Decimal
from typing import Annotated

import typer
from sqlalchemy import Connection

from console.desk import Desk, Json, at_desk
from console.limits import default_limits, left_now, limit_fields, limit_shape
from console.lines import PICKED_UP, LineName
from console.show import answer, fields, say, table
from console.which import line_named
from dialplan.errors import BadValue
from dialplan.numbers import shown
from rating.limits.overrides import clear_limits, set_limits
from rating.limits.standing import Standing, standing
from rating.limits.tables import Name
from rating.money import yen
from subscribers.lines import Line
from subscribers.records.find import list_lines
from subscribers.records.options import change_options

app = typer.Typer(no_args_is_help=True, help="Limits: what a line may spend on calls, and how often it may call.")
_NO_LIMIT = "none"


@app.command()
def show(
    ctx: typer.Context,
    line: Annotated[
        str | None, typer.Argument(metavar="[LINE]", help="One line; else all that have not ended.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the limits in force now, what was spent, what running calls hold, and what is left."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.reading() as conn:
        if line is not None:
            one = line_named(conn, line).line
            found = _standing(desk, conn, one)
            answer(desk, limit_shape(one, found), lambda console: console.print(fields(limit_fields(one, found))))
            return
        lines = [each.line for each in list_lines(conn) if not each.line.ended(now)]
        all_ = [(each, _standing(desk, conn, each)) for each in lines]
    rows = [
        (
            each.id,
            shown(each.number),
            "night" if found.strict else "day",
            found.spent.today,
            found.spent.month,
            found.running.held,
            left_now(found),
            ", ".join(sorted(found.own)),
        )
        for each, found in all_
    ]
    columns = ("id", "number", "profile", "today", "month", "held", "left now", "its own limits")
    answer(
        desk,
        {"lines": [limit_shape(each, found) for each, found in all_]},
        lambda console: console.print(table(columns, rows)),
    )


@app.command("set")
def set_(
    ctx: typer.Context,
    line: LineName,
    per_minute: Annotated[str | None, typer.Option(metavar="CALLS|none", help="Calls in any 60 s.")] = None,
    daily: Annotated[str | None, typer.Option(metavar="YEN|none", help="Yen a day.")] = None,
    monthly: Annotated[str | None, typer.Option(metavar="YEN|none", help="Yen a month.")] = None,
    night_per_minute: Annotated[
        str | None, typer.Option(metavar="CALLS|none", help="Calls in any 60 s at night and on public holidays.")
    ] = None,
    night_daily: Annotated[
        str | None, typer.Option(metavar="YEN|none", help="Yen in the nights and holidays of one day.")
    ] = None,
    night_international: Annotated[
        bool | None,
        typer.Option("--night-international/--no-night-international", help="International calls at night."),
    ] = None,
    json: Json = False,
) -> None:
    """Give a line limits of its own; those that are not named stay as they are."""
    desk = at_desk(ctx)
    given = {
        Name.PER_MINUTE: per_minute,
        Name.DAILY: daily,
        Name.MONTHLY: monthly,
        Name.NIGHT_PER_MINUTE: night_per_minute,
        Name.NIGHT_DAILY: night_daily,
    }
    wanted = {name: _value(name, text) for name, text in given.items() if text is not None}
    if night_international is not None:
        wanted[Name.NIGHT_INTERNATIONAL] = Decimal(night_international)
    if not wanted:
        raise BadValue("limits", "none", "at least one, such as --daily 5000")
    with desk.writing() as conn:
        one = line_named(conn, line).line
        set_limits(conn, one.id, wanted)
        change_options(conn, one.id, capped=True)
        found = _standing(desk, conn, one)
    _tell(desk, one, found, f"its own limits now: {', '.join(sorted(found.own))}")


@app.command()
def clear(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Take a line's own limits away: the settings hold for it again."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        one = line_named(conn, line).line
        clear_limits(conn, one.id)
        change_options(conn, one.id, capped=False)
        found = _standing(desk, conn, one)
    _tell(desk, one, found, "the limits of the settings hold")


def _tell(desk: Desk, line: Line, found: Standing, what: str) -> None:
    say(desk, limit_shape(line, found), f"Line {line.id}, {shown(line.number)}: {what}.", PICKED_UP)


def _standing(desk: Desk, conn: Connection, line: Line) -> Standing:
    return standing(conn, line.id, default_limits(desk.settings.limits), desk.now())


def _value(name: Name, text: str) -> Decimal | None:
    if text == _NO_LIMIT:
        return None
    try:
        return yen(text)
    except BadValue:
        raise BadValue(f"limit {name}", text, f"a number such as 5000, or {_NO_LIMIT}") from None
