"""Patton SmartNode gateways with telephone ports (SN4xxx): a script of SmartWare commands, entered on start.

The gateway knows no TLS, no SNMPv3, no Japanese port profile (the American one has Japan's 600 ohm) and no NTT number
display: of these the script says nothing. It looks for a new script a minute after each start and on a NOTIFY.
"""

import re

from dialplan.errors import BadValue
from provisioning.mac import Mac
from provisioning.makers.adapters import CLOSED, OPEN, check_width, scheme_and_path, spelled
from provisioning.makers.filling import check, needed, slots
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_text
from provisioning.setup import Setup

MODELS = tuple(
    Model(name=name, kind=Kind.GATEWAY, ports=ports, tls=False, snmp_v3=False)
    for name, ports in (
        ("SN4112", 2),
        ("SN4114", 4),
        ("SN4116", 6),
        ("SN4118", 8),
        ("SN4316", 16),
        ("SN4324", 24),
        ("SN4332", 32),
    )
)
_LONGEST = 64
_REFUSED = '"\\?$!'  # end a string, ask for help, begin a macro or a history line
_USER = re.compile(r"[0-9A-Za-z_-]+")
_NAMES = re.compile(r"(?P<mac>[0-9a-f]{12})\.cfg", re.ASCII | re.IGNORECASE)
_AGENT = re.compile(
    r"SmartNode \(Model:[^;]{1,40}; Serial:[^;]{1,40}; Software Version:(?P<version>R[0-9][0-9A-Za-z.]{0,20})",
    re.ASCII,
)


def wanted(name: str) -> Wanted | None:
    found = _NAMES.fullmatch(name)
    return None if found is None else Wanted(file="device", mac=Mac(found["mac"].lower()))


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    setup = needed(wanted, setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("model of Patton", setup.model, ", ".join(one.name for one in MODELS))
    if setup.snmp is not None and setup.snmp.community is None:
        raise BadValue(f"SNMP of a {model.name}", "v3", "v2c")
    check(setup, refused=_REFUSED)
    check_width(setup, longest=_LONGEST, ascii_only=True)
    scheme_and_path(setup.base_url)
    for account in setup.accounts:
        if not _USER.fullmatch(account.sip_user):  # a key of the routing table, where signs are wildcards
            raise BadValue(f"SIP user of port {account.port}", account.sip_user[:20], "letters, digits, _ and -")
    return print_text(
        "adapters/patton/device.cfg.j2", setup=setup, slots=slots(setup, model), rules=dial_rules()
    ).encode("ascii")


def own_file(mac: Mac, model: str) -> str:
    return f"{mac}.cfg"


def firmware(agent: str) -> str | None:
    found = _AGENT.match(agent)
    return None if found is None else found["version"]


def dial_rules() -> tuple[str, ...]:
    """Keys of a called-e164 table: . is a digit, [..] one of those in it, and T collects more until a time-out."""
    return (
        *(spelled(rule).replace("x", ".") for rule in CLOSED),
        *(spelled(rule).replace("x", ".") + "T" for rule in OPEN),
    )


MAKER = Maker(
    key="patton",
    name="Patton",
    ouis=("00a0ba",),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=own_file,
    resync="check-sync",
    firmware=firmware,
    documents=(
        "Patton SmartWare Software Configuration Guide (SmartNode 4110 series, R3.20)",
        "Public SmartNode configuration templates, cli version 3.20, software R6.9",
    ),
)
