"""From an ended call to its place in the ledger: whose line, which service, which price book."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agi.call import TRIES
from agi.ended import Ended
from agi.paid import Why, held_as
from dialplan.codes import CODES
from dialplan.numbers import dialled
from rating.books_in_force import Books
from rating.ended import EndedCall, Recorded, Source
from rating.ledger import record
from rating.limits.holds import release
from rating.party import HANDSET
from rating.usage import Plan, Service
from subscribers.records.find import line_to_charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The opened price books, and the one that lines are charged under."""

    books: Books
    book: str


def keep(conn: Connection, ended: Ended, source: Source, tariff: Tariff) -> Recorded | None:
    """Stores and rates in the caller's transaction, once per identity. None for a number that is nobody's.

    The line is looked up by the number, so that Asterisk's own record, which knows nothing else, and the hook
    come to the same.
    """
    number = dialled(ended.caller if _shows_the_line(ended) else ended.dialled).e164
    found = line_to_charge(conn, number) if number is not None else None
    if found is None or number is None:
        return None
    line_id, plan = found
    for held in _held(ended):
        release(conn, held, ended.ended_at)
    return record(conn, ended_call(ended, line_id, Plan(plan.value), number, source), tariff.books, tariff.book)


def _held(ended: Ended) -> tuple[str, ...]:
    """A conversation that led to no call out holds nothing, however it broke off. One that did leaves it to that
    call, whose charge comes at the same moment.
    """
    if ended.paid.why is Why.CALLBACK or (ended.menu and ended.paid.why is Why.UNSAID and not _keyed_a_code(ended)):
        return tuple(held_as(ended.call_id, tried) for tried in range(1, TRIES + 1))
    return (ended.paid.held,) if ended.paid.held else ()


def ended_call(ended: Ended, line_id: int, plan: Plan, number: str, source: Source) -> EndedCall:
    """The line pays for a forwarded leg and a menu, not for a call that its handset took or nobody was rung for."""
    caller = dialled(ended.paid.by or ended.caller)
    return EndedCall(
        call_id=ended.call_id,
        line_id=line_id,
        leased_number=number,
        plan=plan,
        service=_service(ended),
        from_number=(caller.e164 or caller.digits)[:_WIDTH] or None,
        withheld=ended.withheld or ended.paid.withheld,
        to_number=_written(to)[:_WIDTH] if (to := ended.paid.to or ended.target) else number,
        started_at=ended.started_at,
        answered_at=ended.answered_at,
        answered=ended.answered,
        ended_at=ended.ended_at,
        outcome=ended.refusal or ended.outcome,
        cause=ended.cause if ended.cause is not None else _CAUSES.get(ended.outcome, 0),
        source=source,
        from_kind=HANDSET if _keyed_a_code(ended) else None,
        to_kind=ended.paid.to_kind or None,
    )


def _service(ended: Ended) -> Service:
    if ended.paid.why in (Why.OUT, Why.EMERGENCY):
        return Service.OUT
    if ended.paid.why in (Why.THROUGH, Why.CALLBACK):
        return Service.INCOMING
    if ended.menu:
        return Service.SETTINGS
    return Service.FORWARD if ended.target is not None else Service.INCOMING


def _keyed_a_code(ended: Ended) -> bool:
    return ended.menu and ended.dialled in _CODES


def _shows_the_line(ended: Ended) -> bool:
    """A handset's number is what we gave it, and nobody else can dial the codes, or 110 without our leave."""
    return _keyed_a_code(ended) or ended.paid.why is Why.EMERGENCY


_WIDTH = 40
"""Digits that the ledger has room for: a stranger may send more, and the call must be charged all the same."""

_CODES = frozenset(code.dialled for code in CODES)

_CAUSES = {"ANSWER": 16, "BUSY": 17, "NOANSWER": 19, "CHANUNAVAIL": 20, "CANCEL": 16}
"""Q.850, for Asterisk's own records, which have none."""


def _written(target: str) -> str:
    number = dialled(target)
    return number.e164 or number.digits
