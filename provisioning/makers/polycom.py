"""Polycom (Poly): VVX phones on UC Software 5. XML with a setting in each attribute. Pure."""

import re
from urllib.parse import urlsplit

from dialplan.errors import BadValue
from provisioning.mac import Mac
from provisioning.makers.dialling import (
    FORWARD_MENU,
    FORWARD_OFF_KEYS,
    FORWARD_ON_KEYS,
    INTERDIGIT_SECONDS,
    RULES,
    forward_labels,
)
from provisioning.makers.filling import check, language, needed, slots
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_xml
from provisioning.setup import TIME_ZONE_HOURS, Setup

MODELS = tuple(
    Model(name=name, kind=Kind.PHONE, ports=lines, feature_keys=lines)
    for name, lines in (
        ("VVX150", 2),
        ("VVX201", 2),
        ("VVX250", 4),
        ("VVX301", 6),
        ("VVX311", 6),
        ("VVX350", 6),
        ("VVX401", 12),
        ("VVX411", 12),
        ("VVX450", 12),
        ("VVX501", 12),
        ("VVX601", 16),
    )
)
_VIDEO = ("VVX501", "VVX601")

_MASTER = re.compile(r"0{12}\.cfg", re.ASCII)
_OWN = re.compile(
    r"(?!0{12})([0-9a-f]{12})(?:(\.cfg)|-(device|phone|web)\.cfg|-(directory)\.xml)", re.ASCII | re.IGNORECASE
)
_AGENT = re.compile(r"FileTransport Polycom\w+-VVX_\w+-UA/([0-9]+(?:\.[0-9]+)+)(?: .*)?", re.ASCII | re.IGNORECASE)

_MACROS = (("denwaban1", FORWARD_ON_KEYS), ("denwaban2", FORWARD_OFF_KEYS))
_REST = "[0123456789*#].T"
"""Whatever is not whole is sent after a time-out."""


def wanted(name: str) -> Wanted | None:
    """<mac>.cfg, or 000000000000.cfg in its place, only names <mac>-device.cfg, which holds the settings. -phone and
    -web are what was changed on the phone or its web page over them: nothing.
    """
    if _MASTER.fullmatch(name):
        return Wanted(file="master")
    if own := _OWN.fullmatch(name):
        file = "master" if own[2] else (own[3] or own[4]).lower()
        return Wanted(file="overrides" if file in ("phone", "web") else file, mac=Mac(own[1].lower()))
    return None


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    if wanted.file == "master":
        own = "[PHONE_MAC_ADDRESS]" if wanted.mac is None else wanted.mac.text
        return print_xml("phones/polycom/master.xml.j2", own=own).encode()
    if wanted.file == "overrides":
        return print_xml("phones/polycom/overrides.xml.j2").encode()
    setup = needed(wanted, setup)
    check(setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("Polycom model", setup.model, ", ".join(one.name for one in MODELS))
    ports = slots(setup, model)
    if wanted.file == "directory":
        return print_xml("phones/polycom/directory.xml.j2", keys=_keys(setup, model)).encode()
    scheme, server = _server(setup.base_url)
    rules = (*RULES, _REST)
    text = print_xml(
        "phones/polycom/device.xml.j2",
        setup=setup,
        slots=ports,
        language="Japanese_Japan" if language(setup) == "ja" else "English_United_States",
        scheme=scheme,
        server=server,
        digitmap="|".join(rules),
        timeouts="|".join([str(INTERDIGIT_SECONDS)] * len(rules)),
        macros=[(name, f"{FORWARD_MENU}$Tinvite$$Cwc$$Cp1${keys}$Tdtmf$") for name, keys in _MACROS],
        gmt_offset=TIME_ZONE_HOURS * 3600,
        video=model.name in _VIDEO,
    )
    return text.encode()


def firmware(agent: str) -> str | None:
    """From "FileTransport PolycomVVX-VVX_400-UA/4.1.4.7430 Type/Application"."""
    found = _AGENT.fullmatch(agent)
    return found[1] if found else None


def _keys(setup: Setup, model: Model) -> tuple[tuple[str, str, int], ...]:
    """(label, macro's name, place among the speed dials), where two line keys are free for them."""
    if len(setup.accounts) + 2 > model.feature_keys:
        return ()
    labels = forward_labels(language(setup))[1:]
    return tuple(
        (label, name, place) for place, (label, (name, _)) in enumerate(zip(labels, _MACROS, strict=True), 1)
    )


def _server(base_url: str) -> tuple[str, str]:
    """("HTTPS", "prov.example.jp/secret") of "https://prov.example.jp/secret/"."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("tftp", "http", "https"):
        raise BadValue("base URL", base_url.partition(":")[0], "tftp:, http: or https:")
    return parts.scheme.upper(), f"{parts.netloc}{parts.path}".rstrip("/")


MAKER = Maker(
    key="polycom",
    name="Polycom",
    ouis=("0004f2", "482567", "64167f"),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=lambda mac, model: f"{mac}-device.cfg",
    resync="check-sync",
    firmware=firmware,
    documents=(
        "Polycom UC Software 5.8 Administrator Guide (digit maps, macro actions, chord parameters)",
        "Polycom UC Software 4.1.0 Administrators' Guide (master configuration file, dial plan)",
        "wazo-platform/wazo-provd-plugins, wazo-polycom 5.9 (names of settings, keys)",
    ),
)
