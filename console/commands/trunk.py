"""`denwaban trunk`: the carrier's side."""

import sys
from typing import Annotated

import typer

from agi.trunks import add_trunk, list_trunks, remove_trunk
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
    codec: Annotated[list[str] | None, typer.Option(help="ulaw, alaw or g722; repeat, best first.")] = None,
    priority: Annotated[int, typer.Option(min=0, max=LARGEST, help="Lower is tried first.")] = _DEFAULTS.priority,
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
        (one.name, f"{one.host}:{one.port}", ", ".join(one.sources), one.trusted, one.username, one.priority)
        for one in trunks
    ]
    columns = ("name", "host", "sources", "trusted", "user name", "priority")
    answer(
        desk,
        {"trunks": [trunk_shape(one) for one in trunks]},
        lambda console: console.print(table(columns, rows)),
    )


@app.command()
def remove(ctx: typer.Context, name: Annotated[str, typer.Argument()], json: Json = False) -> None:
    """Remove a trunk."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        if name in trunks_with_extensions(conn):
            raise BadValue("trunk", f"{name} with mobile extensions", "one without (`denwaban onnet list`)")
        remove_trunk(conn, name)
    say(desk, {"removed": name}, f"Trunk {name} removed.", PICKED_UP)
