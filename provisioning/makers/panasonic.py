"""Panasonic: KX-HDV and KX-UT phones. Lines of `NAME="value"`, each ended with CR LF. Pure."""

import re

from dialplan.errors import BadValue
from provisioning.mac import Mac
from provisioning.makers.dialling import FORWARD_MENU, INTERDIGIT_SECONDS, OPEN_RULES, RULES, forward_labels
from provisioning.makers.filling import check, language, minute_of_night, needed, slots, values
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_text
from provisioning.setup import Setup

MODELS = tuple(
    Model(name=name, kind=Kind.PHONE, ports=ports, tls=tls, feature_keys=keys)
    for name, ports, keys, tls in (  # accounts, flexible buttons
        ("KX-HDV130", 2, 2, True),
        ("KX-HDV230", 6, 24, True),
        ("KX-HDV330", 12, 24, True),
        ("KX-UT113", 2, 0, False),
        ("KX-UT123", 2, 0, False),
        ("KX-UT133", 4, 24, False),
        ("KX-UT136", 4, 24, False),
        ("KX-UT248", 6, 24, False),
    )
)

_MODEL = re.compile(r"(KX-(?:HDV|UT)[0-9]{3})[A-Z]{0,2}\.cfg", re.ASCII | re.IGNORECASE)
_OWN = re.compile(r"Config(?!0{12})([0-9A-F]{12})\.cfg", re.ASCII | re.IGNORECASE)
_AGENT = re.compile(r"Panasonic[_-]KX-[\w-]+/([0-9]+(?:\.[0-9]+)+)(?: .*)?", re.ASCII | re.IGNORECASE)

LONGEST_FILE = 120 * 1024
LONGEST_LINE = 537
LONGEST_VALUE = 500


def wanted(name: str) -> Wanted | None:
    if own := _OWN.fullmatch(name):
        return Wanted(file="device", mac=Mac(own[1].lower()))
    if found := _MODEL.fullmatch(name):
        model = MAKER.model(found[1])
        return Wanted(file="model", model=model.name) if model is not None else None
    return None


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    if wanted.file == "model":
        if not wanted.base_url:
            raise BadValue("base URL of the model's file", wanted.base_url, "where the devices' own files are")
        return _printed(print_text("phones/panasonic/model.cfg.j2", base_url=wanted.base_url))
    setup = needed(wanted, setup)
    _check(setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("Panasonic model", setup.model, ", ".join(one.name for one in MODELS))
    text = print_text(
        "phones/panasonic/device.cfg.j2",
        setup=setup,
        slots=slots(setup, model),
        button=max((account.port for account in setup.accounts), default=0) + 1,
        buttons=model.feature_keys,
        forwarding=(forward_labels(language(setup))[0], FORWARD_MENU),
        language=language(setup),
        dial_plan="|".join((*RULES, *(f"{rule}.S{INTERDIGIT_SECONDS}" for rule in OPEN_RULES))),
        interdigit=INTERDIGIT_SECONDS,
        resync=minute_of_night(setup.mac.text),
    )
    return _printed(text)


def firmware(agent: str) -> str | None:
    """From "Panasonic_KX-UT113/01.133 (0080f0c8c381)"."""
    found = _AGENT.fullmatch(agent)
    return found[1] if found else None


def _check(setup: Setup) -> None:
    """No way to write a quotation mark inside of a value is documented. Nor is {}, which stands for a macro such as
    {MAC}.
    """
    check(setup, refused='"{}')
    for thing, value in values(setup):
        if len(value) > LONGEST_VALUE:
            raise BadValue(thing, f"{len(value)} characters", f"at most {LONGEST_VALUE}")
    if len(setup.admin_password) < 6:
        raise BadValue("admin password", f"{len(setup.admin_password)} characters", "at least 6")


def _printed(text: str) -> bytes:
    """With CR LF. Raises BadValue for a line that the phone would skip, or a file that it would not take."""
    lines = [line.encode() for line in text.removesuffix("\n").split("\n")]
    for line in lines:
        if len(line) + 2 > LONGEST_LINE:
            raise BadValue(
                f"line {line.split(b'=')[0].decode()}", f"{len(line) + 2} bytes", f"at most {LONGEST_LINE}"
            )
    data = b"".join(line + b"\r\n" for line in lines)
    if len(data) > LONGEST_FILE:
        raise BadValue("file of a Panasonic phone", f"{len(data)} bytes", f"at most {LONGEST_FILE}")
    return data


MAKER = Maker(
    key="panasonic",
    name="Panasonic",
    ouis=("0080f0", "080023", "4c364e", "bcc342"),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=lambda mac, model: f"Config{mac.upper}.cfg",
    resync="check-sync",
    firmware=firmware,
    documents=(
        "Panasonic KX-UT113/KX-UT123/KX-UT133/KX-UT136/KX-UT248 Administrator Guide, Document Version 2013-03",
        "Panasonic KX-HDV130/KX-HDV230/KX-HDV330 Administrator Guide, 2.4 Configuration File Specifications",
    ),
)
