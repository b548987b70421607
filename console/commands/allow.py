"""`denwaban line allow`: the allow list of a line (発着信制御), which the operator keeps for the member."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from console.desk import Json, at_desk
from console.lines import PICKED_UP, LineName
from console.shapes import allow_shape
from console.show import answer, say
from console.which import line_named
from dialplan.errors import BadValue
from dialplan.numbers import shown
from subscribers.lines import Line
from subscribers.records import allow as records

app = typer.Typer(no_args_is_help=True, help="The allow list of a line: only listed callers get through.")

Numbers = Annotated[list[str] | None, typer.Argument(metavar="NUMBER…", help="Callers' numbers.")]
FromFile = Annotated[Path | None, typer.Option("--from", help="Also the numbers in this file, one on a line.")]


@app.command()
def size(
    ctx: typer.Context,
    line: LineName,
    limit: Annotated[int, typer.Argument(help="20, 100, 500, 1000 or 12000 numbers; 0 gives the list up.")],
    json: Json = False,
) -> None:
    """Set how many numbers were sold."""
    _change(ctx, line, lambda conn, line_id: records.set_allow_size(conn, line_id, limit))


@app.command()
def add(
    ctx: typer.Context, line: LineName, numbers: Numbers = None, file: FromFile = None, json: Json = False
) -> None:
    """Add callers: all of them or none."""
    wanted = _numbers(numbers, file)
    _change(ctx, line, lambda conn, line_id: records.add_allowed(conn, line_id, wanted))


@app.command()
def remove(
    ctx: typer.Context, line: LineName, numbers: Numbers = None, file: FromFile = None, json: Json = False
) -> None:
    """Take callers off: all of them or none."""
    wanted = _numbers(numbers, file)
    _change(ctx, line, lambda conn, line_id: records.delete_allowed(conn, line_id, wanted))


@app.command()
def on(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Turn everybody away who is not on the list."""
    _change(ctx, line, lambda conn, line_id: records.turn_allow_list(conn, line_id, True))


@app.command()
def off(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Let everybody through; the list is kept."""
    _change(ctx, line, lambda conn, line_id: records.turn_allow_list(conn, line_id, False))


@app.command("list")
def list_(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """List the callers who get through."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = line_named(conn, line).line
        numbers = records.allowed_numbers(conn, found.id)
    data = {**allow_shape(found, len(numbers)), "numbers": list(numbers)}
    answer(
        desk, data, lambda console: console.print("\n".join([_sentence(found, len(numbers)), *map(shown, numbers)]))
    )


def _change(ctx: typer.Context, name: str, change: Callable[[Connection, int], Line]) -> None:
    desk = at_desk(ctx)
    with desk.writing() as conn:
        line = change(conn, line_named(conn, name).line.id)
        used = records.allowed_count(conn, line.id)
    say(desk, allow_shape(line, used), _sentence(line, used), PICKED_UP)


def _sentence(line: Line, used: int) -> str:
    state = "on" if line.screening.allow_on else "off"
    room = line.screening.allow_limit
    return f"Allow list of line {line.id}, {shown(line.number)}: {state}, {used} of {room} numbers."


def _numbers(given: list[str] | None, file: Path | None) -> list[str]:
    """Raises BadValue for a file that cannot be read, and for no number at all."""
    wanted = list(given or ())
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadValue("file of numbers", str(file), f"a text file that can be read ({error})") from None
        wanted += [line.strip() for line in lines if line.strip()]
    if not wanted:
        raise BadValue("numbers", "none", "at least one, or --from FILE")
    return wanted
