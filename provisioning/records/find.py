"""Finding devices: by MAC, id, secret, line, and all of them."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState, Port, SnmpVersion, Transport
from provisioning.mac import Mac
from provisioning.secrets import digest_of
from provisioning.tables import device_ports, devices

_COLUMNS = tuple(column for column in devices.c if column.name != "secret_digest")
_SELECT: Select[Any] = select(*_COLUMNS)
_WITH_DIGEST: Select[Any] = select(*_COLUMNS, devices.c.secret_digest)
_BY_MACS = _WITH_DIGEST.where(devices.c.mac.in_(bindparam("keys", expanding=True)))
_BY_DIGESTS = _WITH_DIGEST.where(devices.c.secret_digest.in_(bindparam("keys", expanding=True)))
_PORTS_OF = select(device_ports).where(device_ports.c.device_id.in_(bindparam("ids", expanding=True)))


def get_device(conn: Connection, mac: Mac) -> Device:
    """Raises BadValue when there is none."""
    found = device_by_mac(conn, mac)
    if found is None:
        raise BadValue("device", mac.colons, "the MAC address of a device (`denwaban device list`)")
    return found


def device_by_mac(conn: Connection, mac: Mac) -> Device | None:
    """In any state."""
    return _one(conn, _SELECT.where(devices.c.mac == mac.text))


def device_by_id(conn: Connection, device_id: int) -> Device | None:
    return _one(conn, _SELECT.where(devices.c.id == device_id))


def devices_by_mac(conn: Connection, macs: Collection[Mac]) -> dict[Mac, Device]:
    """In any state; who is not there is left out."""
    found = _several(conn, _BY_MACS, [mac.text for mac in macs])
    return {device.mac: device for device, _ in found}


def devices_by_secret(conn: Connection, secrets: Collection[str]) -> dict[str, Device]:
    """By the secret that their files' path over HTTP(S) begins with; in any state."""
    by_digest = {digest_of(secret): secret for secret in secrets}
    return {by_digest[digest]: device for device, digest in _several(conn, _BY_DIGESTS, list(by_digest))}


def device_of_line(conn: Connection, line_id: int) -> Device | None:
    """The lent device on one of whose ports the line is."""
    of_line = select(device_ports.c.device_id).where(device_ports.c.line_id == line_id).scalar_subquery()
    return _one(conn, _SELECT.where(devices.c.id == of_line))


def list_devices(
    conn: Connection,
    *,
    state: DeviceState | None = None,
    maker: str | None = None,
    line_id: int | None = None,
) -> list[Device]:
    """In the order they were added."""
    wanted = _SELECT.order_by(devices.c.id)
    if state is not None:
        wanted = wanted.where(devices.c.state == state.value)
    if maker is not None:
        wanted = wanted.where(devices.c.maker == maker)
    if line_id is not None:
        wanted = wanted.where(
            devices.c.id.in_(select(device_ports.c.device_id).where(device_ports.c.line_id == line_id))
        )
    rows = conn.execute(wanted).all()
    ports = _ports(conn.execute(select(device_ports)))
    return [_device(row, ports.get(row.id, ())) for row in rows]


def tls_lines(conn: Connection) -> set[int]:
    """The ids of the lines whose device speaks SIP over TLS, with SRTP."""
    wanted = (
        select(device_ports.c.line_id)
        .join(devices, devices.c.id == device_ports.c.device_id)
        .where(devices.c.transport == Transport.TLS.value)
    )
    return set(conn.execute(wanted).scalars())


def _one(conn: Connection, wanted: Select[Any]) -> Device | None:
    row = conn.execute(wanted).one_or_none()
    if row is None:
        return None
    ports = _ports(conn.execute(select(device_ports).where(device_ports.c.device_id == row.id)))
    return _device(row, ports.get(row.id, ()))


def _several(conn: Connection, wanted: Select[Any], keys: list[str]) -> list[tuple[Device, str]]:
    """Each with the digest of its secret."""
    rows = conn.execute(wanted, {"keys": keys}).all() if keys else []
    ids = [row.id for row in rows]
    ports = _ports(conn.execute(_PORTS_OF, {"ids": ids})) if ids else {}
    found = []
    for row in rows:
        *values, digest = row
        columns = (column.name for column in _COLUMNS)
        found.append((_made(dict(zip(columns, values, strict=True)), ports.get(row.id, ())), digest))
    return found


def _ports(rows: Iterable[Any]) -> dict[int, tuple[Port, ...]]:
    found: dict[int, list[Port]] = {}
    for row in rows:
        found.setdefault(row.device_id, []).append(Port(number=row.number, line_id=row.line_id))
    return {device: tuple(sorted(ports, key=lambda port: port.number)) for device, ports in found.items()}


def _device(row: Row[Any], ports: tuple[Port, ...]) -> Device:
    return _made(dict(row._mapping), ports)


def _made(values: dict[str, Any], ports: tuple[Port, ...]) -> Device:
    return Device(
        **{
            **values,
            "mac": Mac(values["mac"]),
            "state": DeviceState(values["state"]),
            "transport": Transport(values["transport"]),
            "snmp": SnmpVersion(values["snmp"]),
            "ports": ports,
        }
    )
