"""On-net numbers (オンネット番号): site number and extension, or a mobile extension (seed 002, articles 2 and 7)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled

MAX_SITE = 11  # 拠点番号（最小1桁～最大11桁）
MIN_EXTENSION, MAX_EXTENSION = 2, 11  # 端末番号（最小2桁～最大11桁）
OFFICE_LINK_CHANNELS = 100  # 本付加機能に係るオフィスリンク通信チャネル数は100チャンネル

_SITE = re.compile(rf"[0-9]{{1,{MAX_SITE}}}")
_EXTENSION = re.compile(rf"[0-9]{{{MIN_EXTENSION},{MAX_EXTENSION}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNetNumber:
    """Of a line. The whole of `digits` is dialled, also within a site: the seed knows no shorter form."""

    site: str
    extension: str
    line_id: int

    @property
    def digits(self) -> str:
        return self.site + self.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileExtension:
    """オフィスリンク内線番号: reached over the trunk of that name, whose capacity is its channel limit."""

    digits: str
    trunk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNetGroup:
    id: int
    name: str
    line_ids: tuple[int, ...]
    numbers: tuple[OnNetNumber, ...]
    mobiles: tuple[MobileExtension, ...]

    @property
    def taken(self) -> tuple[str, ...]:
        return (*(one.digits for one in self.numbers), *(one.digits for one in self.mobiles))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNetTarget:
    """What on-net digits reach: the leased number (E.164) of a line, or `digits` on the trunk of that name."""

    number: str | None
    trunk: str | None
    digits: str


def on_net_number(site: str, extension: str, line_id: int) -> OnNetNumber:
    """Full-width digits are taken too. Raises BadValue for other lengths, and for digits that dial something else."""
    number = OnNetNumber(
        site=_digits("site number", site, _SITE, f"1 to {MAX_SITE} digits"),
        extension=_digits("extension", extension, _EXTENSION, f"{MIN_EXTENSION} to {MAX_EXTENSION} digits"),
        line_id=line_id,
    )
    _check_dials_on_net("on-net number", number.digits)
    return number


def mobile_extension(digits: str, trunk: str) -> MobileExtension:
    """Its length is the mobile carrier's affair, as far as a dialled number can be told to be on-net."""
    plain = unicodedata.normalize("NFKC", digits).strip()
    _check_dials_on_net("mobile extension", plain)
    return MobileExtension(digits=plain, trunk=trunk)


def check_unambiguous(digits: str, taken: Iterable[str]) -> None:
    """Raises BadValue for a number of the group, the beginning of one, or one that begins with one.

    A phone or adapter that sends as soon as a number is complete could never reach the longer of the two.
    """
    for other in taken:
        if other == digits:
            raise BadValue("on-net number", digits, "a number that the group does not have yet")
        if other.startswith(digits) or digits.startswith(other):
            raise BadValue("on-net number", digits, f"one that neither begins with nor is the beginning of {other}")


def check_lengthened(old: str, new: str) -> None:
    """Raises BadValue for fewer digits in all: their count may only grow (seed 002, article 7, note 1 (2))."""
    if len(new) < len(old):
        raise BadValue("on-net number", new, f"{len(old)} digits or more: {old} may be lengthened, never shortened")


def _digits(thing: str, text: str, form: re.Pattern[str], expected: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip()
    if form.fullmatch(plain) is None:
        raise BadValue(thing, text, expected)
    return plain


def _check_dials_on_net(thing: str, digits: str) -> None:
    found = dialled(digits)
    # 184 and 186 in front are taken off when dialled, and # and separators are no digits.
    if found.kind is not NumberClass.ON_NET or found.digits != digits:
        raise BadValue(thing, digits, "3 to 22 digits that begin neither with 0 nor with a code of the plan (1XY)")
