"""A device as JSON has it, and as people read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from sqlalchemy import Connection

from console.show import fields, table, when
from dialplan.numbers import shown
from provisioning.device import Device, DeviceState, Transport
from provisioning.fetch import Enrolment, Fetch, FetchStatus, Sighting
from provisioning.makers import all as makers
from provisioning.records import health as healths
from provisioning.records.fetches import enrolments_open, fetches_of, last_fetches
from provisioning.records.health import DOWN, Health, PortHealth
from subscribers.records.find import get_line_for_call
from subscribers.states import LineForCall

FETCHES_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A device with all that is known of it. `fetches` are the newest, the newest first."""

    device: Device
    lines: Mapping[int, LineForCall]
    health: Health | None
    ports: Mapping[int, PortHealth]
    fetches: Sequence[Fetch] = ()
    windows: Sequence[Enrolment] = ()

    @property
    def enrolment_until(self) -> datetime | None:
        open_ = self.windows and self.device.state is DeviceState.LENT
        return self.windows[0].until if open_ else None

    @property
    def in_trouble(self) -> bool:
        """Down, or a port of it is dead."""
        down = self.health is not None and self.health.state == DOWN
        return down or any(port.dead for port in self.ports.values())


def view_of(conn: Connection, device: Device, at: datetime) -> View:
    return View(
        device=device,
        lines={port.line_id: get_line_for_call(conn, port.line_id) for port in device.ports},
        health=healths.get(conn, device.id),
        ports={one.number: one for one in healths.ports(conn, device.id)},
        fetches=fetches_of(conn, device.id, FETCHES_SHOWN),
        windows=enrolments_open(conn, at, device.id),
    )


def views_of(conn: Connection, devices: Sequence[Device], at: datetime) -> list[View]:
    """The same of many, with the newest fetch of each only."""
    health, ports, newest = healths.every(conn), healths.every_port(conn), last_fetches(conn)
    windows = enrolments_open(conn, at)
    return [
        View(
            device=device,
            lines={port.line_id: get_line_for_call(conn, port.line_id) for port in device.ports},
            health=health.get(device.id),
            ports={one.number: one for one in ports.get(device.id, ())},
            fetches=[newest[device.id]] if device.id in newest else [],
            windows=[one for one in windows if one.device_id in (None, device.id)],
        )
        for device in devices
    ]


def device_shape(view: View, at: datetime) -> dict[str, Any]:
    device, health = view.device, view.health
    return {
        "mac": device.mac.colons,
        "maker": device.maker,
        "model": device.model,
        "state": device.state.value,
        "ports": [_port_shape(view, port.number, port.line_id, at) for port in device.ports],
        "transport": device.transport.value,
        "snmp": device.snmp.value,
        "address": device.address,
        "firmware": device.firmware,
        "added_at": device.added_at,
        "file": own_file(device),
        "health": None
        if health is None
        else {
            "state": health.state,
            "since": health.since,
            "last_ok_at": health.last_ok_at,
            "uptime_seconds": health.uptime_seconds,
        },
        "enrolment_until": view.enrolment_until,
        "last_fetch": fetch_shape(view.fetches[0]) if view.fetches else None,
    }


def fetch_shape(fetch: Fetch) -> dict[str, Any]:
    return {
        "name": fetch.name,
        "at": fetch.at,
        "address": fetch.address,
        "via": fetch.via.value,
        "status": fetch.status.value,
        "reason": fetch.reason or None,
        "bytes": fetch.bytes,
        "sha256": fetch.digest,
        "agent": fetch.agent or None,
    }


def sighting_shape(one: Sighting) -> dict[str, Any]:
    return {
        "mac": one.mac.colons,
        "maker": one.maker,
        "model": one.model,
        "name": one.name,
        "address": one.address,
        "first_at": one.first_at,
        "last_at": one.last_at,
        "count": one.count,
    }


