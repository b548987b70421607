"""`denwaban onnet`: on-net groups and their numbers (オンネット番号)."""

from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection

from agi.trunks import set_trunk_capacity, trunk_capacity
from console.desk import Json, at_desk
from console.lines import PICKED_UP, LineName
from console.shapes import on_net_number_shape, on_net_shape
from console.show import answer, say, table
from console.which import LARGEST, line_named
from dialplan.numbers import shown
from subscribers.onnet import OFFICE_LINK_CHANNELS, OnNetGroup
from subscribers.records import onnet as records
from subscribers.records.find import get_line

app = typer.Typer(
    no_args_is_help=True,
    help="On-net groups: lines that reach each other by site and extension, free of charge.",
)

Group = Annotated[str, typer.Argument(metavar="GROUP", help="The group's name.")]
Digits = Annotated[str, typer.Argument(metavar="DIGITS", help="The whole number, as it is dialled.")]
Site = Annotated[str, typer.Argument(metavar="SITE", help="Site number, 1 to 11 digits.")]
Extension = Annotated[str, typer.Argument(metavar="EXTENSION", help="2 to 11 digits.")]


@app.command()
def add(ctx: typer.Context, group: Group, json: Json = False) -> None:
    """Make a group, with nobody in it."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        made = records.add_group(conn, group)
    say(desk, on_net_shape(made), f"On-net group {made.name} added. Put lines in: denwaban onnet join GROUP LINE")


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """List the groups."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        groups = records.list_groups(conn)
    rows = [(one.name, len(one.line_ids), len(one.numbers), len(one.mobiles)) for one in groups]

    def people(console: Console) -> None:
        if groups:
            console.print(table(("group", "lines", "numbers", "mobile extensions"), rows))
        else:
            console.print("No on-net group yet. Make one: denwaban onnet add GROUP")

    answer(desk, {"groups": [on_net_shape(one) for one in groups]}, people)


@app.command()
def show(ctx: typer.Context, group: Group, json: Json = False) -> None:
    """Show a group's lines and numbers."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = records.get_group(conn, group)
        names = {line_id: f"{line_id} {shown(get_line(conn, line_id).number)}" for line_id in found.line_ids}
    answer(desk, on_net_shape(found), lambda console: _print(console, found, names))


@app.command()
def remove(ctx: typer.Context, group: Group, json: Json = False) -> None:
    """Remove a group that has neither lines nor numbers left."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        records.remove_group(conn, group)
    say(desk, {"removed": group}, f"On-net group {group} removed.")


@app.command()
def join(ctx: typer.Context, group: Group, line: LineName, json: Json = False) -> None:
    """Put a line into a group: from now on it can call on-net."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        found = line_named(conn, line).line
        joined = records.join_group(conn, group, found.id, desk.now())
    sentence = f"Line {found.id}, {shown(found.number)}, is in on-net group {joined.name}."
    say(desk, on_net_shape(joined), sentence, "Give it a number: denwaban onnet assign LINE SITE EXTENSION")


@app.command()
def leave(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Take a line, which has no on-net number any more, out of its group."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        found = line_named(conn, line).line
        left = records.leave_group(conn, found.id)
    say(desk, on_net_shape(left), f"Line {found.id}, {shown(found.number)}, is out of on-net group {left.name}.")


@app.command()
def assign(ctx: typer.Context, line: LineName, site: Site, extension: Extension, json: Json = False) -> None:
    """Give a line of a group an on-net number."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        found = line_named(conn, line).line
        number = records.assign_number(conn, found.id, site, extension)
    sentence = f"{number.digits} reaches line {found.id}, {shown(found.number)}."
    say(desk, on_net_number_shape(number), sentence, PICKED_UP)


@app.command()
def change(
    ctx: typer.Context, group: Group, digits: Digits, site: Site, extension: Extension, json: Json = False
) -> None:
    """Give a line another on-net number for one it has: with as many digits or more, never fewer."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        number = records.change_number(conn, group, digits, site, extension)
    sentence = f"{number.digits} reaches line {number.line_id}; {digits} does no more."
    say(desk, on_net_number_shape(number), sentence, PICKED_UP)


@app.command()
def mobile(
    ctx: typer.Context,
    group: Group,
    digits: Digits,
    trunk: Annotated[str, typer.Option(metavar="NAME", help="The trunk it is reached over.")],
    channels: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LARGEST,
            help=f"Calls at once on that trunk; else what it has, or {OFFICE_LINK_CHANNELS} when it has no limit.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Let digits of a group reach a mobile extension (オフィスリンク)."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        limit = _limit(conn, trunk, channels)
        extension = records.add_mobile_extension(conn, group, digits, trunk)
    sentence = f"{extension.digits} reaches a mobile extension over trunk {trunk}, {limit} calls at once."
    say(desk, {"digits": extension.digits, "trunk": trunk, "channels": limit}, sentence, PICKED_UP)


@app.command()
def release(ctx: typer.Context, group: Group, digits: Digits, json: Json = False) -> None:
    """Give a number up, of a line or a mobile extension."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        left = records.release_number(conn, group, digits)
    say(desk, on_net_shape(left), f"{digits} reaches nothing in on-net group {left.name} any more.", PICKED_UP)


def _limit(conn: Connection, trunk: str, wanted: int | None) -> int:
    """The trunk's channel limit as it is now, or set here. Raises BadValue when there is no such trunk."""
    found = trunk_capacity(conn, trunk)
    limit = wanted or found or OFFICE_LINK_CHANNELS
    if limit != found:
        set_trunk_capacity(conn, trunk, limit)
    return limit


def _print(console: Console, group: OnNetGroup, names: dict[int, str]) -> None:
    if not group.line_ids and not group.taken:
        console.print(f"On-net group {group.name} is empty. Put lines in: denwaban onnet join {group.name} LINE")
        return
    rows: list[tuple[object, ...]] = [
        (one.digits, one.site, one.extension, names[one.line_id], None) for one in group.numbers
    ]
    rows += [(one.digits, None, None, None, one.trunk) for one in group.mobiles]
    if rows:
        console.print(table(("number", "site", "extension", "line", "trunk"), rows))
    with_number = {one.line_id for one in group.numbers}
    without = [names[line_id] for line_id in group.line_ids if line_id not in with_number]
    if without:
        console.print(f"Without a number (denwaban onnet assign): {', '.join(without)}", soft_wrap=True)
