"""`denwaban device resync`: devices fetch their files again, without a visit."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection

from agi.ami_wire import ManagerError
from agi.manager import Manager
from agi.resync import PACE, Result, Target, Told, resync
from console.desk import Desk, Json, at_desk
from console.log import errors_only
from console.progress import Step, progress
from console.show import answer, table
from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState
from provisioning.inventory import check_state
from provisioning.mac import parse_mac
from provisioning.makers import all as makers
from provisioning.records.find import get_device, list_devices
from subscribers.records.faults import sip_users

_CONNECT_SECONDS = 5.0


def resync_(
    ctx: typer.Context,
    mac: Annotated[str | None, typer.Argument(metavar="[MAC]", help="As on its label, in any spelling.")] = None,
    model: Annotated[str | None, typer.Option(metavar="MODEL", help="Every lent device of this model.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every lent device.")] = False,
    pace: Annotated[float, typer.Option(min=0.1, max=100, help="Devices a second.")] = PACE,
    json: Json = False,
) -> None:
    """Have devices fetch their files again. Exits with 1 when one of them could not be told."""
    desk = at_desk(ctx)
    given = [way for way, there in (("a MAC", mac), ("--model", model), ("--all", all_)) if there]
    if len(given) != 1:
        raise BadValue("devices", " and ".join(given) or None, "a MAC, --model or --all")
    with desk.reading() as conn:
        targets = _targets(conn, _chosen(conn, mac, model))
    if not targets:
        raise BadValue("devices", model or "--all", "at least one that is lent")
    with errors_only(), progress(desk, "devices") as step:
        results = asyncio.run(_run(desk, targets, pace, step))

    def people(console: Console) -> None:
        rows = [(one.target.name, one.target.event, one.told, one.sip_user, one.why) for one in results]
        console.print(table(("device", "event", "NOTIFY", "to", "why"), rows))

    answer(desk, {"devices": [_shape(one) for one in results]}, people)
    if any(one.told is not Told.SENT for one in results):
        raise typer.Exit(1)


def _chosen(conn: Connection, mac: str | None, model: str | None) -> list[Device]:
    if mac is not None:
        device = get_device(conn, parse_mac(mac))
        check_state(device, DeviceState.LENT)
        return [device]
    lent = list_devices(conn, state=DeviceState.LENT)
    if model is None:
        return lent
    maker, row = makers.model(model)
    return [device for device in lent if (device.maker, device.model) == (maker.key, row.name)]


def _targets(conn: Connection, devices: list[Device]) -> list[Target]:
    users = sip_users(conn)
    return [
        Target(
            name=device.mac.colons,
            sip_users=tuple(users[port.line_id] for port in device.ports if port.line_id in users),
            event=makers.maker(device.maker).resync,
        )
        for device in devices
    ]


async def _run(desk: Desk, targets: list[Target], pace: float, step: Step | None) -> list[Result]:
    ami = desk.settings.ami
    manager = Manager(host=ami.host, port=ami.port, user=ami.user, secret=ami.password.get_secret_value())
    session = asyncio.create_task(manager.run())
    done = 0

    def told(result: Result) -> None:
        nonlocal done
        done += 1
        if step is not None:
            step(done, len(targets), result.target.name)

    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            await manager.wait_connected()
        return await resync(manager, targets, pace=pace, told=told)
    except (TimeoutError, ManagerError) as why:
        found = str(why) or f"no session within {_CONNECT_SECONDS:g} s"
        raise BadValue("Asterisk's manager interface", f"{ami.host}:{ami.port}: {found}", "its answer") from None
    finally:
        session.cancel()
        with suppress(asyncio.CancelledError):
            await session


def _shape(one: Result) -> dict[str, object]:
    return {
        "mac": one.target.name,
        "event": one.target.event,
        "result": one.told.value,
        "sip_user": one.sip_user or None,
        "why": one.why or None,
    }
