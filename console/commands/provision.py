"""`denwaban provision`: how devices come to their files."""

from typing import Annotated

import typer

from console.desk import Desk, at_desk
from console.settings import settings_file
from provisioning.dhcp import Kind, Where, settings
from provisioning.makers.all import MAKERS, maker
from provisioning.makers.maker import Maker
from provisioning.records.find import list_devices

app = typer.Typer(no_args_is_help=True, help="How devices come to their files.")


@app.callback()
def provision() -> None:
    """Where devices come to their files, and are watched."""


@app.command()
def serve(ctx: typer.Context) -> None:
    """Serve devices' files and watch devices, in the foreground; systemd keeps it running."""
    desk = at_desk(ctx)
    with desk.store():  # complains of settings and of a database that is not up to date
        file = settings_file(desk.given)
    from console.provisioning import become  # a quarter of a second of imports that no other command needs

    become(file)


@app.command()
def dhcp(
    ctx: typer.Context,
    kind: Annotated[Kind, typer.Option("--for", help="The DHCP server.")],
    makers: Annotated[
        list[str] | None,
        typer.Option("--maker", metavar="MAKER", help="Only these; else those of our devices, else all."),
    ] = None,
    http: Annotated[str | None, typer.Option(metavar="URL", help="Where files are, with a slash at the end.")] = None,
    tftp: Annotated[str | None, typer.Option(metavar="ADDRESS", help="The TFTP server's IPv4 address.")] = None,
) -> None:
    """Print what a DHCP server must be told so that devices find their files."""
    where = Where(http=http, tftp=tftp)
    chosen = [maker(key) for key in makers] if makers else _ours(at_desk(ctx))
    typer.echo(settings(kind, chosen, where), nl=False)


def _ours(desk: Desk) -> list[Maker]:
    with desk.reading() as conn:
        keys = {device.maker for device in list_devices(conn)}
    return [one for one in MAKERS if one.key in keys] or list(MAKERS)
