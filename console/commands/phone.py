"""`denwaban line phone`: the registered phones that may control a line and call out through it."""

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import Connection

from console.desk import Json, at_desk
from console.lines import PICKED_UP, LineName
from console.shapes import line_shape
from console.show import numbers, say
from console.which import line_named
from dialplan.numbers import shown
from subscribers.lines import Line
from subscribers.records.find import get_line_for_call
from subscribers.records.phones import register_phone, unregister_phone

app = typer.Typer(no_args_is_help=True, help="Registered phones of a line, up to 3.")

Phone = Annotated[str, typer.Argument(metavar="PHONE", help="The phone's number.")]


@app.command()
def add(ctx: typer.Context, line: LineName, phone: Phone, json: Json = False) -> None:
    """Register a phone on a line."""
    _change(ctx, line, phone, register_phone)


@app.command()
def remove(ctx: typer.Context, line: LineName, phone: Phone, json: Json = False) -> None:
    """Take a phone off a line."""
    _change(ctx, line, phone, unregister_phone)


def _change(ctx: typer.Context, line: str, phone: str, change: Callable[[Connection, int, str], Line]) -> None:
    desk = at_desk(ctx)
    with desk.writing() as conn:
        changed = change(conn, line_named(conn, line).line.id, phone)
        found = get_line_for_call(conn, changed.id)
    registered = numbers(changed.registered_phones) or "none"
    say(
        desk,
        line_shape(found, desk.now()),
        f"Registered phones of line {changed.id}, {shown(changed.number)}: {registered}.",
        PICKED_UP,
    )
