"""The whole Asterisk configuration as text, from plain values. Pure but for reading our own templates."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialplan.codes import CODES, AccessNumber
from dialplan.errors import BadValue
from dialplan.modules import MODULES
from dialplan.refusals import RELEASES
from dialplan.special import SPECIALS, Reach
from dialplan.trunks import Trunk

APP = "denwaban"
"""The Stasis application's name."""

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    name: str
    sip_host: str
    sip_port: int
    rtp_start: int
    rtp_end: int
    udptl_start: int = 4500
    udptl_end: int = 4999
    public_address: str = ""
    local_networks: tuple[str, ...] = ()
    tls_port: int = 0  # 0: no SIP over TLS
    tls_certificate: str = ""
    tls_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An address of Asterisk's or ours on loopback, with its credentials where it has any."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsetAccount:
    """What a lent handset registers with; `number` is shown by it, in national digits. `tls`: it speaks SIP over TLS
    with SRTP; a call without SRTP is refused.
    """

    sip_user: str
    password: str = field(repr=False)
    number: str
    language: str
    tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    switch: Switch
    ari: Listener
    ami: Listener
    fastagi: Listener
    trunks: tuple[Trunk, ...]
    handsets: tuple[HandsetAccount, ...]
    access_numbers: tuple[AccessNumber, ...] = ()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES / "asterisk"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the format is Asterisk's ini; `_plain` guards every value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_plain,
    )


def _plain(value: object) -> object:
    """A value with a line break, a comment sign or a section sign would change the meaning of the file."""
    if isinstance(value, str) and any(sign in value for sign in "\r\n;[]"):
        raise BadValue("value for the Asterisk configuration", value, "one line without ; [ or ]")
    return value


def render(configuration: Configuration) -> dict[str, str]:
    """File name in /etc/asterisk → text. Raises BadValue when a value cannot be written.

    Emergency calls try every trunk that calls leave the house by, those first that carry such numbers by their
    prefixes, by priority; while there is none, a handset can call nobody.
    """
    trunks = sorted(configuration.trunks, key=lambda trunk: (trunk.priority, trunk.name))
    values = {
        "app": APP,
        "modules": MODULES,
        "releases": [asdict(release) for release in RELEASES],
        "codes": CODES,
        "access_numbers": configuration.access_numbers,
        "switch": configuration.switch,
        "ari": configuration.ari,
        "ami": configuration.ami,
        "fastagi": configuration.fastagi,
        "trunks": trunks,
        # Where mobile extensions hang off the only trunk, it is tried all the same.
        "emergency_trunks": sorted(
            [trunk for trunk in trunks if not trunk.extensions] or trunks,
            key=lambda trunk: not _carries_emergency(trunk),
        ),
        "handsets": configuration.handsets,
    }
    return {name.removesuffix(".j2"): _environment().get_template(name).render(values) for name in _names()}


def _carries_emergency(trunk: Trunk) -> bool:
    return not trunk.prefixes or all(any(code.startswith(p) for p in trunk.prefixes) for code in _EMERGENCY)


_EMERGENCY = [code for code, special in SPECIALS.items() if special.reach is Reach.EMERGENCY]


def _names() -> Iterable[str]:
    return sorted(_environment().list_templates(extensions=["j2"]))
