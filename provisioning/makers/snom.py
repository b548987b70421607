"""Snom: D7xx phones. XML with a setting in each element. Pure."""

import re

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
from provisioning.setup import Setup

MODELS = tuple(
    Model(name=name, kind=Kind.PHONE, ports=ports, code=code, feature_keys=keys)
    for name, ports, code, keys in (  # identities, model in file names, function keys
        ("D712", 4, "D712", 5),
        ("D715", 4, "715", 5),
        ("D717", 6, "D717", 3),
        ("D725", 12, "725", 18),
        ("D735", 12, "D735", 8),
        ("D765", 12, "D765", 16),
        ("D785", 12, "D785", 24),
    )
)

_OWN = re.compile(r"snom(D?7[0-9]{2})-(?!0{12})([0-9A-F]{12})\.htm", re.ASCII | re.IGNORECASE)
_MODEL = re.compile(r"snom(D?7[0-9]{2})\.htm", re.ASCII | re.IGNORECASE)
_AGENT = re.compile(r".*\bsnomD?7[0-9]{2}-SIP ([0-9]+(?:\.[0-9]+)+)\b.*", re.ASCII | re.IGNORECASE)


def wanted(name: str) -> Wanted | None:
    """The D715 and D725 call themselves 715 and 725; with or without the D is the same phone."""
    own, common = _OWN.fullmatch(name), _MODEL.fullmatch(name)
    found = own or common
    if found is None:
        return None
    model = MAKER.model(f"D{found[1].upper().removeprefix('D')}")
    if model is None:
        return None
    return (
        Wanted(file="device", mac=Mac(own[2].lower()), model=model.name)
        if own
        else Wanted(file="common", model=model.name)
    )


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    if wanted.file == "common":
        return print_xml("phones/snom/common.xml.j2").encode()
    setup = needed(wanted, setup)
    check(setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("Snom model", setup.model, ", ".join(one.name for one in MODELS))
    text = print_xml(
        "phones/snom/device.xml.j2",
        setup=setup,
        slots=slots(setup, model),
        keys=_keys(setup, model),
        language="Japanese" if language(setup) == "ja" else "English",
        dial_plan=" ".join(_entry(rule) for rule in RULES),
        interdigit=INTERDIGIT_SECONDS,
    )
    return text.encode()


def firmware(agent: str) -> str | None:
    """From "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0)"."""
    found = _AGENT.fullmatch(agent)
    return found[1] if found else None


def _entry(rule: str) -> str:
    """A dial plan entry: pattern, what is called (\\d is the registrar), and d for at once."""
    pattern = re.sub("x+", lambda run: f"[0-9]{{{len(run[0])}}}", rule)
    return rf"!^({pattern})$!sip:\1@\d!d"


def _keys(setup: Setup, model: Model) -> tuple[tuple[int, str, str, str], ...]:
    """(key from 0, the identity it is of, label, value): the accounts' own, then three for forwarding.

    A speed dial is not documented to wait for an answer and send keys: one key calls 142, and two send its keys
    during that call.
    """
    lines = [
        (at, str(account.port), account.shown, "line")
        for at, account in enumerate(setup.accounts)
        if at < model.feature_keys
    ]
    if len(setup.accounts) + 3 > model.feature_keys:
        return tuple(lines)
    values = (f"speed {FORWARD_MENU}", f"dtmf {FORWARD_ON_KEYS}", f"dtmf {FORWARD_OFF_KEYS}")
    labels = forward_labels(language(setup))
    pairs = enumerate(zip(labels, values, strict=True), len(lines))
    return (*lines, *((at, "active", label, value) for at, (label, value) in pairs))


MAKER = Maker(
    key="snom",
    name="Snom",
    ouis=("000413",),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=lambda mac, model: f"snom{_code(model)}-{mac.upper}.htm",
    resync="check-sync;reboot=false",
    firmware=firmware,
    documents=(
        "Snom Service Hub, Dial Plan - Regular Expressions",
        "Snom Service Hub, Function Key Types; <functionKeys> tag; <phone-settings> tag",
        "wazo-platform/wazo-provd-plugins, wazo-snom 10.1 (names of settings and files)",
    ),
)


def _code(name: str) -> str:
    model = MAKER.model(name)
    return model.code if model is not None else name
