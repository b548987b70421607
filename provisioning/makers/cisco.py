"""Cisco SPA112/SPA122 and ATA191/ATA192 adapters: flat-profile XML.

A new adapter asks for spa<model>.cfg, whose Profile_Rule sends it to its own /<mac>.cfg. Their caller ID knows no
NTT, so number display on the analogue side stays as the adapter has it. SNMP and the time server are told to an
ATA19x only: for the SPA1x2 no document names them.
"""

import re

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers.adapters import CLOSED, OPEN, check_width, scheme_and_path, spelled
from provisioning.makers.filling import check, minute_of_night, needed, slots
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_xml
from provisioning.setup import Setup

MODELS = (
    # SRTP with keys in SDP could not be found in documents of the SPA1x2, only of the ATA19x.
    Model(name="SPA112", kind=Kind.ADAPTER, ports=2, code="112", tls=False),
    Model(name="SPA122", kind=Kind.ADAPTER, ports=2, code="122", tls=False),
    Model(name="ATA191", kind=Kind.ADAPTER, ports=2, code="191"),
    Model(name="ATA192", kind=Kind.ADAPTER, ports=2, code="192"),
)
_LONGEST = 127
_NAMES = re.compile(r"(?P<mac>[0-9a-f]{12})\.cfg|(?:spa|ata|spaata)(?P<code>[0-9]{3})\.cfg", re.ASCII | re.IGNORECASE)
_AGENT = re.compile(r"(?:Cisco|Linksys)/(?:SPA|ATA)[0-9]{3}[A-Z]?-(?P<version>[0-9][0-9A-Za-z.()-]{0,40})", re.ASCII)


def wanted(name: str) -> Wanted | None:
    found = _NAMES.fullmatch(name)
    if found is None:
        return None
    if found["mac"] is not None:
        return Wanted(file="device", mac=Mac(found["mac"].lower()))
    model = next((one for one in MODELS if one.code == found["code"]), None)
    return None if model is None else Wanted(file="model", model=model.name)


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    """A model's file is the rule that leads to the device's own: $MA is the adapter's MAC in small digits."""
    if wanted.mac is None:
        return print_xml("adapters/cisco/model.xml.j2", base_url=wanted.base_url or "/").encode()
    setup = needed(wanted, setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("model of Cisco", setup.model, ", ".join(one.name for one in MODELS))
    check(setup)
    check_width(setup, longest=_LONGEST)
    scheme_and_path(setup.base_url)
    return print_xml(
        "adapters/cisco/device.xml.j2",
        setup=setup,
        slots=slots(setup, model),
        tls=setup.transport is Transport.TLS,
        routed=model.code.startswith("19"),
        night=minute_of_night(str(setup.mac)).replace(":", ""),
        dial_plan=dial_plan(),
    ).encode()


def own_file(mac: Mac, model: str) -> str:
    return f"{mac}.cfg"


def firmware(agent: str) -> str | None:
    found = _AGENT.match(agent)
    return None if found is None else found["version"]


def dial_plan() -> str:
    """(110|0[1-9][1-9]xxxxxxx|00xx.): x is a digit, and x. any number of them."""
    return "(" + "|".join((*map(spelled, CLOSED), *(spelled(rule) + "x." for rule in OPEN))) + ")"


MAKER = Maker(
    key="cisco",
    name="Cisco",
    ouis=("001873", "002155", "0021a0", "30e4db", "68efbd", "88908d", "a44c11"),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=own_file,
    resync="check-sync",
    firmware=firmware,
    documents=(
        "Cisco ATA 191/192 multiplatform: flat-profile of all parameters with defaults and options",
        "Cisco SPA112/SPA122: flat-profile of public provisioning templates",
    ),
)
