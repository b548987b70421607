"""Which numbers a line may not be forwarded to."""

from enum import StrEnum

from dialplan.errors import BadValue
from dialplan.numbers import Dialled, NumberClass, Presentation, dialled

from .lines import Line


class TargetRefusal(StrEnum):
    """Why; the value says what the number is, to follow "expected a number to forward to, not"."""

    EMERGENCY = "an emergency number"
    SPECIAL = "a 3-digit service number"
    FREE_PHONE = "a free-phone number (0120, 0800)"
    NAVI = "a 0570 number"
    HASH_DIAL = "a #-dial number"
    CARRIER_PREFIX = "a number with a carrier prefix (00xx)"
    INTERNATIONAL = "an international number, and the line is not opened for it"
    PREMIUM = "a premium number (0990)"
    PAGER = "a pager number (020)"
    OWN_NUMBER = "a number of the line itself"
    ON_NET = "an on-net number"
    INVALID = "not a telephone number"


_ALWAYS_ALLOWED = frozenset({NumberClass.FIXED, NumberClass.MOBILE, NumberClass.IP})

# 0990 and 020 are not in the list of services §2. They are refused because the member, who pays for the
# forwarded leg, would find every incoming call charged at a rate nobody in the price books sets.
_REFUSED = {
    NumberClass.EMERGENCY: TargetRefusal.EMERGENCY,
    NumberClass.SPECIAL: TargetRefusal.SPECIAL,
    NumberClass.FREE_PHONE: TargetRefusal.FREE_PHONE,
    NumberClass.NAVI: TargetRefusal.NAVI,
    NumberClass.HASH_DIAL: TargetRefusal.HASH_DIAL,
    NumberClass.CARRIER_PREFIX: TargetRefusal.CARRIER_PREFIX,
    NumberClass.PREMIUM: TargetRefusal.PREMIUM,
    NumberClass.PAGER: TargetRefusal.PAGER,
    NumberClass.ON_NET: TargetRefusal.ON_NET,
}


def refusal_of_target(target: Dialled, line: Line) -> TargetRefusal | None:
    """Why `line` may not be forwarded to `target`, or None when it may.

    A class this module does not know is refused: a new kind of number must be let in on purpose.
    """
    if target.e164 is not None and target.e164 in line.numbers:
        return TargetRefusal.OWN_NUMBER
    if target.kind in _ALWAYS_ALLOWED and target.e164 is not None:
        return None
    if target.kind is NumberClass.INTERNATIONAL and target.e164 is not None:
        return None if line.international_allowed else TargetRefusal.INTERNATIONAL
    return _REFUSED.get(target.kind, TargetRefusal.INVALID)


def check_target(text: str, line: Line) -> str:
    """E.164 of a number that `line` may be forwarded to. Raises BadValue with the reason when it may not."""
    return _checked("forward number", text, line)


def check_failover(text: str, line: Line) -> str:
    """The same of the number that is called while the line is known to be down (故障・回復通知機能)."""
    return _checked("fault-failover number", text, line)


def _checked(thing: str, text: str, line: Line) -> str:
    target = dialled(text)
    refusal = refusal_of_target(target, line)
    if refusal is None and target.presentation is not Presentation.UNSET:
        raise BadValue(thing, text, "a number without 184 or 186 in front")
    if refusal is not None or target.e164 is None:
        raise BadValue(thing, text, f"a number to forward to, not {refusal}")
    return target.e164


def check_forward_list(line: Line) -> None:
    """Raises BadValue when a change of the line would leave a number in its forward list, or a fault-failover
    number, that it may not have.
    """
    for number in line.forwarding.entries:
        if number is not None:
            check_target(number, line)
    if line.failover_number is not None:
        check_failover(line.failover_number, line)
