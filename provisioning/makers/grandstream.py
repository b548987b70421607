"""Grandstream: HT80x and HT81x adapters, GXW42xx gateways, GXP21xx phones; <gs_provision> files of P-values.

What each P-value means and takes is told by the makers' configuration templates named below; the same number means
different things on phones and on adapters, and numbers the SLIC's countries differently on adapters and on gateways.
"""

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from urllib.parse import quote

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers.adapters import CLOSED, OPEN, check_width, scheme_and_path, spelled
from provisioning.makers.dialling import forward_labels
from provisioning.makers.filling import check, language, needed, slots
from provisioning.makers.grandstream_values import ACCOUNTS, GATEWAY_PROFILE, PORTS, Values, profile_port
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_xml
from provisioning.setup import Setup

MODELS = (
    Model(name="HT801", kind=Kind.ADAPTER, ports=1),
    Model(name="HT802", kind=Kind.ADAPTER, ports=2),
    Model(name="HT812", kind=Kind.ADAPTER, ports=2),
    Model(name="HT814", kind=Kind.ADAPTER, ports=4),
    Model(name="HT818", kind=Kind.ADAPTER, ports=8),
    Model(name="GXW4216", kind=Kind.GATEWAY, ports=16),
    Model(name="GXW4224", kind=Kind.GATEWAY, ports=24),
    Model(name="GXW4232", kind=Kind.GATEWAY, ports=32),
    Model(name="GXW4248", kind=Kind.GATEWAY, ports=48),
    # 3 accounts each: those whose P-values the documents tell. Keys: where there are physical ones.
    Model(name="GXP2130", kind=Kind.PHONE, ports=3, feature_keys=8),
    Model(name="GXP2135", kind=Kind.PHONE, ports=3),
    Model(name="GXP2140", kind=Kind.PHONE, ports=3),
    Model(name="GXP2160", kind=Kind.PHONE, ports=3, feature_keys=24),
    Model(name="GXP2170", kind=Kind.PHONE, ports=3),
)
_LONGEST = 64
_LONGEST_PASSWORD = 30
_SCHEMES = {"tftp": 0, "http": 1, "https": 2}
_JAPAN = {Kind.ADAPTER: 2, Kind.GATEWAY: 8}  # of the SLIC's countries
_NAMES = re.compile(
    r"cfg(?:(?P<mac>[0-9a-f]{12})(?P<xml>\.xml)?|(?P<model>[a-z0-9]{5,12})\.xml|(?P<all>\.xml))",
    re.ASCII | re.IGNORECASE,
)
_AGENT = re.compile(r"Grandstream Model HW \w+(?:\s+V\S+)? SW (?P<version>[0-9][0-9.]{0,30})(?:\s|$)", re.ASCII)


def wanted(name: str) -> Wanted | None:
    found = _NAMES.fullmatch(name)
    if found is None:
        return None
    if found["mac"] is not None:
        return Wanted(file="device" if found["xml"] else "binary", mac=Mac(found["mac"].lower()))
    if found["all"] is not None:
        return Wanted(file="all")
    model = MAKER.model(found["model"])
    return None if model is None else Wanted(file="model", model=model.name)


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    """Files without a MAC hold what is the same in all Japan."""
    if wanted.mac is None:
        model = MAKER.model(wanted.model or "")
        tones = model is not None and model.kind is not Kind.PHONE
        return print_xml("adapters/grandstream/common.xml.j2", tones=tones).encode()
    setup = needed(wanted, setup)
    text = _device(setup)
    return _binary(text, setup.mac) if wanted.file == "binary" else text.encode()


def own_file(mac: Mac, model: str) -> str:
    return f"cfg{mac}.xml"


def firmware(agent: str) -> str | None:
    found = _AGENT.match(agent)
    return None if found is None else found["version"]


def dial_plan() -> str:
    """{ 110 | 0[1-9][1-9]xxxxxxx | 00x+ }: x is a digit, + once more or more often."""
    return "{ " + " | ".join((*map(spelled, CLOSED), *(spelled(rule) + "+" for rule in OPEN))) + " }"


def _device(setup: Setup) -> str:
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("model of Grandstream", setup.model, ", ".join(one.name for one in MODELS))
    check(setup)
    check_width(setup, longest=_LONGEST)
    if len(setup.admin_password) > _LONGEST_PASSWORD:
        raise BadValue("admin password", f"{len(setup.admin_password)} characters", f"at most {_LONGEST_PASSWORD}")
    scheme, path = scheme_and_path(setup.base_url)
    page, values = _page(model)
    return print_xml(
        page,
        setup=setup,
        scheme=_SCHEMES[scheme],
        path=path,
        server=f"{setup.registrar}:{setup.port}",
        tls=setup.transport is Transport.TLS,
        slots=slots(setup, model),
        p=values,
        at=GATEWAY_PROFILE if model.kind is Kind.GATEWAY else PORTS[0],
        slic=_JAPAN.get(model.kind),
        snmp_known=model.kind is Kind.ADAPTER,
        dial_plan=dial_plan(),
        key_label=forward_labels(language(setup))[0] if model.feature_keys and setup.accounts else None,
    )


def _page(model: Model) -> tuple[str, Sequence[Values]]:
    if model.kind is Kind.PHONE:
        return "phones/grandstream/gxp.xml.j2", ACCOUNTS
    if model.ports <= len(PORTS):
        return "adapters/grandstream/ports.xml.j2", PORTS
    return "adapters/grandstream/profile.xml.j2", [profile_port(port) for port in range(1, model.ports + 1)]


def _binary(text: str, mac: Mac) -> bytes:
    """The same P-values as cfg<mac> has them: a head of length in words, checksum, MAC and two line ends, then
    name=value pairs as in an HTML form; all 16-bit words add up to 0.
    """
    config = ET.fromstring(text.encode()).find("config")  # noqa: S314 - our own page
    pairs = [] if config is None else [f"{one.tag}={quote(one.text or '', safe='')}" for one in config]
    body = "&".join([*pairs, "gnkey=0b82"]).encode("ascii")
    body += b"\0" * (-len(body) % 4)
    rest = bytes.fromhex(str(mac)) + b"\r\n\r\n" + body
    length = struct.pack(">I", (16 + len(body)) // 2)
    total = sum(word for (word,) in struct.iter_unpack(">H", length + rest))
    return length + struct.pack(">H", -total & 0xFFFF) + rest


MAKER = Maker(
    key="grandstream",
    name="Grandstream",
    ouis=("000b82", "c074ad", "ec74d7"),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=own_file,
    resync="check-sync",
    firmware=firmware,
    documents=(
        "HT80x configuration template, firmware 1.0.10.6",
        "HT818 configuration template, firmware 1.0.10.6",
        "GXW42xx configuration template, firmware 1.0.4.7",
        "GXP2130/2140/2160/2170/2135 configuration template, firmware 1.0.9.127",
        "Grandstream configuration file format (binary cfg<mac>), as public generators write it",
    ),
)