def own_file(device: Device) -> str | None:
    """The name it asks for its own file by; None for a maker that this version does not know (any more)."""
    found = next((one for one in makers.MAKERS if one.key == device.maker), None)
    return None if found is None else found.own_file(device.mac, device.model)


ROW = ("MAC", "maker", "model", "state", "port: number", "address", "firmware", "last fetch", "health")


def device_row(view: View) -> tuple[object, ...]:
    device = view.device
    numbers = ", ".join(f"{port.number}: {shown(view.lines[port.line_id].line.number)}" for port in device.ports)
    return (
        device.mac.colons,
        device.maker,
        device.model,
        device.state,
        numbers,
        device.address,
        device.firmware,
        _told_fetch(view.fetches[0]) if view.fetches else None,
        told_health(view),
    )


def print_device(console: Console, view: View, at: datetime, secrets: Mapping[str, str]) -> None:
    device, health = view.device, view.health
    pairs: list[tuple[str, object]] = [
        ("device", f"{device.mac.colons}  {device.maker} {device.model}"),
        ("state", device.state),
        ("address", device.address),
        ("SIP over", "TLS, with SRTP" if device.transport is Transport.TLS else "UDP"),
        ("SNMP", device.snmp),
        ("firmware", device.firmware),
        ("health", told_health(view)),
        ("last answer", health and health.last_ok_at),
        ("running for", health and health.uptime_seconds is not None and _span(health.uptime_seconds)),
        ("its file", own_file(device)),
        ("enrolment", view.enrolment_until and f"open until {when(view.enrolment_until)}"),
        ("added", device.added_at),
        *((name.replace("_", " "), secret) for name, secret in secrets.items()),
    ]
    console.print(fields(pairs))
    console.print()
    if device.ports:
        columns = ("port", "line", "number", "member", "line is", "registered", "port is")
        console.print(table(columns, [_port_row(view, port.number, port.line_id, at) for port in device.ports]))
    else:
        console.print("No line is on it.")
    console.print()
    if view.fetches:
        asked = ("asked at", "for", "from", "via", "answer", "bytes", "sha256", "agent")
        console.print(table(asked, [_fetch_row(one) for one in view.fetches]))
    else:
        console.print("It has not asked for a file yet.")


def told_health(view: View) -> str | None:
    dead = [number for number, port in sorted(view.ports.items()) if port.dead]
    said = f"{view.health.state} since {when(view.health.since)}" if view.health else None
    if not dead:
        return said
    ports = f"port {', '.join(map(str, dead))} dead"
    return f"{said}, {ports}" if said else ports


def _told_fetch(fetch: Fetch) -> str:
    return f"{when(fetch.at)}{'' if fetch.status is FetchStatus.SERVED else f', {fetch.status}'}"


def _port_shape(view: View, number: int, line_id: int, at: datetime) -> dict[str, Any]:
    line, port = view.lines[line_id], view.ports.get(number)
    return {
        "port": number,
        "line": line_id,
        "number": line.line.number,
        "member": line.member.id,
        "line_state": line.state(at).value,
        "registered": port and port.registered,
        "dead": port and port.dead,
    }


def _port_row(view: View, number: int, line_id: int, at: datetime) -> tuple[object, ...]:
    line, port = view.lines[line_id], view.ports.get(number)
    who = f"{line.member.id} {line.member.name}"
    dead = port and (f"dead since {when(port.since)}" if port.dead else "alive")
    return number, line_id, shown(line.line.number), who, line.state(at), port and port.registered, dead


def _fetch_row(fetch: Fetch) -> tuple[object, ...]:
    answer = f"{fetch.status}: {fetch.reason}" if fetch.reason else fetch.status
    digest = fetch.digest and fetch.digest[:12]
    return fetch.at, fetch.name, fetch.address, fetch.via, answer, fetch.bytes or None, digest, fetch.agent


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    return f"{days} d {hours}:{minutes:02}" if days else f"{hours}:{minutes:02}"
