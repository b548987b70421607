"""Who calls: the number as the trunk tells it, if it was withheld, and if the network vouches for it. Pure."""

import re
from dataclasses import dataclass

from dialplan.numbers import presented

ASSERTED = "PJSIP_HEADER(read,P-Asserted-Identity)"
"""The channel function that reads what a carrier asserts (RFC 3325)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`number` is E.164; None when none came, or none that can be read. It may be known and yet `withheld`."""

    number: str | None = None
    withheld: bool = False
    vouched: bool = False


SOMEBODY = Caller()
WITHHELD = Caller(withheld=True)


def caller_of(presentation: str, number: str, name: str) -> Caller:
    """From CALLERID(num-pres), the number and the name.

    `prohib…` is withheld. So is a From of sip:anonymous@… without a Privacy header, unless the name gives another
    reason: a payphone, or a network that cannot tell (表示圏外). The names are those TTC JJ-90.22 lists.
    """
    digits = presented(number)
    nameless = name.strip().lower()
    other_reason = nameless.startswith(("coin line", "unavailable", "interaction"))
    withheld = not other_reason and (presentation.startswith("prohib") or number.lower() == "anonymous")
    return Caller(number=digits.e164 if digits is not None else None, withheld=withheld)


def asserts(header: str | None, number: str) -> bool:
    """Whether a P-Asserted-Identity names this E.164 number. Whoever asks must know that the trunk is trusted.

    The display name is the caller's own to choose, so nothing in it is looked at, however it is written.
    """
    found = _ASSERTED.fullmatch(header or "")
    digits = presented(found["bracketed"] or found["bare"]) if found is not None else None
    return digits is not None and digits.e164 == number


_USER = r"[+0-9().-]{1,40}"
_ASSERTED = re.compile(
    rf"""\s*(?:
        (?: "(?:[^"\\]|\\.)*" | [^"<>:,;@]* ) \s* < (?:sips?:|tel:) (?P<bracketed>{_USER}) [^<>"]* >
        | (?:sips?:|tel:) (?P<bare>{_USER}) (?:[@;][^<>",]*)?
    ) \s* (?:,.*)?""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
