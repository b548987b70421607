"""`denwaban callback`: a registered phone is called, and connected with a number; what became of it."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from sqlalchemy import Connection
from typer.core import TyperGroup

from agi.callbacks import ask_for_callback
from agi.trunks import list_trunks
from console.desk import Desk, Json, at_desk
from console.lines import PICKED_UP
from console.show import answer, fields, say, table
from console.which import LARGEST, line_named
from dialplan.errors import BadValue
from dialplan.numbers import normalise, shown
from subscribers.callbacks import Callback, CallbackState
from subscribers.lines import Line
from subscribers.records.callbacks import cancel_callback, get_callback, list_callbacks
from subscribers.records.phones import lines_of_phone


class AskedFirst(TyperGroup):
    """`denwaban callback PHONE` is `denwaban callback ask PHONE`: no command is written in digits."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        given = args[0] if args else ""
        return super().resolve_command(ctx, ["ask", *args] if given[:1].isdecimal() or given[:1] == "+" else args)


app = typer.Typer(
    cls=AskedFirst, no_args_is_help=True, help="Calling a registered phone back, to connect it showing its line."
)

Job = Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST, help="The callback's id.")]


@app.command()
def ask(
    ctx: typer.Context,
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="A registered phone; it is called at once.")],
    to: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Whom to connect it with; else it is asked.")
    ] = None,
    line: Annotated[
        str | None, typer.Option(metavar="LINE", help="The line to show, where the phone is registered on several.")
    ] = None,
    json: Json = False,
) -> None:
    """Call a registered phone back. While a callback for it is under way, that one is told."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.writing() as conn:
        wanted = line_named(conn, line).line if line is not None else _only_line(conn, phone)
        trunks = list_trunks(conn, desk.key)
        job, new = ask_for_callback(conn, wanted.id, phone, to, now, trunks)
    sentence = "asked for" if new else f"is under way already ({job.state})"
    say(
        desk,
        {**callback_shape(job), "new": new},
        f"Callback {job.id} to {shown(job.phone)} {sentence}.",
        PICKED_UP,
    )


@app.command("list")
def list_(
    ctx: typer.Context,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Only this line's.")] = None,
    under_way: Annotated[bool, typer.Option("--under-way", help="Only those that are not over.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")] = 100,
    json: Json = False,
) -> None:
    """List callbacks, the newest first."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        line_id = line_named(conn, line).line.id if line is not None else None
        found = list_callbacks(conn, line_id=line_id, in_flight=under_way, limit=limit)
    rows = [
        (
            job.id,
            job.line_id,
            shown(job.phone),
            shown(job.number) if job.number is not None else None,
            job.state,
            job.tries,
            job.asked_at,
            job.due_at,
            job.reason,
        )
        for job in found
    ]
    columns = ("id", "line", "phone", "to", "state", "tries", "asked", "due", "reason")
    nothing = "No callback under way." if under_way else "No callback yet. Ask for one: denwaban callback PHONE"
    answer(
        desk,
        {"callbacks": [callback_shape(job) for job in found]},
        lambda console: console.print(table(columns, rows) if found else nothing),
    )


@app.command()
def show(ctx: typer.Context, job: Job, json: Json = False) -> None:
    """Show one callback with its times."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = get_callback(conn, job)
    _tell(desk, found)


@app.command()
def cancel(ctx: typer.Context, job: Job, json: Json = False) -> None:
    """Take back a callback whose phone is not being called just now."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.writing() as conn:
        found = cancel_callback(conn, job, now)
    say(desk, callback_shape(found), f"Callback {found.id} to {shown(found.phone)} cancelled.")


def callback_shape(job: Callback) -> dict[str, Any]:
    return {
        "id": job.id,
        "line": job.line_id,
        "phone": job.phone,
        "to": job.number,
        "asked_by": job.asked_by.value,
        "state": job.state.value,
        "tries": job.tries,
        "asked_at": job.asked_at,
        "due_at": job.due_at,
        "called_at": job.called_at,
        "connected_at": job.connected_at,
        "ended_at": job.ended_at,
        "call": job.channel,
        "reason": job.reason,
    }


def _tell(desk: Desk, job: Callback) -> None:
    pairs: Sequence[tuple[str, object]] = (
        ("callback", job.id),
        ("line", job.line_id),
        ("phone", shown(job.phone)),
        ("to", job.number or "asked on the phone"),
        ("asked by", job.asked_by),
        ("state", job.state),
        ("tries", job.tries),
        ("asked", job.asked_at),
        ("due", job.due_at),
        ("last called", job.called_at),
        ("answered", job.connected_at),
        ("over" if job.state is not CallbackState.FAILED else "given up", job.ended_at),
        ("call", job.channel),
        ("reason", job.reason),
    )
    answer(desk, callback_shape(job), lambda console: console.print(fields(pairs)))


def _only_line(conn: Connection, phone: str) -> Line:
    e164 = normalise(phone, "phone to call back")
    found = lines_of_phone(conn, e164)
    if len(found) == 1:
        return found[0]
    lines = ", ".join(f"{each.id} ({shown(each.number)})" for each in found)
    if found:
        raise BadValue("phone to call back", phone, f"--line: it is registered on lines {lines}")
    raise BadValue("phone to call back", phone, "a registered phone of a line (denwaban line phone add)")
