"""`denwaban forward`: where a line's calls go (着信転送)."""

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import Connection

from console.desk import Json, at_desk
from console.lines import PICKED_UP, LineName, forwarding_fields
from console.shapes import forwarding_shape
from console.show import answer, fields, say
from console.which import line_named
from dialplan.numbers import shown
from subscribers.forwarding import ForwardMode
from subscribers.lines import Line
from subscribers.records import forwarding as records

app = typer.Typer(no_args_is_help=True, help="Forwarding of a line: list, mode and ring time.")


@app.command()
def show(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Show how a line forwards."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = line_named(conn, line).line
    pairs = [("line", f"{found.id} {shown(found.number)}"), *forwarding_fields(found.forwarding)]
    answer(desk, _shape(found), lambda console: console.print(fields(pairs)))


@app.command("set")
def set_(
    ctx: typer.Context,
    line: LineName,
    target: Annotated[str, typer.Argument(help="The number to forward to.")],
    entry: Annotated[int, typer.Option(help="Entry of the forward list, 1 to 4.")] = 1,
    json: Json = False,
) -> None:
    """Put a number into the line's forward list."""
    _change(
        ctx,
        line,
        lambda conn, line_id: records.set_forward_entry(conn, line_id, entry, target),
        f"Entry {entry} of the forward list is {shown(target)} now.",
    )


@app.command()
def use(
    ctx: typer.Context,
    line: LineName,
    entry: Annotated[int, typer.Argument(help="Entry of the forward list, 1 to 4.")],
    json: Json = False,
) -> None:
    """Choose the entry of the forward list that calls go to."""
    _change(ctx, line, lambda conn, line_id: records.use_forward_entry(conn, line_id, entry))


@app.command()
def ring(
    ctx: typer.Context,
    line: LineName,
    seconds: Annotated[int, typer.Argument(help="5 to 60.")],
    json: Json = False,
) -> None:
    """Set how long the handset rings before a no-answer forwarding."""
    _change(ctx, line, lambda conn, line_id: records.set_ring_seconds(conn, line_id, seconds))


@app.command()
def start(
    ctx: typer.Context,
    line: LineName,
    mode: Annotated[ForwardMode | None, typer.Option(help="When to forward; else the last mode.")] = None,
    json: Json = False,
) -> None:
    """Forward from the next call on."""
    _change(ctx, line, lambda conn, line_id: records.start_forwarding(conn, line_id, mode))


@app.command()
def stop(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Forward no more; the mode is kept for the next start."""
    _change(ctx, line, records.stop_forwarding)


def _change(ctx: typer.Context, line: str, change: Callable[[Connection, int], Line], *sentences: str) -> None:
    desk = at_desk(ctx)
    with desk.writing() as conn:
        changed = change(conn, line_named(conn, line).line.id)
    say(desk, _shape(changed), *sentences, _sentence(changed), PICKED_UP)


def _shape(line: Line) -> dict[str, object]:
    return {"line": line.id, "number": line.number, **forwarding_shape(line.forwarding)}


def _sentence(line: Line) -> str:
    forwarding = line.forwarding
    to = "no number yet" if forwarding.target is None else shown(forwarding.target)
    how = (
        f"forwarding is off; it would go to {to}"
        if forwarding.mode is ForwardMode.OFF
        else f"forwards ({forwarding.mode}) to {to}"
    )
    return f"Line {line.id}, {shown(line.number)}: {how}, list entry {forwarding.entry_in_use}."
