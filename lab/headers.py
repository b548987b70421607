"""SIP name-addr headers as a far end saw them, down to what the lab compares. Pure."""

import re
from urllib.parse import unquote

from dialplan.numbers import presented

_URI = re.compile(r"<?\s*(?:sips?|tel):([^@;>?]*)(@?)", re.IGNORECASE)


def user(header: str) -> str:
    """The user part of the first URI in the header, unescaped; "" where there is none."""
    found = _URI.search(header)
    return unquote(found[1]) if found else ""


def shown(header: str) -> str:
    """The number or name a From header shows; "anonymous" when it hides one (RFC 3323 §4.1.1.3)."""
    name = user(header)
    return "anonymous" if name.lower() == "anonymous" or "anonymous.invalid" in header.lower() else name


def same(one: str, other: str) -> bool:
    """Whether two ways of writing a number mean the same one (0312345678 and +81312345678)."""
    return bool(one) and _plain(one) == _plain(other)


def _plain(number: str) -> str:
    read = presented(number)
    return number if read is None else read.e164 or read.digits or number
