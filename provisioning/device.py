"""A device of ours: a phone, an adapter or a gateway that is lent, and what it is lent for. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from provisioning.mac import Mac


class DeviceState(StrEnum):
    STOCK = "stock"
    LENT = "lent"
    LOST = "lost"
    RETURNED = "returned"


class Transport(StrEnum):
    """How it speaks SIP. TLS means SRTP too."""

    UDP = "udp"
    TLS = "tls"


class SnmpVersion(StrEnum):
    OFF = "off"
    V2C = "v2c"
    V3 = "v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Account or FXS port `number` (from 1) of a device is line `line_id`."""

    number: int
    line_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """
    model    as in the maker's table, "T46U".
    address  the IPv4 address it is known by; its files are served there without a window. None: not known yet.
    sealed_secret          leads its files' path over HTTP(S).
    sealed_admin_password  of its own web page; generated, never typed.
    sealed_snmp            v2c: the community; v3: the pass phrase for authentication and privacy.
    """

    id: int
    mac: Mac
    maker: str
    model: str
    state: DeviceState
    ports: tuple[Port, ...]
    transport: Transport
    address: str | None
    firmware: str | None
    added_at: datetime
    sealed_secret: str = field(repr=False)
    sealed_admin_password: str = field(repr=False)
    snmp: SnmpVersion
    sealed_snmp: str = field(repr=False)
