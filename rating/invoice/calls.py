"""The calls of a month, from the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from rating.charge import Charge
from rating.ended import EndedCall
from rating.invoice.months import bounds
from rating.invoice.usage import BilledCall
from rating.ledger import WITH_CHARGE, as_recorded
from rating.tables import ended_calls

_SLACK = timedelta(days=1)
"""Calls are found by their start, which a stepped clock or a long ring may put on the other side of midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedCall:
    call: EndedCall
    charge: Charge


def charged_calls(conn: Connection, month: date, line_ids: Iterable[int]) -> list[ChargedCall]:
    """Answered in the month in Japan, and charged; in call order."""
    begin, end = bounds(month)
    table = ended_calls.c
    query = WITH_CHARGE.where(
        table.line_id.in_(list(line_ids)),
        table.started_at >= begin - _SLACK,
        table.started_at < end + _SLACK,
        table.answered.is_not(None),
    )
    found = []
    for row in conn.execute(query):
        recorded = as_recorded(row)
        if recorded.charge is not None and begin <= answered_at(recorded.call) < end:
            found.append(ChargedCall(call=recorded.call, charge=recorded.charge))
    return sorted(found, key=lambda one: (answered_at(one.call), one.call.call_id))


def answered_at(call: EndedCall) -> datetime:
    """The moment that decides month, price book and band, as rating.ended.usage_of takes it."""
    return call.answered_at or call.started_at


def billed(one: ChargedCall) -> BilledCall:
    call = one.call
    if call.answered is None:
        raise ValueError(f"call {call.call_id}: charged and not answered")
    return BilledCall(
        call_id=call.call_id,
        line_id=call.line_id,
        number=call.leased_number,
        answered_at=answered_at(call),
        answered=call.answered,
        charge=one.charge,
    )


def unrated_count(conn: Connection, month: date, line_ids: Iterable[int]) -> int:
    """Answered calls of the month that have no charge yet."""
    begin, end = bounds(month)
    table = ended_calls.c
    moment = func.coalesce(table.answered_at, table.started_at)
    query = select(func.count()).where(
        table.line_id.in_(list(line_ids)), table.unrated.is_not(None), moment >= begin, moment < end
    )
    return conn.scalar(query) or 0
