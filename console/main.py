"""`denwaban`: the commands, put together."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from console.commands import (
    callback,
    calls,
    device,
    forward,
    hash_dial,
    init,
    installation,
    invoice,
    lab,
    limit,
    line,
    member,
    onnet,
    prices,
    provision,
    rate,
    render,
    report,
    rerate,
    serve,
    trunk,
    voice,
)
from console.complaints import Complaining
from console.desk import Desk

app = typer.Typer(
    name="denwaban",
    cls=Complaining,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="電話番: runs a leased-number telephone service on Asterisk.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"denwaban {version('denwaban')}")
        raise typer.Exit


@app.callback()
def denwaban(
    ctx: typer.Context,
    settings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Settings file; else $DENWABAN_SETTINGS, else /etc/denwaban/denwaban.toml."
        ),
    ] = None,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    ctx.obj = Desk(settings)


app.command("init")(init.init)
app.command("serve")(serve.serve)
app.command("render")(render.render)
app.add_typer(trunk.app, name="trunk")
app.add_typer(member.app, name="member")
app.add_typer(line.app, name="line")
app.add_typer(device.app, name="device")
app.add_typer(forward.app, name="forward")
app.add_typer(callback.app, name="callback")
app.add_typer(limit.app, name="limit")
app.add_typer(onnet.app, name="onnet")
app.add_typer(hash_dial.app, name="hashdial")
app.add_typer(installation.app, name="installation")
app.add_typer(calls.app, name="calls")
app.add_typer(prices.app, name="prices")
app.add_typer(provision.app, name="provision")
app.command("rate")(rate.rate)
app.add_typer(invoice.app, name="invoice")
app.command("rerate")(rerate.rerate)
app.add_typer(report.app, name="report")
app.add_typer(voice.app, name="voice")
app.add_typer(lab.app, name="lab")


def main() -> None:
    app()
