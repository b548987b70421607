"""Where a line's handset stands (設置場所), as emergency services are told (seed 004)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from dialplan.errors import BadValue

from .states import LineForCall

LONGEST = 200  # of an address, and of a building: a line on a form, not a letter

_POSTCODE = re.compile(r"〒?\s*([0-9]{3})-?([0-9]{4})")
_HYPHENS = re.compile("[\u2010-\u2015\u2212\u30fc]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """`postcode` is "100-0001"; `building` with floor and room may be empty."""

    postcode: str
    address: str
    building: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A line with a handset, and where that stands; None when nobody has said."""

    found: LineForCall
    installation: Installation | None


def installation(postcode: str, address: str, building: str, at: datetime) -> Installation:
    """Raises BadValue for a postcode that is none, and for no address."""
    code = _POSTCODE.fullmatch(_HYPHENS.sub("-", unicodedata.normalize("NFKC", postcode)).strip())
    if code is None:
        raise BadValue("postcode", postcode, "7 digits, as in 100-0001")
    if not address.strip():
        raise BadValue("address", address, "prefecture, town and house number")
    return Installation(
        postcode=f"{code[1]}-{code[2]}",
        address=_line("address", address),
        building=_line("building", building),
        changed_at=at,
    )


def _line(thing: str, text: str) -> str:
    plain = text.strip()
    # U+3000 is how a Japanese address is spaced, and no printable character to Python.
    if len(plain) > LONGEST or not plain.replace("\u3000", " ").isprintable():
        raise BadValue(thing, text, f"one line of at most {LONGEST} printable characters")
    return plain
