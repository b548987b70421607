"""`denwaban device`: phones, adapters and gateways, what they are lent for and how they are."""

from typing import Annotated

import typer
from rich.console import Console

from console.commands.device_add import Address, Ports, Snmp, add, adopt
from console.commands.device_enrol import enrol, unknown
from console.commands.device_moves import lost, retire, swap
from console.commands.device_resync import resync_
from console.desk import Json, at_desk
from console.device_views import device_row, device_shape, fetch_shape, print_device, view_of, views_of
from console.devices import MacText, lines_told, model_of, renew_accounts, said_of, wanted_ports
from console.lines import PICKED_UP
from console.show import answer, say, table
from console.which import line_named
from dialplan.errors import BadValue
from provisioning.device import DeviceState, Transport
from provisioning.mac import parse_mac
from provisioning.makers import all as makers
from provisioning.records.devices import change_device
from provisioning.records.find import get_device, list_devices
from store.secrets import unseal

TAKEN_OFF = "What was taken off has a new SIP password: the old port cannot take its calls any more."

app = typer.Typer(no_args_is_help=True, help="Devices: phones, adapters and gateways. Name one by its MAC address.")
app.command()(add)


@app.command("set")
def set_(
    ctx: typer.Context,
    mac: MacText,
    port: Ports = None,
    tls: Annotated[bool | None, typer.Option("--tls/--udp", help="How it speaks SIP; TLS with SRTP.")] = None,
    snmp: Snmp = None,
    address: Address = None,
    json: Json = False,
) -> None:
    """Put lines on ports, take them off (--port 2=), or change how it speaks. It takes it up at its next fetch."""
    desk = at_desk(ctx)
    if not port and tls is None and snmp is None and address is None:
        raise BadValue("change", None, "one of --port, --tls, --udp, --snmp, --address")
    now, found = desk.now(), parse_mac(mac)
    transport = None if tls is None else (Transport.TLS if tls else Transport.UDP)
    with desk.writing() as conn:
        on, off = wanted_ports(conn, None, port or [], now)
        before = get_device(conn, found)
        model = model_of(before)
        with lines_told(conn):
            device = change_device(
                conn, found, model, ports=on, freed=off, transport=transport, snmp=snmp, address=address
            )
        gone = {one.line_id for one in before.ports} - {one.line_id for one in device.ports}
        renew_accounts(conn, sorted(gone), desk.key)
        view = view_of(conn, device, now)
    sentences = [f"Device {said_of(device)}; {device.transport}, SNMP {device.snmp}."]
    if gone:
        sentences.append(TAKEN_OFF)
    if device.state is DeviceState.LENT:
        sentences += ["It takes this up at its next fetch.", PICKED_UP]
    say(desk, device_shape(view, now), *sentences)


@app.command()
def show(
    ctx: typer.Context,
    mac: MacText,
    reveal: Annotated[
        bool, typer.Option("--secrets", help="Also its admin password, SNMP secret, and HTTPS secret.")
    ] = False,
    json: Json = False,
) -> None:
    """Show a device: its lines, where it is, what it fetched, how it is."""
    desk = at_desk(ctx)
    now = desk.now()
    with desk.reading() as conn:
        device = get_device(conn, parse_mac(mac))
        view = view_of(conn, device, now)
    data = device_shape(view, now) | {"fetches": [fetch_shape(one) for one in view.fetches]}
    secrets: dict[str, str] = {}
    if reveal:
        sealed = {
            "admin_password": device.sealed_admin_password,
            "snmp_secret": device.sealed_snmp,
            "https_secret": device.sealed_secret,
        }
        for name, text in sealed.items():
            secrets[name] = unseal(text, desk.key, f"{name} of device {device.mac.colons}")
        data["secrets"] = secrets
    answer(desk, data, lambda console: print_device(console, view, now, secrets))


@app.command("list")
def list_(
    ctx: typer.Context,
    down: Annotated[bool, typer.Option("--down", help="Only those in trouble: down, or with a dead port.")] = False,
    state: Annotated[DeviceState | None, typer.Option(help="Only in this state.")] = None,
    maker: Annotated[str | None, typer.Option(metavar="MAKER", help="Only of this maker: yealink, ….")] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Only with this line: number or id.")] = None,
    json: Json = False,
) -> None:
    """List devices."""
    desk = at_desk(ctx)
    now = desk.now()
    key = None if maker is None else makers.maker(maker).key
    with desk.reading() as conn:
        line_id = None if line is None else line_named(conn, line).line.id
        devices = list_devices(conn, state=state, maker=key, line_id=line_id)
        views = [view for view in views_of(conn, devices, now) if view.in_trouble or not down]
    narrowed = down or state is not None or maker is not None or line is not None

    def people(console: Console) -> None:
        if views:
            columns = (
                "MAC",
                "maker",
                "model",
                "state",
                "port: number",
                "address",
                "firmware",
                "last fetch",
                "health",
            )
            console.print(table(columns, [device_row(view) for view in views]))
        elif narrowed:
            console.print("No device is in trouble." if down else "No such device.")
        else:
            console.print("No device yet: denwaban device add MAC MODEL --line LINE (denwaban device models)")

    answer(desk, {"devices": [device_shape(view, now) for view in views]}, people)


@app.command()
def models(ctx: typer.Context, json: Json = False) -> None:
    """List the makers and models that files can be made for."""
    desk = at_desk(ctx)
    found = [(maker, model) for maker in makers.MAKERS for model in maker.models]
    rows = [(maker.key, model.name, model.kind.value, model.ports, model.tls) for maker, model in found]
    keys = ("maker", "model", "kind", "ports", "tls")
    answer(
        desk,
        {"models": [dict(zip(keys, row, strict=True)) for row in rows]},
        lambda console: console.print(table(("maker", "model", "kind", "ports", "TLS"), rows)),
    )


for command in (adopt, unknown, enrol, swap, retire, lost):
    app.command()(command)
app.command("resync")(resync_)
