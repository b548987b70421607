"""Yealink: T3x, T4x and T5x phones, W60B and W70B DECT bases. Lines of `key = value`. Pure."""

import re
from typing import NamedTuple

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
from provisioning.makers.filling import check, language, needed, slots, values
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_text
from provisioning.setup import Setup

_PHONES = (  # name, accounts, code in file names, line keys
    ("T30", 1, "127", 0),
    ("T30P", 1, "127", 0),
    ("T31", 2, "123", 2),
    ("T31P", 2, "123", 2),
    ("T31G", 2, "123", 2),
    ("T33P", 4, "124", 4),
    ("T33G", 4, "124", 4),
    ("T41S", 6, "068", 15),
    ("T42S", 12, "067", 15),
    ("T42U", 12, "116", 15),
    ("T43U", 12, "107", 21),
    ("T46S", 16, "066", 27),
    ("T46U", 16, "108", 27),
    ("T48S", 16, "065", 29),
    ("T48U", 16, "109", 29),
    ("T53", 12, "095", 21),
    ("T53W", 12, "095", 21),
    ("T54W", 16, "096", 27),
    ("T57W", 16, "097", 29),
    ("T58W", 16, "150", 27),
)
_BASES = (("W60B", 8, "077"), ("W70B", 10, "146"))  # name, accounts (one for each handset), code in file names

MODELS = (
    *(
        Model(name=name, kind=Kind.PHONE, ports=ports, code=code, feature_keys=keys)
        for name, ports, code, keys in _PHONES
    ),
    *(Model(name=name, kind=Kind.DECT, ports=ports, code=code) for name, ports, code in _BASES),
)

_OWN = re.compile(r"(?!0{12})([0-9a-f]{12})\.(boot|cfg)", re.ASCII | re.IGNORECASE)
_BOOT = re.compile(r"y0{12}\.boot", re.ASCII | re.IGNORECASE)
_COMMON = re.compile(r"y0{9}([0-9]{3})\.cfg", re.ASCII | re.IGNORECASE)
_AGENT = re.compile(r"yealink (?:SIP(?: VP)?-)?\w+ ([0-9]+(?:\.[0-9]+)+)(?: .*)?", re.ASCII | re.IGNORECASE)

_NONE, _LINE, _MACRO = 0, 15, 73  # types of a line key


class _Key(NamedTuple):
    number: int
    type: int
    line: int = 0
    label: str = ""
    macro: str = ""


_CLEARS = ("%NULL%", "%EMPTY%")


def wanted(name: str) -> Wanted | None:
    if own := _OWN.fullmatch(name):
        return Wanted(file="boot" if own[2].lower() == "boot" else "device", mac=Mac(own[1].lower()))
    if _BOOT.fullmatch(name):
        return Wanted(file="boot")
    if common := _COMMON.fullmatch(name):
        named = [model.name for model in MODELS if model.code == common[1]]
        return Wanted(file="common", model=named[0] if len(named) == 1 else None) if named else None
    return None


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    if wanted.file == "boot":
        return print_text("phones/yealink/boot.cfg.j2", own=str(wanted.mac or "$MAC")).encode()
    common = {"rules": _rules(), "interdigit": INTERDIGIT_SECONDS}
    if wanted.file == "common":
        return print_text("phones/yealink/common.cfg.j2", **common).encode()
    setup = needed(wanted, setup)
    _check(setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("Yealink model", setup.model, ", ".join(one.name for one in MODELS))
    text = print_text(
        "phones/yealink/device.cfg.j2",
        setup=setup,
        slots=slots(setup, model),
        handsets=model.kind is Kind.DECT,
        keys=_keys(setup, model),
        language="Japanese" if language(setup) == "ja" else "English",
        **common,
    )
    return text.encode()


def firmware(agent: str) -> str | None:
    """From "Yealink SIP-T46U 108.86.0.45 80:5e:c0:00:00:01"."""
    found = _AGENT.fullmatch(agent)
    return found[1] if found else None


def _rules() -> tuple[str, ...]:
    """As dial-now rules. A value that begins with # might be read as a comment; a set of one sign is not."""
    return tuple(rule.replace("#", "[#]") for rule in RULES)


def _keys(setup: Setup, model: Model) -> tuple[_Key, ...]:
    """The accounts' own keys, then start and stop of forwarding where there is room for both; the rest up to the last
    account's is cleared.

    An Enhanced DSS Key dials 142, waits until it has answered, and sends the keys as DTMF.
    """
    lines = {account.port: account for account in setup.accounts}
    first = max(lines, default=0) + 1
    keys = [
        _Key(number, _LINE, number) if number in lines else _Key(number, _NONE)
        for number in range(1, min(model.ports, model.feature_keys) + 1)
    ]
    if first + 1 > model.feature_keys:
        return tuple(keys)
    _, start, stop = forward_labels(language(setup))
    dials = f"{FORWARD_MENU}$Tinvite$$Cwc$$Cp1$"
    line = min(lines, default=1)
    macros = [
        _Key(first, _MACRO, line, start, f"{dials}{FORWARD_ON_KEYS}$Tdtmf$"),
        _Key(first + 1, _MACRO, line, stop, f"{dials}{FORWARD_OFF_KEYS}$Tdtmf$"),
    ]
    return (*keys[: first - 1], *macros, *keys[first + 1 :])


def _check(setup: Setup) -> None:
    """Quotation marks may be taken off by the phone, # may begin a comment, %NULL% empties a setting; : ends the user
    in front of the admin password.
    """
    check(setup, refused='"#')
    if ":" in setup.admin_password:
        raise BadValue("admin password", ":", "printable text without :")
    for thing, value in values(setup):
        if value.upper() in _CLEARS:
            raise BadValue(thing, value, "a value, not Yealink's word for none")


MAKER = Maker(
    key="yealink",
    name="Yealink",
    ouis=("001565", "249ad8", "805e0c", "805ec0"),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=lambda mac, model: f"{mac}.cfg",
    resync="check-sync",
    firmware=firmware,
    documents=(
        "Yealink SIP-T2 Series/T4 Series/T5 Series/CP920 IP Phones Administrator Guide V84.80",
        "Yealink IP Phones Auto Provisioning Guide (y0000000000XX.cfg, <MAC>.cfg, .boot)",
        "Yealink Administrator's Guide, Using Enhanced DSS Keys",
        "wazo-platform/wazo-provd-plugins, wazo-yealink v86 (names of settings, accounts, keys, common files)",
    ),
)
