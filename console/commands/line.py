"""`denwaban line`: leased numbers, their plans, and their start, suspension and end."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection

from console import times
from console.commands import allow, phone
from console.desk import Desk, Json, at_desk
from console.lines import PICKED_UP, LineName, line_fields
from console.shapes import line_shape
from console.show import answer, fields, say, table, when
from console.which import LARGEST, line_named
from dialplan.errors import BadValue
from dialplan.numbers import shown
from store.secrets import seal, unseal
from subscribers.calendar import japanese_date, service_end, service_start
from subscribers.lines import Language, Line, Plan
from subscribers.records import lines as records
from subscribers.records.find import get_line_for_call, list_lines
from subscribers.records.lines import LineOptions, add_line
from subscribers.records.members import add_contract, get_contract
from subscribers.records.options import Options, change_options
from subscribers.records.phones import lend_handset
from subscribers.states import LineForCall, LineState

app = typer.Typer(no_args_is_help=True, help="Lines: leased numbers on a plan. Name one by its number or its id.")
app.add_typer(phone.app, name="phone")
app.add_typer(allow.app, name="allow")


@app.command()
def add(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(help="The leased number.")],
    member: Annotated[int, typer.Option(metavar="ID", min=1, max=LARGEST, help="Who holds it.")],
    plan: Annotated[Plan, typer.Option(help="fixed-phone also lends a handset.")],
    contract: Annotated[
        int | None, typer.Option(metavar="ID", min=1, max=LARGEST, help="An existing contract; else a new one.")
    ] = None,
    starts: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Month of the start by the terms; else the next month.")
    ] = None,
    starts_at: Annotated[str | None, typer.Option(metavar="TIME", help="Start at this very time instead.")] = None,
    additional: Annotated[list[str] | None, typer.Option(metavar="NUMBER", help="One more number; repeat.")] = None,
    double_channel: Annotated[bool, typer.Option("--double-channel", help="Two calls at a time.")] = False,
    call_waiting: Annotated[bool, typer.Option("--call-waiting", help="Present a second call.")] = False,
    present_leased: Annotated[
        bool, typer.Option("--present-leased", help="Forwarded calls show the leased number, not the caller's.")
    ] = False,
    international: Annotated[bool, typer.Option("--international", help="Open for international numbers.")] = False,
    language: Annotated[Language, typer.Option(help="Of everything that is said on the line.")] = Language.JAPANESE,
    json: Json = False,
) -> None:
    """Lease a number to a member."""
    desk = at_desk(ctx)
    now = desk.now()
    start = _start(starts, starts_at, now)
    options = LineOptions(
        call_waiting=call_waiting,
        present_leased=present_leased,
        international_allowed=international,
        language=language,
    )
    with desk.writing() as conn:
        line = add_line(
            conn,
            contract_id=_contract(conn, member, contract, now),
            number=number,
            plan=plan,
            starts_at=start,
            at=now,
            additional=additional or (),
            double_channel=double_channel,
            options=options,
        )
        if plan is Plan.FIXED_PHONE:
            line = _lend(conn, line, desk.key)
        found = get_line_for_call(conn, line.id)
    sentences = [f"Line {line.id} added: {shown(line.number)} ({plan}), starts {when(line.starts_at)}."]
    if line.handset is not None:
        sentences.append(
            f"Its handset registers as {line.handset.sip_user}; the password: denwaban line show {line.id} --secrets"
        )
    if found.member.identity is None:
        sentences.append(
            f"It is pending: the identity of member {member} is not on record (denwaban member identity)."
        )
    say(desk, line_shape(found, now), *sentences, PICKED_UP)


@app.command("set")
def set_(
    ctx: typer.Context,
    line: LineName,
    withhold: Annotated[
        bool | None, typer.Option("--withhold/--no-withhold", help="Calls out withhold the number, unless 186.")
    ] = None,
    callback: Annotated[
        bool | None,
        typer.Option(
            "--callback/--no-callback",
            help="A registered phone hears ringing before its menu, and is called back when it hangs up meanwhile.",
        ),
    ] = None,
    failover: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Where calls go while the line is known to be down.")
    ] = None,
    no_failover: Annotated[bool, typer.Option("--no-failover", help="Nowhere.")] = False,
    call_waiting: Annotated[
        bool | None, typer.Option("--call-waiting/--no-call-waiting", help="Present a second call.")
    ] = None,
    present_leased: Annotated[
        bool | None,
        typer.Option("--present-leased/--no-present-leased", help="Forwarded calls show the leased number."),
    ] = None,
    international: Annotated[
        bool | None, typer.Option("--international/--no-international", help="Open for international numbers.")
    ] = None,
    language: Annotated[Language | None, typer.Option(help="Of everything that is said on the line.")] = None,
    double_channel: Annotated[
        bool | None, typer.Option("--double-channel/--no-double-channel", help="Two calls at a time.")
    ] = None,
    json: Json = False,
) -> None:
    """Change what is given, and leave the rest as it is."""
    desk = at_desk(ctx)
    now = desk.now()
    if failover is not None and no_failover:
        raise BadValue("fault-failover number", f"--failover {failover} and --no-failover", "one of the two")
    given: Options = {}
    if withhold is not None:
        given["withhold"] = withhold
    if callback is not None:
        given["callback"] = callback
    if failover is not None or no_failover:
        given["failover_number"] = failover
    if call_waiting is not None:
        given["call_waiting"] = call_waiting
    if present_leased is not None:
        given["present_leased"] = present_leased
    if international is not None:
        given["international_allowed"] = international
    if language is not None:
        given["language"] = language
    if not given and double_channel is None:
        raise BadValue("options of the line", "none", "at least one (denwaban line set --help)")
    with desk.writing() as conn:
        line_id = line_named(conn, line).line.id
        if given:
            change_options(conn, line_id, **given)
        if double_channel is not None:
            records.set_double_channel(conn, line_id, double_channel, now)
        found = get_line_for_call(conn, line_id)
    _tell(desk, found, now, "changed")


@app.command()
def show(
    ctx: typer.Context,
    line: LineName,
    reveal: Annotated[bool, typer.Option("--secrets", help="Also the handset's SIP password.")] = False,
    json: Json = False,
) -> None:
    """Show a line with all that belongs to it."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.reading() as conn:
        found = line_named(conn, line)
    data, pairs = line_shape(found, now), line_fields(found, now)
    handset = found.line.handset
    if reveal and handset is not None:
        password = unseal(handset.sealed_password, desk.key, f"password of handset {handset.sip_user}")
        data["handset"]["password"] = password
        pairs.append(("SIP password", password))
    answer(desk, data, lambda console: console.print(fields(pairs)))


