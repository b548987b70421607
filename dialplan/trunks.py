"""A trunk: the carrier's side that leased numbers come in by and forwarded legs go out on."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_network

from dialplan.errors import BadValue
from dialplan.numbers import dialled

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
CODECS = ("ulaw", "alaw", "g722")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """`sources` are the addresses its calls come from; `trusted` means its P-Asserted-Identity is believed.

    Lower `priority` is tried first; trunks of one priority share the calls by `weight`. `capacity` is how many calls
    it takes at once, None when the carrier sets no bound. `prefixes` are the beginnings (national digits, "010…"
    abroad) of the numbers it carries, `shows` those of the numbers that may be shown on it; none means all.
    `username` is empty for a trunk known by its address alone.
    """

    name: str
    host: str
    port: int = 5060
    sources: tuple[str, ...]
    trusted: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    qualify_seconds: int = 30
    priority: int = 1
    weight: int = 1
    capacity: int | None = None
    prefixes: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()


def check_trunk(trunk: Trunk) -> None:
    """Raises BadValue for what could not be written into pjsip.conf, or would let strangers in."""
    if not _NAME.fullmatch(trunk.name):
        raise BadValue("trunk name", trunk.name, "a small letter, then up to 31 small letters, digits or -")
    if not _HOST.fullmatch(trunk.host):
        raise BadValue(f"trunk {trunk.name}: host", trunk.host, "a host name or an IPv4 address")
    if not 1 <= trunk.port <= 65535:
        raise BadValue(f"trunk {trunk.name}: port", trunk.port, "1 to 65535")
    if not trunk.sources:
        raise BadValue(f"trunk {trunk.name}: sources", (), "at least one address its calls come from")
    for source in trunk.sources:
        try:
            network = ip_network(source)
        except ValueError:
            raise BadValue(f"trunk {trunk.name}: source", source, "an address or network") from None
        if network.prefixlen < 8:
            raise BadValue(f"trunk {trunk.name}: source", source, "a network no wider than /8")
    for codec in trunk.codecs:
        if codec not in CODECS:
            raise BadValue(f"trunk {trunk.name}: codec", codec, f"one of {', '.join(CODECS)}")
    for thing, secret in (("user name", trunk.username), ("password", trunk.password)):
        if any(not 33 <= ord(letter) <= 126 or letter in ";\\" for letter in secret):
            raise BadValue(f"trunk {trunk.name}: {thing}", "…", "printable ASCII without spaces, ; or \\")
    if bool(trunk.username) != bool(trunk.password):
        raise BadValue(f"trunk {trunk.name}: credentials", "one of the two", "user name and password, or neither")


def dial_string(trunk: Trunk, e164: str) -> str:
    """What Dial is given to reach a number over this trunk: carriers here take national digits, 010 abroad."""
    return f"PJSIP/{dialled(e164).digits}@{trunk.name}"
