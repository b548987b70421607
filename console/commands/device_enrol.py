"""`denwaban device enrol` and `unknown`: letting devices fetch their files for the first time."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from console.desk import Json, at_desk
from console.device_views import sighting_shape
from console.devices import whoever
from console.show import answer, say, table, when
from dialplan.errors import BadValue
from provisioning.device import DeviceState
from provisioning.inventory import check_state
from provisioning.mac import parse_mac
from provisioning.records.fetches import LONGEST_WINDOW, WINDOW, list_sightings, open_enrolment
from provisioning.records.find import get_device

_MINUTES, _LONGEST = (int(window.total_seconds() // 60) for window in (WINDOW, LONGEST_WINDOW))


def enrol(
    ctx: typer.Context,
    mac: Annotated[str | None, typer.Argument(metavar="[MAC]", help="As on its label, in any spelling.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every lent device, after a change of network.")] = False,
    minutes: Annotated[int, typer.Option(min=1, max=_LONGEST, help="How long.")] = _MINUTES,
    json: Json = False,
) -> None:
    """Open a window in which a device's files are served wherever it asks from. It is known there then."""
    desk = at_desk(ctx)
    if all_ == (mac is not None):
        raise BadValue("device", f"{mac} and --all" if mac else None, "a MAC or --all")
    now = desk.now()
    with desk.writing() as conn:
        device = None if mac is None else get_device(conn, parse_mac(mac))
        if device is not None:
            check_state(device, DeviceState.LENT)
        window = open_enrolment(
            conn, None if device is None else device.id, now, whoever(), timedelta(minutes=minutes)
        )
    data = {"mac": device and device.mac.colons, "opened_at": now, "until": window.until, "by": window.by}
    whose = "The files of every lent device are" if device is None else f"The files of {device.mac.colons} are"
    say(desk, data, f"{whose} served to any address until {when(window.until)}: plug in now.")


def unknown(ctx: typer.Context, json: Json = False) -> None:
    """List devices that are not ours and asked for files, the last first."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        seen = list_sightings(conn)
    rows = [
        (one.mac.colons, one.maker, one.model, one.name, one.address, one.first_at, one.last_at, one.count)
        for one in seen
    ]
    columns = ("MAC", "maker", "model", "asked for", "from", "first", "last", "times")

    def people(console: Console) -> None:
        if rows:
            console.print(table(columns, rows))
            console.print()
            console.print("Ours? denwaban device adopt MAC MODEL --line LINE")
        else:
            console.print("No unknown device has asked for a file. One that is plugged in appears here.")

    answer(desk, {"unknown": [sighting_shape(one) for one in seen]}, people)
