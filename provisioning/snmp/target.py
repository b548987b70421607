"""Whom to ask, and with what secret. Pure."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from provisioning.device import SnmpVersion
from provisioning.mac import Mac
from provisioning.snmp.readings import Answer, Oid

AGENT_PORT = 161


def snmp_user(mac: Mac) -> str:
    """The SNMPv3 user name a device is given: its own, because pysnmp keeps users by name, and two devices with one
    name and two pass phrases would take each other's keys away at every poll.
    """
    return f"denwaban-{mac.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`secret` is the v2c community, or the v3 pass phrase for both, of 8 characters or more (RFC 3414 11.2);
    `user` is empty with v2c. v3 is authPriv with HMAC-SHA-96 and CFB-AES-128."""

    address: str
    version: SnmpVersion
    secret: str = field(repr=False)
    user: str = ""
    port: int = AGENT_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """`why`: a time-out, wrong keys, an error status; in words, without a secret."""

    why: str


Poll = Callable[[Target, Sequence[Oid]], Awaitable[Answer | NoAnswer]]
"""One request. Returns within its time, whatever the device does, and raises nothing."""
