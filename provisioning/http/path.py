"""What a requested path says: a name, with a secret in front or not. Nothing here is ever a path on a disk. Pure."""

from typing import NamedTuple
from urllib.parse import unquote

_LONGEST = 300


class Asked(NamedTuple):
    name: str
    secret: str | None


def parse_path(raw: str) -> Asked:
    """From the request line's target as it came. Whatever is odd about it becomes a name that nobody has: slashes and
    dots written as %2F and %2E are signs of the name they stand in.
    """
    before, _, rest = raw.partition("?")[0].lstrip("/").partition("/")
    if not rest:
        return Asked(_plain(before), None)
    return Asked(_plain(rest), unquote(before, errors="replace")[:_LONGEST])


def _plain(text: str) -> str:
    decoded = unquote(text[: 3 * _LONGEST], errors="replace")[:_LONGEST]
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in decoded)
