"""What the rooms of adapters share: dial plans for devices that refuse what no rule matches, narrow formats. Pure."""

import re

from dialplan.errors import BadValue
from provisioning.makers.dialling import OPEN_RULES, RULES
from provisioning.makers.filling import values
from provisioning.setup import CODES, Setup

LONGEST_URL = 200
"""Characters of a base URL. No document of these makers was found to tell how long one may be."""

_PREFIXES = ("184", "186", "122")  # say something of the number that follows
_SET = re.compile(r"\[([0-9-]+)\]")
_DIGITS = re.compile(r"[0-9]+")
_ASCII = frozenset(map(chr, range(32, 127)))


def _on_net_from_1() -> tuple[str, ...]:
    """On-net numbers that begin with 1, beside the three-digit codes there."""
    found = []
    for second in "0123456789":
        free = [third for third in "0123456789" if f"1{second}{third}" not in (*CODES, *_PREFIXES)]
        found.append(f"1{second}[{''.join(free)}]x")
    return tuple(found)


CLOSED = RULES
"""No two rules match the same digits and none is another's beginning, closed or open: a whole number goes out at once
whatever a maker does where rules overlap."""

OPEN = (*OPEN_RULES, "0[34]0x", "18[46]0[34]0x", "18[46][2-9]xx", "12200x", *_on_net_from_1())
"""Also what a phone sends when its user says so: on-net numbers from 1, after 184 and 186, 122 before a carrier
prefix, and 030 and 040, of which the exchange says what is wrong."""


def spelled(rule: str) -> str:
    """The rule with each set as its digits one by one, [25-9] as [256789]: not every maker knows both in one set."""
    return _SET.sub(lambda found: f"[{_digits(found[1])}]", rule)


def _digits(within: str) -> str:
    return re.sub(
        r"(\d)-(\d)", lambda found: "".join(map(str, range(int(found[1]), int(found[2]) + 1))), within, flags=re.ASCII
    )


def check_width(setup: Setup, *, longest: int, ascii_only: bool = False) -> None:
    """Raises BadValue for a value that has more than `longest` characters or, where ascii_only, one beyond ASCII, and
    for a number that is no digits (it stands in remarks); it names the length or the sign, never a secret.

    The base URL has a width of its own: the secret in it is already as long as what many a name may be.
    """
    for account in setup.accounts:
        if not _DIGITS.fullmatch(account.number):
            raise BadValue(f"number of port {account.port}", account.number[:20], "digits")
    for thing, value in values(setup):
        widest = LONGEST_URL if value is setup.base_url else longest
        if len(value) > widest:
            raise BadValue(thing, f"{len(value)} characters", f"at most {widest}")
        strange = next((sign for sign in value if sign not in _ASCII), None) if ascii_only else None
        if strange is not None:
            raise BadValue(thing, strange, "printable ASCII characters")


def scheme_and_path(base_url: str) -> tuple[str, str]:
    """("https", "prov.example.jp/secret") of "https://prov.example.jp/secret/"."""
    scheme, separator, path = base_url.partition("://")
    if not separator or scheme not in ("tftp", "http", "https") or not path.endswith("/"):
        raise BadValue("base URL", scheme[:10], "tftp://, http:// or https://, with a slash at the end")
    return scheme, path.removesuffix("/")
