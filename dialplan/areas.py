"""What phonenumbers is asked for: Japan's area codes, numbers abroad, and hyphens."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

JAPAN = 81
_LONGEST = 15
"""Digits of an E.164 number, country code and all. The library thinks some of Germany's longer."""

# The library tells areas apart by at most the five digits after the 0 (as 0 83962 against 0 83963).
_TELLING = 6


def area_code(digits: str) -> str | None:
    """ "03" of "0312345678", "04992" of "0499212345"; None where Japan has no such area.

    `digits` is a fixed number of ten digits, its 0 first. The area need exist, the exchange need not have
    been handed out: libraries lag behind the ministry's allocations, and the carrier knows in any case.
    """
    return _area(digits[:_TELLING])


@lru_cache(maxsize=8192)
def _area(head: str) -> str | None:
    number = phonenumbers.PhoneNumber(country_code=JAPAN, national_number=int(head.ljust(10, "0")))
    if phonenumbers.number_type(number) != PhoneNumberType.FIXED_LINE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL).partition("-")[0]


def abroad(digits: str) -> str | None:
    """E.164 of a country code and number, or None when no country has numbers of that length.

    A trunk 0 keyed by habit (+44 020 …) is taken out. Whether the block has been handed out is not asked.
    """
    e164 = _possible("+" + digits)
    if e164 is None or e164[1:] == digits:
        return e164
    # What the library mended must stand by itself, or the stored number would change on every reading.
    return e164 if _possible(e164) == e164 else None


def _possible(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    found = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return found if len(found) <= 1 + _LONGEST else None


def hyphenated(e164: str) -> str:
    """ "03-1234-5678" for Japan, "+1 212-555-1234" for the rest. The argument must be E.164 already."""
    number = phonenumbers.parse(e164, None)
    home = number.country_code == JAPAN
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)
