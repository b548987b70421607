"""All that a device's template is filled with. Pure."""

from dataclasses import dataclass, field

from provisioning.device import Transport
from provisioning.mac import Mac

MENU_CODES = ("142", "144", "147", "148")
EMERGENCY_CODES = ("110", "118", "119")
OTHER_CODES = ("104", "113", "115", "116", "117", "136", "171", "177", "188", "189")
CODES = (*EMERGENCY_CODES, *MENU_CODES, *OTHER_CODES)
"""Sent at once when dialled. 184 and 186 are not among them: a number follows."""

TIME_ZONE_HOURS = 9
"""Japan, the whole year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What port `port` (from 1) registers with. `number` in national digits, `shown` as people write it."""

    port: int
    sip_user: str
    password: str = field(repr=False)
    number: str
    shown: str
    label: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snmp:
    """How the device shall answer us: v2c with `community`, or v3 authPriv (SHA, AES-128) with `user` and `phrase`
    for both. `manager` is the address that polls and takes traps.
    """

    manager: str
    community: str | None = field(default=None, repr=False)
    user: str | None = None
    phrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """
    model      the row's name in the maker's table.
    registrar, port, transport   where and how it speaks SIP; TLS includes SRTP (SDES).
    base_url   where its files are fetched, with a slash at the end: tftp://192.0.2.1/ or
               https://prov.example.jp/<secret>/.
    ntp        a time server's address.
    accounts   by rising port; a port without a line has none and is to be switched off.
    """

    mac: Mac
    model: str
    registrar: str
    port: int
    transport: Transport
    base_url: str
    ntp: str
    admin_password: str = field(repr=False)
    accounts: tuple[Account, ...]
    snmp: Snmp | None = None
