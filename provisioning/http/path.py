"""What a requested path says: a name, with a secret in front or not. Nothing here is ever a path on a disk. Pure."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from provisioning.secrets import URL_LENGTH

_LONGEST = 300
_SECRET = re.compile(f"[A-Za-z0-9]{{{URL_LENGTH}}}", re.ASCII)


class Asked(NamedTuple):
    """`name` is written down and logged; no secret is ever in it."""

    name: str
    secret: str | None


def parse_path(raw: str) -> Asked:
    """From the request line's target as it came. Whatever is odd about it becomes a name that nobody has: slashes and
    dots written as %2F and %2E are signs of the name they stand in, and of a longer path only the end stays.
    """
    before, slash, rest = raw.partition("?")[0].lstrip("/").partition("/")
    first = unquote(before[: 3 * _LONGEST], errors="replace")[:_LONGEST]
    if not slash and not _SECRET.fullmatch(first):
        return Asked(_plain(before), None)
    *between, last = rest.split("/")
    return Asked(f"…/{_plain(last)}" if between else _plain(last), first)


def _plain(text: str) -> str:
    decoded = unquote(text[: 3 * _LONGEST], errors="replace")[:_LONGEST]
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in decoded)
