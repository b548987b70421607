"""`denwaban member`: who holds the lines, and the identity check without which none of them works."""

from typing import Annotated

import typer
from rich.console import Console

from console import times
from console.desk import Json, at_desk
from console.shapes import line_shape, member_shape
from console.show import answer, fields, say, table
from console.which import LARGEST, MemberId
from dialplan.numbers import shown
from subscribers.calendar import japanese_date
from subscribers.members import IdentityCheck, IdentityMethod, Member, MemberKind
from subscribers.records.find import list_lines
from subscribers.records.members import add_member, get_member, list_members, record_identity_check, set_mail

app = typer.Typer(no_args_is_help=True, help="Members: who holds the lines.")


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="As it is to stand on the invoice.")],
    kind: Annotated[MemberKind, typer.Option(help="What is rented.")],
    capacity: Annotated[
        int | None, typer.Option(max=LARGEST, help="Lines the room has place for (rental-office only).")
    ] = None,
    json: Json = False,
) -> None:
    """Enter a new member."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        member = add_member(conn, name=name, kind=kind, room_capacity=capacity)
    say(
        desk,
        member_shape(member),
        f"Member {member.id} added: {member.name} ({member.kind}).",
        f"Its lines work once its identity is on record: denwaban member identity {member.id} …",
    )


@app.command()
def identity(
    ctx: typer.Context,
    member_id: MemberId,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day the identity was checked.")],
    method: Annotated[IdentityMethod, typer.Option(help="How it was checked.")],
    by: Annotated[str, typer.Option(help="Who checked it.")],
    json: Json = False,
) -> None:
    """Record that a member's identity was checked."""
    desk = at_desk(ctx)
    check = IdentityCheck(checked_on=times.day(on, "identity check date"), method=method, checked_by=by)
    with desk.writing() as conn:
        member = record_identity_check(conn, member_id, check, japanese_date(desk.now()))
    say(
        desk, member_shape(member), f"Identity of member {member.id}, {member.name}, checked {on} ({method}) by {by}."
    )


@app.command()
def mail(
    ctx: typer.Context,
    member_id: MemberId,
    address: Annotated[str | None, typer.Argument(metavar="[ADDRESS]", help="Nothing: send none any more.")] = None,
    json: Json = False,
) -> None:
    """Set where notices to a member go, such as that remote access is locked."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        member = set_mail(conn, member_id, address)
    say(desk, member_shape(member), f"Mail to member {member.id}, {member.name}: {member.mail or 'none'}.")


@app.command()
def show(ctx: typer.Context, member_id: MemberId, json: Json = False) -> None:
    """Show a member and its lines."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.reading() as conn:
        member = get_member(conn, member_id)
        lines = list_lines(conn, member_id=member_id)

    def people(console: Console) -> None:
        console.print(fields(_fields(member)))
        if lines:
            rows = [(one.line.id, shown(one.line.number), one.line.plan, one.state(now)) for one in lines]
            console.print()
            console.print(table(("line", "number", "plan", "state"), rows))

    answer(desk, {**member_shape(member), "lines": [line_shape(one, now) for one in lines]}, people)


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """List all members."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        members = list_members(conn)
    rows = [
        (one.id, one.name, one.kind, one.room_capacity, one.identity and one.identity.checked_on) for one in members
    ]
    answer(
        desk,
        {"members": [member_shape(one) for one in members]},
        lambda console: console.print(table(("id", "name", "kind", "capacity", "identity checked"), rows)),
    )


def _fields(member: Member) -> list[tuple[str, object]]:
    check = member.identity
    return [
        ("member", member.id),
        ("name", member.name),
        ("kind", member.kind),
        ("room capacity", member.room_capacity),
        ("mail", member.mail),
        ("identity", check and f"checked {check.checked_on} ({check.method}) by {check.checked_by}"),
        ("suspended since", member.suspended_at),
        ("leaves", member.leaves_at),
    ]
