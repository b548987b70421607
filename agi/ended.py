"""An ended call, as the hangup hook or Asterisk's own records tell it. Pure; both must come out the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from agi.fastagi_wire import Environment
from agi.paid import UNSAID, Paid, read_paid
from dialplan.errors import BadValue
from dialplan.refusals import Refusal

_IDENTITY = re.compile(r"[A-Za-z0-9]+-([0-9]{9,11})\.[0-9]+", re.ASCII)
_FORWARDED = re.compile(r"(?:PJSIP/(?:[a-z0-9-]+/sip:)?([0-9*#+]+)@|Local/([0-9*#+]+)@on-switch)", re.ASCII)
_WITHHELD = 0x20  # AST_PRES_RESTRICTION, prohibited
HOOK_ARGUMENTS = 8
RECORD_COLUMNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """
    call_id     the call's one identity: Asterisk's unique id of the incoming channel, switch name first.
    dialled     the leased number as dialled.
    caller      as presented, empty when unknown; not to be shown to anybody when `withheld`.
    target      the number the last leg went to, as dialled; None for the handset or a refused call.
    outcome     DIALSTATUS of the last leg; empty when no leg was tried.
    answered    seconds, exact to the microsecond; None when nobody answered.
    menu        it was a conversation with us: `dialled` is the leased number, or the code dialled on a handset.
    paid        what the call was, when the application or the dialplan had reason to say so.
    """

    call_id: str
    dialled: str
    caller: str
    withheld: bool
    dial: str
    target: str | None
    outcome: str
    refusal: Refusal | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    answered: Decimal | None
    cause: int | None
    menu: bool = False
    paid: Paid = UNSAID


def from_hook(environment: Environment, at: datetime) -> Ended:
    """The arguments are those of [ended] in extensions.conf. Raises BadValue naming what is wrong with them."""
    found = environment.arguments
    if len(found) != HOOK_ARGUMENTS:
        raise BadValue("hangup hook", found, f"{HOOK_ARGUMENTS} arguments")
    _line, dial, outcome, answer, billsec, cause, say, paid = found
    answered_at, answered = _answer(answer, billsec)
    values = environment.values
    presentation = values.get("agi_callingpres", "0")
    caller = values.get("agi_callerid", "")
    return Ended(
        call_id=environment.uniqueid,
        dialled=values.get("agi_extension", ""),
        caller="" if caller == "unknown" else caller,
        withheld=presentation.isdecimal() and bool(int(presentation[:4]) & _WITHHELD),
        dial=dial,
        target=target_of(dial),
        outcome=outcome or (_ANSWERED if answered is not None else ""),
        refusal=_refusal(say),
        started_at=started_at(environment.uniqueid),
        answered_at=answered_at,
        ended_at=at,
        answered=answered,
        cause=int(cause[:4]) if cause.isdecimal() else None,
        menu=dial == _MENU,
        paid=read_paid(paid),
    )


def from_record(row: Sequence[str]) -> Ended:
    """The columns are those of cdr_custom.conf. Raises BadValue naming what is wrong with them."""
    if len(row) != RECORD_COLUMNS:
        raise BadValue("call record", f"{len(row)} columns", f"{RECORD_COLUMNS} columns")
    call_id, caller, userfield, context, dialled, lastdata, disposition, answer, end, billsec = row
    answered_at, answered = _answer(answer, billsec)
    dial = lastdata.partition(",")[0]
    paid = read_paid(userfield)
    return Ended(
        call_id=call_id,
        dialled=dialled,
        caller=caller,
        withheld=paid.withheld,
        dial=dial,
        target=target_of(dial),
        outcome=_OUTCOMES.get(disposition, disposition),
        refusal=None,
        started_at=started_at(call_id),
        answered_at=answered_at,
        ended_at=_moment(end, "end") or started_at(call_id),
        answered=answered,
        cause=None,
        menu=context == _MENU,
        paid=paid,
    )


_MENU = "menu"  # a context of extensions.conf, and what its hook says was dialled
_ANSWERED = "ANSWER"
_OUTCOMES = {"ANSWERED": "ANSWER", "NO ANSWER": "NOANSWER", "FAILED": "CHANUNAVAIL"}
"""Asterisk's records have other words than its Dial."""


def started_at(call_id: str) -> datetime:
    """To the second: Asterisk writes the time into the unique id. Raises BadValue for anything else."""
    match = _IDENTITY.fullmatch(call_id)
    if match is None:
        raise BadValue("call identity", call_id, "SWITCH-SECONDS.COUNT")
    return datetime.fromtimestamp(int(match[1]), UTC)


def target_of(dial: str) -> str | None:
    match = _FORWARDED.match(dial)
    return (match[1] or match[2]) if match is not None else None


def _answer(answer: str, billsec: str) -> tuple[datetime | None, Decimal | None]:
    answered_at = _moment(answer, "answer")
    return (answered_at, _seconds(billsec, "answered seconds")) if answered_at is not None else (None, None)


def _moment(text: str, thing: str) -> datetime | None:
    """Asterisk writes 0.000000 for what never happened."""
    seconds = _seconds(text, thing)
    if seconds == 0:
        return None
    try:
        whole = datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        raise BadValue(thing, text, "seconds since 1970") from None
    return whole.replace(microsecond=int(seconds % 1 * 1_000_000))


def _seconds(text: str, thing: str) -> Decimal:
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        raise BadValue(thing, text, "seconds") from None
    if not seconds.is_finite() or seconds < 0 or seconds > 10**11:
        raise BadValue(thing, text, "seconds, not negative")
    return seconds


def _refusal(say: str) -> Refusal | None:
    try:
        return Refusal(say) if say else None
    except ValueError:
        raise BadValue("refusal", say, f"one of {', '.join(Refusal)}") from None
