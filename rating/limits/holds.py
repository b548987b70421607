"""Yen set aside for calls that are under way, from their authorisation to their place in the books."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from dialplan.errors import BadValue
from rating.limits.decide import LATE, LONGEST, RING, Running
from rating.limits.limits import AuthRequest, Denied, Grant, Reason
from rating.limits.tables import authorisations
from rating.money import ZERO
from rating.tables import ended_calls
from store.metadata import Instant

_A_MINUTE = timedelta(minutes=1)
_KEPT = timedelta(days=1)
_OLDEST = LONGEST + RING + LATE
_table = authorisations.c
_KNOWN = select(authorisations).where(_table.call_id == bindparam("call"))
_IN_THE_BOOKS = select(exists().where(ended_calls.c.call_id == bindparam("call")))
_OF_LINE = select(_table.at, _table.held, _table.expires_at, _table.released_at).where(
    _table.line_id == bindparam("line"), _table.at > bindparam("since", type_=Instant)
)
_OLD = delete(authorisations).where(
    _table.line_id == bindparam("line"), _table.at < bindparam("before", type_=Instant)
)
_INSERT = insert(authorisations)
_RELEASE = (
    update(authorisations)
    .where(_table.call_id == bindparam("over"), _table.released_at.is_(None))
    .values(released_at=bindparam("over_at", type_=Instant))
)


def known(conn: Connection, request: AuthRequest) -> Grant | Denied | None:
    """What this very call was answered before; Denied when it is over. Raises BadValue for another line's call."""
    found = conn.execute(_KNOWN, {"call": request.call_id}).one_or_none()
    if found is None:
        over = conn.execute(_IN_THE_BOOKS, {"call": request.call_id}).scalar_one()
        return _ended(request) if over else None
    if found.line_id != request.line_id:
        raise BadValue(f"line of call {request.call_id}", request.line_id, f"{found.line_id}, as authorised")
    if found.released_at is not None or found.expires_at <= request.usage.at:
        return _ended(request)
    return Grant(milliseconds=found.milliseconds, held=found.held)


def running(conn: Connection, line_id: int, at: datetime) -> Running:
    """The line's other calls. Count them before what is spent: a call that ends in between then counts twice, not
    never.
    """
    rows = conn.execute(_OF_LINE, {"line": line_id, "since": at - _OLDEST}).all()
    open_ = [row for row in rows if row.released_at is None and row.expires_at > at]
    return Running(
        last_minute=sum(row.at > at - _A_MINUTE for row in rows),
        calls=len(open_),
        held=sum((row.held for row in open_), ZERO),
    )


def hold(conn: Connection, request: AuthRequest, grant: Grant) -> None:
    """Until the call is in the books, or must long have been over."""
    at = request.usage.at
    lasts = LONGEST if grant.milliseconds is None else timedelta(milliseconds=grant.milliseconds)
    conn.execute(
        _INSERT,
        {
            "call_id": request.call_id,
            "line_id": request.line_id,
            "at": at,
            "held": grant.held,
            "milliseconds": grant.milliseconds,
            "expires_at": at + RING + lasts + LATE,
            "released_at": None,
        },
    )


def release(conn: Connection, call_id: str, at: datetime) -> None:
    """In the transaction that stores the ended call. Nothing happens for a call that holds nothing."""
    conn.execute(_RELEASE, {"over": call_id, "over_at": at})


def purge(conn: Connection, line_id: int, at: datetime) -> None:
    """Forgets the line's calls of more than a day ago. Only this line's: another transaction has locked others'."""
    conn.execute(_OLD, {"line": line_id, "before": at - _KEPT})


def _ended(request: AuthRequest) -> Denied:
    return Denied(reason=Reason.ENDED, found=request.call_id, expected="a call that is not over")
