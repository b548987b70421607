"""The numbering plan of Japan: what the digits somebody keyed, or a trunk presented, mean.

Classes are told by prefix and length, as the plan lays them down, and not by whether a block has been
handed out: allocation tables go stale, and a number refused here is a call that nobody can make.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from dialplan import areas
from dialplan.errors import BadValue
from dialplan.special import SPECIALS, Reach


class NumberClass(StrEnum):
    EMERGENCY = "emergency"
    SPECIAL = "special"
    FIXED = "fixed"
    MOBILE = "mobile"
    IP = "ip"
    FREE_PHONE = "free_phone"
    NAVI = "navi"
    PAGER = "pager"
    PREMIUM = "premium"
    INTERNATIONAL = "international"
    CARRIER_PREFIX = "carrier_prefix"
    HASH_DIAL = "hash_dial"
    ON_NET = "on_net"
    INVALID = "invalid"


class Presentation(StrEnum):
    """What was keyed before the number about showing one's own: 186, 184, or neither."""

    UNSET = "unset"
    SHOW = "show"
    WITHHOLD = "withhold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A number as understood.

    raw           the text as it came.
    digits        what is left to dial, in one form however it was keyed: "0312345678" also for +81 3 …,
                  "010…" also for +…, "#1234"; for an invalid number the digits that could be read, if any.
    e164          with +; None for numbers that mean nothing outside this network.
    area_code     with its 0, of fixed numbers only.
    why           one line on what is wrong with an invalid number, None for every other class.
    """

    raw: str
    digits: str
    e164: str | None
    kind: NumberClass
    area_code: str | None
    presentation: Presentation
    why: str | None


_LONGEST_TEXT = 64
_LONGEST_CARRIER = 24  # 00XYZZ, 010 and an E.164 number of 15
_ON_NET_LENGTHS = range(3, 23)  # site number 1-11 and extension 2-11 digits (seed 002)

_CLASSES = {  # prefix: class and length. A fourth digit is looked at first; 0x0 goes on with 1-9.
    "0120": (NumberClass.FREE_PHONE, 10),
    "0800": (NumberClass.FREE_PHONE, 11),
    "0570": (NumberClass.NAVI, 10),
    "0990": (NumberClass.PREMIUM, 10),
    "020": (NumberClass.PAGER, 11),
    "050": (NumberClass.IP, 11),
    "060": (NumberClass.MOBILE, 11),
    "070": (NumberClass.MOBILE, 11),
    "080": (NumberClass.MOBILE, 11),
    "090": (NumberClass.MOBILE, 11),
}
_PRESENTATIONS = {"184": Presentation.WITHHOLD, "186": Presentation.SHOW}

_KEYED = re.compile(r"(18[46])?([+#]?)([0-9]*)#?")  # a closing # is the key that many phones send with
_PRESENTED = re.compile(r"()([+#]?)([0-9]*)")
_SEPARATORS = re.compile(r"[\s()\[\].\-\u00ad\u2010-\u2015\u2212\u30fc\u200b-\u200f\u202a-\u202e\u2060-\u2069]")


@lru_cache(maxsize=4096)  # a call asks some ten times about its own three numbers
def dialled(text: str) -> Dialled:
    """What a subscriber in Japan means by these keys; never raises.

    Full-width digits, hyphens, spaces and parentheses are taken as written numbers have them, 184/186 in
    front is kept as the presentation. Digits that fit the on-net scheme and are nothing in the public plan
    are a candidate only: whether such a number exists is for the contract's on-net group to say. A code of
    the plan (1XY) is never taken for the beginning of one.
    """
    found = _match(_KEYED, text)
    if found is None:
        return _unreadable(text)
    prefix, sign, digits = found[1], found[2], found[3]
    presentation = _PRESENTATIONS[prefix] if prefix else Presentation.UNSET
    if prefix and not sign and not digits:
        return _invalid(text, prefix, presentation, f"a number after {prefix}")
    return _classify(text, sign, digits, presentation)


def presented(text: str | None) -> Dialled | None:
    """The caller's number as a trunk wrote it; None where there is no digit in it (anonymous, a reason code).

    Read as +E.164, as a national number, or, from ten digits on, as E.164 without its +. Nothing is
    stripped: 184 in front of a caller's number is a part of it. Digits that do not read are INVALID, so
    that the log keeps them; they name nobody.
    """
    if text is None or not any(char.isdecimal() for char in text[:_LONGEST_TEXT]):
        return None
    found = _match(_PRESENTED, text)
    if found is None:
        return _unreadable(text)
    sign, digits = found[2], found[3]
    if not sign and len(digits) >= 10 and digits[0] != "0":
        bare = _international(text, digits, Presentation.UNSET)
        if bare.kind is not NumberClass.INVALID:
            return bare
    return _classify(text, sign, digits, Presentation.UNSET)


def normalise(text: str, thing: str = "number") -> str:
    """E.164 of a number to be stored, from any usual way of writing it.

    Raises BadValue, naming `thing`, for whatever has no E.164 form (110, #1234, carrier prefixes, on-net)
    and for 184/186 in front, which belong to one call and not to a number.
    """
    number = dialled(text)
    if number.why is not None:
        raise BadValue(thing, _short(text), number.why.rsplit(", expected ", 1)[1])
    if number.presentation is not Presentation.UNSET:
        raise BadValue(thing, _short(text), "a number without 184 or 186 in front")
    if number.e164 is None:
        raise BadValue(thing, _short(text), f"a number that can be reached from anywhere, not {number.kind}")
    return number.e164


def national(e164: str) -> str:
    """As dialled in Japan: "0312345678" of "+81312345678", "0101…" of "+1…". Raises BadValue without a +."""
    if not re.fullmatch(r"\+(?!810)[1-9][0-9]{3,14}", e164):
        raise BadValue("E.164 number", _short(e164), "+, a country code, and a number without 0 in front")
    return "0" + e164[3:] if e164.startswith("+81") else "010" + e164[1:]


def shown(e164: str) -> str:
    """For people to read: "03-1234-5678", abroad "+1 212-555-1234"; what has no E.164 form as it is."""
    number = dialled(e164)
    return e164 if number.e164 is None else areas.hyphenated(number.e164)


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST_TEXT:
        return None
    return pattern.fullmatch(text) or pattern.fullmatch(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))


def _classify(raw: str, sign: str, digits: str, presentation: Presentation) -> Dialled:
    if sign == "+":
        return _international(raw, digits, presentation)
    if sign == "#":
        if len(digits) != 4:
            return _invalid(raw, sign + digits, presentation, f"# and 4 digits, not {len(digits)}")
        return _number(raw, sign + digits, NumberClass.HASH_DIAL, presentation)
    if digits.startswith("010"):
        return _international(raw, digits[3:], presentation)
    if digits.startswith("00"):
        if not 3 <= len(digits) <= _LONGEST_CARRIER:
            expected = f"a carrier prefix (00XY) and a number, in all at most {_LONGEST_CARRIER} digits"
            return _invalid(raw, digits, presentation, expected)
        return _number(raw, digits, NumberClass.CARRIER_PREFIX, presentation)
    if digits.startswith("0"):
        return _home(raw, digits, presentation)
    return _short_or_on_net(raw, digits, presentation)


def _home(raw: str, digits: str, presentation: Presentation) -> Dialled:
    """A number with its national 0, which is neither 00 nor 010."""
    listed = _CLASSES.get(digits[:4]) or _CLASSES.get(digits[:3])
    if digits[:4] not in _CLASSES and listed is not None and digits[3:4] == "0":
        return _invalid(raw, digits, presentation, f"1 to 9 after {digits[:3]}, not 0")
    kind, length = listed or (NumberClass.FIXED, 10)
    if len(digits) != length:
        expected = f"{length} digits for a {kind} number, not {len(digits)}"
        return _invalid(raw, digits, presentation, expected)
    area = None
    if kind is NumberClass.FIXED:
        area = areas.area_code(digits)
        if area is None:
            return _invalid(raw, digits, presentation, f"an area code or class of Japan, not {digits[:4]}")
    return Dialled(
        raw=raw,
        digits=digits,
        e164="+81" + digits[1:],
        kind=kind,
        area_code=area,
        presentation=presentation,
        why=None,
    )


def _international(raw: str, digits: str, presentation: Presentation) -> Dialled:
    """`digits` begin with the country code. Japan's own numbers come home to their class."""
    if digits.startswith("81"):
        inside = digits[2:].removeprefix("0")  # +81 (0)3 …
        if inside.startswith(("0", "10")):
            return _invalid(raw, "010" + digits, presentation, "a number inside Japan after 81")
        return _home(raw, "0" + inside, presentation)
    e164 = areas.abroad(digits)
    if e164 is None:
        expected = "a country code and a number of a length used there"
        return _invalid(raw, "010" + digits, presentation, expected)
    return Dialled(
        raw=raw,
        digits="010" + e164[1:],
        e164=e164,
        kind=NumberClass.INTERNATIONAL,
        area_code=None,
        presentation=presentation,
        why=None,
    )


def _short_or_on_net(raw: str, digits: str, presentation: Presentation) -> Dialled:
    """What does not begin with 0: a three-digit code, or what may be an on-net number."""
    special = SPECIALS.get(digits[:3])
    if special is not None and len(digits) == 3 and special.reach is not Reach.PREFIX:
        emergency = special.reach is Reach.EMERGENCY
        kind = NumberClass.EMERGENCY if emergency else NumberClass.SPECIAL
        return _number(raw, digits, kind, presentation)
    if special is not None:
        if special.code == "122" and digits[3:5] == "00" and 6 <= len(digits) <= 3 + _LONGEST_CARRIER:
            return _number(raw, digits, NumberClass.CARRIER_PREFIX, presentation)
        alone = special.reach is not Reach.PREFIX
        expected = f"{special.code} by itself" if alone else f"{special.code} only in front of a number"
        return _invalid(raw, digits, presentation, expected)
    if len(digits) == 3 and digits[0] == "1":
        return _invalid(raw, digits, presentation, "a three-digit code in use")
    if len(digits) not in _ON_NET_LENGTHS:
        expected = f"0 and a number, a three-digit code, or 3 to 22 on-net digits, not {len(digits)} digits"
        return _invalid(raw, digits, presentation, expected)
    return _number(raw, digits, NumberClass.ON_NET, presentation)


def _number(raw: str, digits: str, kind: NumberClass, presentation: Presentation) -> Dialled:
    """A good number without an E.164 form."""
    return Dialled(raw=raw, digits=digits, e164=None, kind=kind, area_code=None, presentation=presentation, why=None)


def _unreadable(raw: str) -> Dialled:
    if len(raw) > _LONGEST_TEXT:
        expected = f"at most {_LONGEST_TEXT} characters, not {len(raw)}"
    else:
        expected = "digits, hyphens, spaces or parentheses, with at most + or # in front"
    return _invalid(raw, "", Presentation.UNSET, expected)


def _invalid(raw: str, digits: str, presentation: Presentation, expected: str) -> Dialled:
    return Dialled(
        raw=raw,
        digits=digits,
        e164=None,
        kind=NumberClass.INVALID,
        area_code=None,
        presentation=presentation,
        why=str(BadValue("number", _short(raw), expected)),
    )


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
