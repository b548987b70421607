"""How devices and their ports are, as the watching side left it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from provisioning.tables import device_health, port_health

DOWN = "down"
"""The state of a device that is given up, as provisioning/snmp names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`state` and `since` are for everybody; `data` is the state machine's own, as JSON carries it."""

    state: str
    since: datetime
    last_ok_at: datetime | None = None
    uptime_seconds: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortHealth:
    """`registered` None: nobody knows."""

    number: int
    dead: bool
    registered: bool | None
    since: datetime


def get(conn: Connection, device_id: int) -> Health | None:
    """None: never asked since it was lent."""
    row = conn.execute(select(device_health).where(device_health.c.device_id == device_id)).one_or_none()
    return None if row is None else _health(row)


def every(conn: Connection) -> dict[int, Health]:
    """By device."""
    return {row.device_id: _health(row) for row in conn.execute(select(device_health))}


def put(conn: Connection, device_id: int, health: Health) -> None:
    """In place of what was there."""
    conn.execute(delete(device_health).where(device_health.c.device_id == device_id))
    conn.execute(
        insert(device_health).values(
            device_id=device_id,
            state=health.state,
            since=health.since,
            last_ok_at=health.last_ok_at,
            uptime_seconds=health.uptime_seconds,
            data=dict(health.data),
        )
    )


def ports(conn: Connection, device_id: int) -> tuple[PortHealth, ...]:
    """By rising number; only ports something is known of."""
    wanted = select(port_health).where(port_health.c.device_id == device_id).order_by(port_health.c.number)
    return tuple(_port(row) for row in conn.execute(wanted))


def every_port(conn: Connection) -> dict[int, tuple[PortHealth, ...]]:
    """By device."""
    found: dict[int, tuple[PortHealth, ...]] = {}
    for row in conn.execute(select(port_health).order_by(port_health.c.device_id, port_health.c.number)):
        found[row.device_id] = (*found.get(row.device_id, ()), _port(row))
    return found


def put_ports(conn: Connection, device_id: int, several: Sequence[PortHealth]) -> None:
    """In place of those of the same numbers; other ports stay as they are."""
    if not several:
        return
    numbers = [one.number for one in several]
    conn.execute(delete(port_health).where(port_health.c.device_id == device_id, port_health.c.number.in_(numbers)))
    conn.execute(
        insert(port_health),
        [
            {
                "device_id": device_id,
                "number": one.number,
                "dead": one.dead,
                "registered": one.registered,
                "since": one.since,
            }
            for one in several
        ],
    )


def _health(row: Row[Any]) -> Health:
    return Health(
        state=row.state,
        since=row.since,
        last_ok_at=row.last_ok_at,
        uptime_seconds=row.uptime_seconds,
        data=row.data,
    )


def _port(row: Row[Any]) -> PortHealth:
    return PortHealth(number=row.number, dead=row.dead, registered=row.registered, since=row.since)
