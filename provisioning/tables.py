"""The tables of devices: what they are lent for, what they fetched, and how they are.

Lines are named by their ids: who has a line is subscribers' to know.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from provisioning.device import DeviceState, SnmpVersion, Transport
from provisioning.fetch import FetchStatus, Via
from store.metadata import Instant, metadata

_MAC = String(12)
_ADDRESS = String(45)


def _one_of(column: str, kinds: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(kind.value) for kind in kinds)})"


devices = Table(
    "devices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mac", _MAC, nullable=False, unique=True),
    Column("maker", String(20), nullable=False),
    Column("model", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("transport", String(3), nullable=False),
    Column("address", _ADDRESS),
    Column("firmware", String(80)),
    Column("added_at", Instant, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    # SHA-256 of the secret: what is sealed cannot be looked up. The secret is random and long, so no salt is needed.
    Column("secret_digest", String(64), nullable=False, unique=True),
    Column("sealed_admin_password", Text, nullable=False),
    Column("snmp", String(3), nullable=False),
    Column("sealed_snmp", Text, nullable=False),
    CheckConstraint(_one_of("state", DeviceState), name="state"),
    CheckConstraint(_one_of("transport", Transport), name="transport"),
    CheckConstraint(_one_of("snmp", SnmpVersion), name="snmp"),
)

# Only lent devices have rows. A line rings one port: two devices must not register with one account.
device_ports = Table(
    "device_ports",
    metadata,
    Column("device_id", ForeignKey("devices.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("line_id", Integer, nullable=False, unique=True),
    CheckConstraint("number >= 1", name="number"),
)

# The newest of each device, and of strangers together; records.fetches throws away what is older.
fetches = Table(
    "fetches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device_id", ForeignKey("devices.id")),
    Column("mac", _MAC),
    Column("name", String(255), nullable=False),
    Column("address", _ADDRESS, nullable=False),
    Column("via", String(5), nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", String(10), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("digest", String(64)),
    Column("agent", String(200), nullable=False),
    CheckConstraint(_one_of("via", Via), name="via"),
    CheckConstraint(_one_of("status", FetchStatus), name="status"),
    Index("ix_fetches_device_id", "device_id", "id"),
)

# A row without a device is a window for all of them.
enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device_id", ForeignKey("devices.id")),
    Column("opened_at", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("by", Text, nullable=False),
    CheckConstraint("until > opened_at", name="times"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("mac", _MAC, primary_key=True),
    Column("maker", String(20)),
    Column("model", String(40)),
    Column("name", String(255), nullable=False),
    Column("address", _ADDRESS, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("count", Integer, nullable=False),
)

# `data` is the state machine's own; the columns are what others read.
device_health = Table(
    "device_health",
    metadata,
    Column("device_id", ForeignKey("devices.id"), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_ok_at", Instant),
    Column("uptime_seconds", BigInteger),
    Column("data", JSON, nullable=False),
)

port_health = Table(
    "port_health",
    metadata,
    Column("device_id", ForeignKey("devices.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("dead", Boolean, nullable=False),
    Column("registered", Boolean),
    Column("since", Instant, nullable=False),
)
