"""A MAC address, however it is typed or scanned. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from dialplan.errors import BadValue

_SEPARATORS = re.compile(r"[\s:.\-]")
_DIGITS = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, order=True)
class Mac:
    """`text` is twelve small hexadecimal digits; `str` of it too."""

    text: str

    def __post_init__(self) -> None:
        if not _DIGITS.fullmatch(self.text):
            raise BadValue("MAC address", self.text, "twelve small hexadecimal digits")

    def __str__(self) -> str:
        return self.text

    @property
    def upper(self) -> str:
        return self.text.upper()

    @property
    def colons(self) -> str:
        return ":".join(self.text[i : i + 2] for i in range(0, 12, 2))

    @property
    def oui(self) -> str:
        """The first six digits: who made it (IEEE MA-L)."""
        return self.text[:6]


def parse_mac(text: str) -> Mac:
    """From 00:15:65:…, 00-15-65-…, 0015.65…, 001565…, capital, small or full-width, with "MAC:" in front as labels
    have it. Raises BadValue, also for what names no single device (broadcast, multicast, all zeros).
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().removeprefix("mac")
    digits = _SEPARATORS.sub("", plain)
    if not _DIGITS.fullmatch(digits):
        raise BadValue("MAC address", text[:40], "twelve hexadecimal digits, such as 00:15:65:1a:2b:3c")
    if digits == "0" * 12 or int(digits[:2], 16) & 1:
        raise BadValue("MAC address", text[:40], "the address of one device, not of none or of many")
    return Mac(digits)
