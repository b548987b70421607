"""Changes of devices. Each is checked against what is stored, is one statement of intent, and returns the device."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select, text, update

from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState, Port, SnmpVersion, Transport
from provisioning.inventory import (
    PortLine,
    check_addable,
    check_address,
    check_ports,
    check_snmp,
    check_state,
    check_transport,
    without,
)
from provisioning.mac import Mac
from provisioning.makers.maker import Maker, Model
from provisioning.records import health
from provisioning.records.find import device_by_mac, get_device
from provisioning.secrets import ADMIN_LENGTH, SNMP_LENGTH, URL_LENGTH, digest_of, new_password
from provisioning.snmp.health import inherited
from provisioning.tables import device_health, device_ports, devices, enrolments, port_health, sightings
from store.secrets import seal


def add_device(
    conn: Connection,
    mac: Mac,
    maker: Maker,
    model: Model,
    *,
    key: str,
    at: datetime,
    ports: Sequence[PortLine] = (),
    transport: Transport = Transport.UDP,
    snmp: SnmpVersion = SnmpVersion.OFF,
    address: str | None = None,
) -> Device:
    """Lent when it has ports, else in stock. One that came back is added again: with fresh secrets, since somebody
    else had the old ones. It is no stranger any more, so its sighting goes. `key` seals the secrets.

    Raises BadValue (see provisioning.inventory), also for a line that another device has.
    """
    _take_turns(conn)
    known = device_by_mac(conn, mac)
    check_addable(known, ports)
    check_transport(model, transport)
    check_snmp(model, snmp)
    checked = check_ports(model, ports)
    values = {
        "mac": mac.text,
        "maker": maker.key,
        "model": model.name,
        "state": (DeviceState.LENT if checked else DeviceState.STOCK).value,
        "transport": transport.value,
        "address": None if address is None else check_address(address),
        "firmware": None,
        "added_at": at,
        "snmp": snmp.value,
        **_fresh_secrets(key),
    }
    if known is None:
        device_id = conn.execute(insert(devices).values(values).returning(devices.c.id)).scalar_one()
    else:
        device_id = known.id
        conn.execute(update(devices).where(devices.c.id == device_id).values(values))
    _put_ports(conn, device_id, checked)
    conn.execute(delete(sightings).where(sightings.c.mac == mac.text))
    return get_device(conn, mac)


def change_device(
    conn: Connection,
    mac: Mac,
    model: Model,
    *,
    ports: Sequence[PortLine] = (),
    freed: Collection[int] = (),
    transport: Transport | None = None,
    snmp: SnmpVersion | None = None,
    address: str | None = None,
) -> Device:
    """Puts lines on ports and takes them off (`freed` first); None leaves a setting as it is. `model` is its row.

    A device in stock is lent with its first line; the last line of a lent one is not taken off but the device
    retired. Raises BadValue.
    """
    _take_turns(conn)
    device = get_device(conn, mac)
    check_state(device, DeviceState.STOCK, DeviceState.LENT)
    changed = check_ports(model, ports, without(device.ports, freed))
    if device.ports and not changed:
        raise BadValue("ports to free", ", ".join(map(str, freed)), "one that keeps a line (or `device retire`)")
    values: dict[str, str] = {"state": (DeviceState.LENT if changed else DeviceState.STOCK).value}
    if transport is not None:
        check_transport(model, transport)
        values["transport"] = transport.value
    if snmp is not None:
        check_snmp(model, snmp)
        values["snmp"] = snmp.value
    if address is not None:
        values["address"] = check_address(address)
    _put_ports(conn, device.id, changed)
    conn.execute(update(devices).where(devices.c.id == device.id).values(values))
    return get_device(conn, mac)


def swap_device(
    conn: Connection,
    old: Mac,
    new: Mac,
    maker: Maker,
    model: Model,
    *,
    lines: Sequence[PortLine],
    key: str,
    at: datetime,
) -> tuple[Device, Device]:
    """(the old one, returned; the new one, lent). The new one takes its ports, transport, SNMP version and address:
    where the old one was trusted with its lines, the new one is. `lines` tells of the old one's ports.

    Where the old one was down, the new one is until it registers: calls stay with the failover numbers meanwhile, and
    the members, who were told of the fault, are told of its end.

    Raises BadValue (see add_device), and for an old one that is not lent.
    """
    _take_turns(conn)
    if old == new:
        raise BadValue("new device", new.colons, "another one than the old")
    before = get_device(conn, old)
    check_state(before, DeviceState.LENT)
    sick = health.get(conn, before.id)
    returned = _take_back(conn, before, DeviceState.RETURNED)
    lent = add_device(
        conn,
        new,
        maker,
        model,
        key=key,
        at=at,
        ports=lines,
        transport=before.transport,
        snmp=before.snmp,
        address=before.address,
    )
    if sick is not None and sick.state == health.DOWN:
        data = msgspec.to_builtins(inherited((one.number for one in lent.ports), at), str_keys=True)
        health.put(conn, lent.id, health.Health(state=health.DOWN, since=at, data=data))
    return returned, lent


def retire_device(conn: Connection, mac: Mac) -> Device:
    """It came back, or was found. Raises BadValue unless it is lent or lost."""
    _take_turns(conn)
    device = get_device(conn, mac)
    check_state(device, DeviceState.LENT, DeviceState.LOST)
    return _take_back(conn, device, DeviceState.RETURNED)


def lose_device(conn: Connection, mac: Mac) -> Device:
    """Raises BadValue unless it is lent."""
    _take_turns(conn)
    device = get_device(conn, mac)
    check_state(device, DeviceState.LENT)
    return _take_back(conn, device, DeviceState.LOST)


def set_address(conn: Connection, device_id: int, address: str) -> None:
    """Where it was served: it is known there from now on. Raises BadValue for what is no IPv4 address."""
    conn.execute(update(devices).where(devices.c.id == device_id).values(address=check_address(address)))


def set_firmware(conn: Connection, device_id: int, firmware: str) -> None:
    """As it tells it; the first 80 printable characters are kept."""
    kept = "".join(sign for sign in firmware if sign.isprintable())[:80]
    conn.execute(update(devices).where(devices.c.id == device_id).values(firmware=kept or None))


def _take_back(conn: Connection, device: Device, state: DeviceState) -> Device:
    """Its lines, its place, its open windows and what was known of its health go."""
    _put_ports(conn, device.id, ())
    for table in (device_health, enrolments):
        conn.execute(delete(table).where(table.c.device_id == device.id))
    conn.execute(update(devices).where(devices.c.id == device.id).values(state=state.value, address=None))
    return get_device(conn, device.mac)


def _put_ports(conn: Connection, device_id: int, ports: Sequence[Port]) -> None:
    """In place of those it has. Health is forgotten of a port that gets another line."""
    had = {
        row.number: row.line_id
        for row in conn.execute(select(device_ports).where(device_ports.c.device_id == device_id))
    }
    wanted = {port.number: port.line_id for port in ports}
    conn.execute(delete(device_ports).where(device_ports.c.device_id == device_id))
    other = {number for number in had if wanted.get(number) != had[number]}
    conn.execute(delete(port_health).where(port_health.c.device_id == device_id, port_health.c.number.in_(other)))
    for number, line_id in wanted.items():
        _check_free(conn, line_id)
        conn.execute(insert(device_ports).values(device_id=device_id, number=number, line_id=line_id))


def _check_free(conn: Connection, line_id: int) -> None:
    holder = conn.execute(
        select(devices.c.mac, device_ports.c.number)
        .join(device_ports, device_ports.c.device_id == devices.c.id)
        .where(device_ports.c.line_id == line_id)
    ).one_or_none()
    if holder is not None:
        where = f"on port {holder.number} of {Mac(holder.mac).colons} already"
        raise BadValue("line", f"{line_id}, {where}", "a line that no device has")


def _fresh_secrets(key: str) -> Mapping[str, str]:
    secret = new_password(URL_LENGTH)
    return {
        "sealed_secret": seal(secret, key),
        "secret_digest": digest_of(secret),
        "sealed_admin_password": seal(new_password(ADMIN_LENGTH), key),
        "sealed_snmp": seal(new_password(SNMP_LENGTH), key),
    }


def _take_turns(conn: Connection) -> None:
    """Two that change devices at once are checked one after the other. SQLite lets only one write anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE device_ports IN SHARE ROW EXCLUSIVE MODE"))