@app.command("list")
def list_(
    ctx: typer.Context,
    member: Annotated[int | None, typer.Option(metavar="ID", min=1, max=LARGEST, help="Only this member's.")] = None,
    state: Annotated[LineState | None, typer.Option(help="Only lines in this state.")] = None,
    json: Json = False,
) -> None:
    """List lines, ended ones too."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.reading() as conn:
        found = [one for one in list_lines(conn, member_id=member) if state is None or one.state(now) is state]
    rows = [
        (
            one.line.id,
            shown(one.line.number),
            one.line.plan,
            one.state(now),
            one.member.name,
            one.line.forwarding.mode,
            one.line.forwarding.target and shown(one.line.forwarding.target),
        )
        for one in found
    ]
    answer(
        desk,
        {"lines": [line_shape(one, now) for one in found]},
        lambda console: console.print(table(("id", "number", "plan", "state", "member", "forwarding", "to"), rows)),
    )


@app.command()
def suspend(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Stop a line from now on (non-payment); emergency calls from its handset still connect."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.writing() as conn:
        records.suspend_line(conn, (found := line_named(conn, line)).line.id, now)
        found = get_line_for_call(conn, found.line.id)
    _tell(desk, found, now, "suspended")


@app.command()
def resume(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Let a suspended line work again."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.writing() as conn:
        records.resume_line(conn, (found := line_named(conn, line)).line.id, now)
        found = get_line_for_call(conn, found.line.id)
    _tell(desk, found, now, "resumed")


@app.command()
def end(
    ctx: typer.Context,
    line: LineName,
    notice: Annotated[str | None, typer.Option(metavar="DATE", help="When notice was given; else today.")] = None,
    json: Json = False,
) -> None:
    """Give a line up: it ends at 15:00 on the last (business) day of the month after the notice."""
    desk = at_desk(ctx)
    now = desk.now()
    given = japanese_date(now) if notice is None else times.day(notice, "date of the notice")
    with desk.writing() as conn:
        ended = records.end_line(conn, line_named(conn, line).line.id, service_end(given), now)
        found = get_line_for_call(conn, ended.id)
    _tell(desk, found, now, f"ends {when(service_end(given))}")


def _tell(desk: Desk, found: LineForCall, now: datetime, what: str) -> None:
    line = found.line
    say(desk, line_shape(found, now), f"Line {line.id}, {shown(line.number)}: {what}.", PICKED_UP)


def _start(month: str | None, at: str | None, now: datetime) -> datetime:
    if month is not None and at is not None:
        raise BadValue("start of the line", f"--starts {month} and --starts-at {at}", "one of the two")
    if at is not None:
        return times.moment(at, "start of the line")
    if month is not None:
        return service_start(times.month(month, "month of the start"))
    return service_start(japanese_date(now).replace(day=1) + timedelta(days=32))


def _contract(conn: Connection, member_id: int, contract_id: int | None, now: datetime) -> int:
    if contract_id is None:
        return add_contract(conn, member_id, japanese_date(now)).id
    holder = get_contract(conn, contract_id).member_id
    if holder != member_id:
        raise BadValue("contract", f"{contract_id}, of member {holder}", f"a contract of member {member_id}")
    return contract_id


def _lend(conn: Connection, line: Line, key: str) -> Line:
    """Nobody has to type the password: provisioning carries it to the phone."""
    sealed = seal(secrets.token_urlsafe(24), key)
    return lend_handset(conn, line.id, sip_user=f"h{line.id}", sealed_password=sealed)
