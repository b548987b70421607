"""`denwaban device add` and `adopt`: taking a device in, and lending it with its first lines."""

from typing import Annotated

import typer

from console.desk import Json, at_desk
from console.device_views import device_shape, view_of
from console.devices import MacText, lines_told, said_of, wanted_ports, whoever
from console.lines import PICKED_UP
from console.show import say, when
from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState, SnmpVersion, Transport
from provisioning.inventory import check_address
from provisioning.mac import Mac, parse_mac
from provisioning.makers import all as makers
from provisioning.records.devices import add_device
from provisioning.records.fetches import get_sighting, open_enrolment

ModelText = Annotated[
    str, typer.Argument(metavar="MODEL", help="T46U, or yealink/T46U (`denwaban device models` lists them).")
]
Line = Annotated[str | None, typer.Option("--line", metavar="LINE", help="Line of port 1: number or id.")]
Ports = Annotated[
    list[str] | None, typer.Option("--port", metavar="PORT=LINE", help="A port and its line: 2=0312345678; repeat.")
]
Tls = Annotated[bool, typer.Option("--tls", help="SIP over TLS with SRTP; else UDP.")]
Snmp = Annotated[SnmpVersion | None, typer.Option(help="How it answers our questions; v3 is authPriv.")]
Address = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="The IPv4 address its files are served to without a window.")
]
Enrol = Annotated[bool, typer.Option("--enrol", help="Open its enrolment window as well, for 30 minutes.")]


def add(
    ctx: typer.Context,
    mac: MacText,
    model: ModelText,
    line: Line = None,
    port: Ports = None,
    tls: Tls = False,
    snmp: Snmp = None,
    address: Address = None,
    enrol: Enrol = False,
    json: Json = False,
) -> None:
    """Take a device in; with a line it is lent. A returned one is added again, with fresh secrets."""
    _take_in(ctx, parse_mac(mac), model, line, port, tls, snmp, address, enrol)


def adopt(
    ctx: typer.Context,
    mac: MacText,
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="As of add; else what its requests told.")
    ] = None,
    line: Line = None,
    port: Ports = None,
    tls: Tls = False,
    snmp: Snmp = None,
    address: Address = None,
    enrol: Enrol = False,
    json: Json = False,
) -> None:
    """Take in a device that asked for its files: like add, at the address it asked from (`device unknown`)."""
    desk = at_desk(ctx)
    found = parse_mac(mac)
    with desk.reading() as conn:
        seen = get_sighting(conn, found)
    if seen is None:
        raise BadValue("device", found.colons, "one that asked for a file (`denwaban device unknown`)")
    if model is None:
        if seen.maker is None or seen.model is None:
            raise BadValue("model", None, f"MODEL: {seen.name!r}, which it asked for, does not tell")
        model = f"{seen.maker}/{seen.model}"
    _take_in(ctx, found, model, line, port, tls, snmp, address or _usable(seen.address), enrol)


def _usable(seen: str) -> str | None:
    """One that asked over IPv6 is taken in all the same; it needs a window, or its secret."""
    try:
        return check_address(seen)
    except BadValue:
        return None


def _take_in(
    ctx: typer.Context,
    mac: Mac,
    model_text: str,
    line: str | None,
    port: list[str] | None,
    tls: bool,
    snmp: SnmpVersion | None,
    address: str | None,
    enrol: bool,
) -> None:
    desk = at_desk(ctx)
    now = desk.now()
    maker, model = makers.model(model_text)
    with desk.writing() as conn:
        on, off = wanted_ports(conn, line, port or [], now)
        if off:
            raise BadValue("port", f"{off[0]}=", "PORT=LINE: nothing is on it yet")
        if enrol and not on:
            raise BadValue("--enrol", "a device for stock", "a device with a line: --line or --port")
        with lines_told(conn):
            device = add_device(
                conn,
                mac,
                maker,
                model,
                key=desk.key,
                at=now,
                ports=on,
                transport=Transport.TLS if tls else Transport.UDP,
                snmp=snmp or SnmpVersion.OFF,
                address=address,
            )
        window = open_enrolment(conn, device.id, now, whoever()) if enrol else None
        view = view_of(conn, device, now)
    sentences = [f"Device {said_of(device)}."]
    if window is not None:
        sentences.append(f"Plug it in: its files are served to it until {when(window.until)}.")
    sentences += _next(device) if window is None else []
    say(desk, device_shape(view, now), *sentences, *([PICKED_UP] if tls and on else []))


def _next(device: Device) -> list[str]:
    mac = device.mac.colons
    if device.state is DeviceState.STOCK:
        return [f"It is in stock; lend it: denwaban device set {mac} --port 1=LINE"]
    if device.address is not None:
        return [f"Plug it in: its files are served to {device.address}."]
    return [f"Its files are served to nobody yet; then plug it in: denwaban device enrol {mac}"]
