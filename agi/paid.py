"""What a call is, as one word in Asterisk's own record (CDR(userfield)) and in the hangup hook. Pure.

The channel alone does not tell a call out from a forwarded one, nor who is behind the leased number that it shows.
"""

from dataclasses import dataclass
from enum import StrEnum

from dialplan.errors import BadValue


class Why(StrEnum):
    UNSAID = ""  # a call to a leased number: the leg it took says the rest
    OUT = "out"
    EMERGENCY = "emergency"
    THROUGH = "through"  # a conversation that has led to a call out, which has a record of its own
    CALLBACK = "callback"  # our own call to a registered phone, and the conversation on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """
    to       what was called, as dialled: also when no leg was tried.
    by       E.164 of the registered phone that called out; empty for the handset.
    to_kind  what only the switch knows of the number called: on_net.
    held     the name under which its cost was allowed, where that is not the call's own identity.
    """

    why: Why = Why.UNSAID
    withheld: bool = False
    to: str = ""
    by: str = ""
    to_kind: str = ""
    held: str = ""


UNSAID = Paid()
_WITHHELD = "withheld"
_AND_WITHHELD = f"-{_WITHHELD}"
_ONE_WORD = (Why.EMERGENCY, Why.THROUGH, Why.CALLBACK)


def held_as(call_id: str, tried: int = 1) -> str:
    """The name under which the cost of a call out from this conversation is allowed."""
    return f"{call_id}/{tried}"


def write_paid(paid: Paid) -> str:
    """ "withheld", "emergency-withheld" or, for a call out,
    "out:0312345678:+819011112222:on_net:withheld:sw1-1795209624.12/1", empty words kept.
    """
    withheld = _WITHHELD if paid.withheld else ""
    if paid.why is Why.UNSAID:
        return withheld
    if paid.why is not Why.OUT:
        return paid.why.value + (_AND_WITHHELD if paid.withheld else "")
    return f"{paid.why}:{paid.to}:{paid.by}:{paid.to_kind}:{withheld}:{paid.held}"


def read_paid(text: str) -> Paid:
    """Raises BadValue for what `write_paid` does not write."""
    words = text.split(":")
    if words in ([""], [_WITHHELD]):
        return Paid(withheld=bool(words[0]))
    word = words[0].removesuffix(_AND_WITHHELD)
    if len(words) == 1 and word in _ONE_WORD:
        return Paid(why=Why(word), withheld=word != words[0])
    if len(words) == 6 and words[0] == Why.OUT and words[4] in ("", _WITHHELD):
        _, to, by, to_kind, withheld, held = words
        return Paid(why=Why.OUT, to=to, by=by, to_kind=to_kind, withheld=bool(withheld), held=held)
    expected = f"nothing, {_WITHHELD}, {', '.join(_ONE_WORD)} or out:TO:BY:KIND:{_WITHHELD}:HELD"
    raise BadValue("what the call was", text[:80], expected)
