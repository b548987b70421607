"""A trunk: the carrier's side that leased numbers come in by and forwarded legs go out on."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_network

from dialplan.errors import BadValue
from dialplan.numbers import dialled

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PREFIX = re.compile(r"[0-9]{1,15}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_MOST_CALLS = 100_000
SOUND = ("ulaw", "alaw", "g722")
PICTURE = ("h264",)
CODECS = SOUND + PICTURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """`sources` are the addresses its calls come from; `trusted` means its P-Asserted-Identity is believed.

    Lower `priority` is tried first; trunks of one priority share the calls by `weight`. `capacity` is how many calls
    it takes at once, None when the carrier sets no bound. `prefixes` are the beginnings (national digits, "010…"
    abroad) of the numbers it carries, `shows` those of the numbers that may be shown on it; none means all.
    `username` is empty for a trunk known by its address alone. `extensions`: mobile extensions hang off it, and no
    other call goes by it.
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
    extensions: bool = False


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
    if not set(trunk.codecs) & set(SOUND):
        raise BadValue(f"trunk {trunk.name}: codecs", trunk.codecs, f"at least one of {', '.join(SOUND)}")
    for thing, secret in (("user name", trunk.username), ("password", trunk.password)):
        if any(not 33 <= ord(letter) <= 126 or letter in ";\\" for letter in secret):
            raise BadValue(f"trunk {trunk.name}: {thing}", "…", "printable ASCII without spaces, ; or \\")
    for thing, number in (("weight", trunk.weight), ("capacity", trunk.capacity)):
        if number is not None and not 1 <= number <= _MOST_CALLS:
            raise BadValue(f"trunk {trunk.name}: {thing}", number, f"1 to {_MOST_CALLS}")
    for thing, prefixes in (("prefix", trunk.prefixes), ("number shown", trunk.shows)):
        for prefix in prefixes:
            if not _PREFIX.fullmatch(prefix):
                raise BadValue(
                    f"trunk {trunk.name}: {thing}", prefix, "digits as dialled in Japan, such as 03 or 010"
                )
    if bool(trunk.username) != bool(trunk.password):
        raise BadValue(f"trunk {trunk.name}: credentials", "one of the two", "user name and password, or neither")


def dial_string(trunk: Trunk, e164: str) -> str:
    """What Dial is given to reach a number over this trunk: carriers here take national digits, 010 abroad."""
    return f"PJSIP/{dialled(e164).digits}@{trunk.name}"
