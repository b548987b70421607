"""`denwaban trunk`: the carrier's side."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from agi.trunks import add_trunk, change_trunk, list_trunks, remove_trunk
from console.desk import Json, at_desk
from console.lines import PICKED_UP
from console.shapes import trunk_shape
from console.show import answer, say, table
from console.which import LARGEST
from dialplan.errors import BadValue
from dialplan.trunks import Trunk
from subscribers.records.onnet import trunks_with_extensions

app = typer.Typer(no_args_is_help=True, help="Trunks: where leased numbers come in and forwarded legs go out.")

_DEFAULTS = Trunk(name="", host="", sources=())
_PRIORITY = "Lower is tried first."
_WEIGHT = "Its share of the calls among trunks of one priority."
_CAPACITY = "Calls it takes at once; more go to the next trunk. Without it, no bound."
_PREFIX = "It carries only numbers that begin so, such as 010; repeat. Without it, all."
_SHOWS = "Only numbers that begin so may be shown on it, such as 03; repeat. Without it, all, callers' numbers too."


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    host: Annotated[str, typer.Option(help="The carrier's SIP host.")],
    source: Annotated[list[str], typer.Option(metavar="ADDRESS", help="Its calls come from here; repeat.")],
    port: Annotated[int, typer.Option(help="The carrier's SIP port.")] = _DEFAULTS.port,
    untrusted: Annotated[bool, typer.Option("--untrusted", help="Do not believe its P-Asserted-Identity.")] = False,
    username: Annotated[str, typer.Option(help="For a carrier that asks for one.")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    codec: Annotated[list[str] | None, typer.Option(help="ulaw, alaw, g722 or h264; repeat, best first.")] = None,
    priority: Annotated[int, typer.Option(min=0, max=LARGEST, help=_PRIORITY)] = _DEFAULTS.priority,
    weight: Annotated[int, typer.Option(help=_WEIGHT)] = _DEFAULTS.weight,
    capacity: Annotated[int | None, typer.Option(help=_CAPACITY)] = None,
    prefix: Annotated[list[str] | None, typer.Option(metavar="DIGITS", help=_PREFIX)] = None,
    shows: Annotated[list[str] | None, typer.Option(metavar="DIGITS", help=_SHOWS)] = None,
    json: Json = False,
) -> None:
    """Add a trunk."""
    desk = at_desk(ctx)
    trunk = Trunk(
        name=name,
        host=host,
        port=port,
        sources=tuple(source),
        trusted=not untrusted,
        username=username,
        password=sys.stdin.readline().rstrip("\r\n") if password_stdin else "",
        codecs=tuple(codec) if codec else _DEFAULTS.codecs,
        priority=priority,
        weight=weight,
        capacity=capacity,
        prefixes=tuple(prefix or ()),
        shows=tuple(shows or ()),
    )
    with desk.writing() as conn:
        add_trunk(conn, trunk, desk.key)
    say(desk, trunk_shape(trunk), f"Trunk {name} added: {host}:{port}.", PICKED_UP)


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """List the trunks in the order they are tried."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        trunks = list_trunks(conn, desk.key)
    rows = [
        (
            one.name,
            f"{one.host}:{one.port}",
            ", ".join(one.sources),
            one.trusted,
            one.username,
            one.priority,
            one.weight,
            one.capacity if one.capacity is not None else "no bound",
            "mobile extensions" if one.extensions else ", ".join(one.prefixes) or "all",
            ", ".join(one.shows) or "all",
        )
        for one in trunks
    ]
    columns = (
        *("name", "host", "sources", "trusted", "user name", "priority", "weight", "calls", "carries", "shows"),
    )
    answer(
        desk,
        {"trunks": [trunk_shape(one) for one in trunks]},
        lambda console: console.print(table(columns, rows)),
    )


@app.command("set")
def set_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    priority: Annotated[int | None, typer.Option(min=0, max=LARGEST, help=_PRIORITY)] = None,
    weight: Annotated[int | None, typer.Option(help=_WEIGHT)] = None,
    capacity: Annotated[int | None, typer.Option(help="Calls it takes at once; 0 for no bound.")] = None,
    prefix: Annotated[list[str] | None, typer.Option(metavar="DIGITS", help=_PREFIX + " An empty one: all.")] = None,
    shows: Annotated[list[str] | None, typer.Option(metavar="DIGITS", help=_SHOWS + " An empty one: all.")] = None,
    json: Json = False,
) -> None:
    """Change how a trunk is chosen; what is not given stays."""
    desk = at_desk(ctx)

    def changed(trunk: Trunk) -> Trunk:
        return replace(
            trunk,
            priority=trunk.priority if priority is None else priority,
            weight=trunk.weight if weight is None else weight,
            capacity=trunk.capacity if capacity is None else capacity or None,
            prefixes=trunk.prefixes if prefix is None else tuple(one for one in prefix if one),
            shows=trunk.shows if shows is None else tuple(one for one in shows if one),
        )

    with desk.writing() as conn:
        trunk = change_trunk(conn, name, desk.key, changed)
    say(desk, trunk_shape(trunk), f"Trunk {name} set.", PICKED_UP)


@app.command()
def remove(ctx: typer.Context, name: Annotated[str, typer.Argument()], json: Json = False) -> None:
    """Remove a trunk."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        if name in trunks_with_extensions(conn):
            raise BadValue("trunk", f"{name} with mobile extensions", "one without (`denwaban onnet list`)")
        remove_trunk(conn, name)
    say(desk, {"removed": name}, f"Trunk {name} removed.", PICKED_UP)
