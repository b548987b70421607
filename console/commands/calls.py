"""`denwaban calls`: ended calls and their charges."""

from typing import Annotated

import typer
from rich.console import Console

from agi.ledger import Tariff
from agi.reconcile import reconcile_once
from console import times
from console.desk import Json, at_desk
from console.pricing import books_of
from console.progress import progress
from console.shapes import WITHHELD, call_shape, discreet
from console.show import answer, fields, say, table
from console.which import LARGEST, line_named
from dialplan.errors import BadValue
from dialplan.numbers import shown
from rating.ended import Recorded
from rating.history import Wanted
from rating.history import calls as look_up
from rating.ledger import call as one_call
from rating.money import plain

app = typer.Typer(no_args_is_help=True, help="Ended calls and what they cost.")


@app.command("list")
def list_(
    ctx: typer.Context,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Only of this line: number or id.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Begun at or after.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Begun before.")] = None,
    unrated: Annotated[bool, typer.Option("--unrated", help="Only answered calls without a charge.")] = False,
    limit: Annotated[int, typer.Option(max=LARGEST, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """List ended calls, newest first."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        wanted = Wanted(
            line_id=None if line is None else line_named(conn, line).line.id,
            since=None if since is None else times.moment(since, "--since"),
            until=None if until is None else times.moment(until, "--until"),
            unrated=unrated,
            limit=limit,
        )
        found = look_up(conn, wanted)
    columns = ("call", "started", "number", "from", "to", "answered", "yen", "outcome")
    rows = [_row(one) for one in found]
    answer(desk, {"calls": [call_shape(one) for one in found]}, lambda console: console.print(table(columns, rows)))


@app.command()
def show(
    ctx: typer.Context,
    call_id: Annotated[str, typer.Argument(metavar="CALL", help="Its identity.")],
    json: Json = False,
) -> None:
    """Show a call, and how its charge came about."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = one_call(conn, call_id)
    if found is None:
        raise BadValue("call", call_id, "the identity of an ended call (`denwaban calls list`)")

    def people(console: Console) -> None:
        console.print(fields(_fields(found)))
        for line in found.charge.explanation if found.charge else ():
            console.print(f"  {discreet(line, found.call)}", soft_wrap=True)

    answer(desk, call_shape(found), people)


@app.command()
def reconcile(ctx: typer.Context, json: Json = False) -> None:
    """Charge what the hook missed, from Asterisk's own records."""
    desk = at_desk(ctx)
    settings = desk.settings
    tariff = Tariff(books=books_of(settings.rating), book=settings.rating.book)
    with desk.store() as engine, progress(desk, "Reading Asterisk's records"):
        report = reconcile_once(engine, settings.switch.records, tariff, desk.now())
    say(
        desk,
        {
            "records": str(settings.switch.records),
            "read": report.read,
            "kept": report.kept,
            "charged": report.charged,
            "known": report.known,
            "foreign": report.foreign,
            "problems": list(report.problems),
        },
        f"{settings.switch.records}: {report.read} calls read, {report.kept} were missing and are kept now"
        f" ({report.charged} charged), {report.known} known, {report.foreign} to nobody's number.",
        *report.problems,
    )


def _row(recorded: Recorded) -> tuple[object, ...]:
    call = recorded.call
    charge = "unrated" if recorded.unrated is not None else recorded.charge and plain(recorded.charge.amount)
    return (
        call.call_id,
        call.started_at,
        shown(call.leased_number),
        _caller(recorded),
        shown(call.to_number),
        call.answered if call.answered is None else f"{plain(call.answered)} s",
        charge,
        call.outcome,
    )


def _caller(recorded: Recorded) -> str | None:
    call = recorded.call
    return WITHHELD if call.withheld else call.from_number and shown(call.from_number)


def _fields(recorded: Recorded) -> list[tuple[str, object]]:
    call, charge = recorded.call, recorded.charge
    return [
        ("call", call.call_id),
        ("line", f"{call.line_id} {shown(call.leased_number)}"),
        ("service", f"{call.service}, plan {call.plan}" if call.plan else call.service),
        ("from", _caller(recorded)),
        ("to", shown(call.to_number)),
        ("started", call.started_at),
        ("answered", call.answered_at),
        ("answered time", None if call.answered is None else f"{plain(call.answered)} s"),
        ("ended", call.ended_at),
        ("outcome", f"{call.outcome or 'no leg tried'}, cause {call.cause}"),
        ("told by", "the hangup hook" if call.source == "hook" else "Asterisk's own record"),
        ("charge", charge and f"{plain(charge.amount)} yen, tax {charge.tax}"),
        ("unrated", recorded.unrated and discreet(recorded.unrated, call)),
    ]
