"""Callback jobs as stored. Who changes one has read it in the same transaction, and locked it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Insert, Row, Select, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialplan.errors import BadValue
from dialplan.numbers import normalise, shown
from subscribers.callbacks import (
    IN_FLIGHT,
    AskedBy,
    Callback,
    CallbackState,
    answered,
    called,
    check_number,
    given_up,
    identities,
    made_by,
    over,
)
from subscribers.records.find import get_line_for_call
from subscribers.records.mails import queue_mail
from subscribers.states import LineForCall, LineState
from subscribers.tables import callbacks

FAILED_MAIL = "callback-failed"
"""The template in templates/mail."""

_LOST_AFTER = timedelta(days=1)
_IN_FLIGHT = callbacks.c.state.in_([state.value for state in IN_FLIGHT])
_ADD: Mapping[str, Insert] = {
    "sqlite": sqlite.insert(callbacks).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(callbacks).on_conflict_do_nothing(),
}


def request_callback(
    conn: Connection, line_id: int, phone: str, number: str | None, asked_by: AskedBy, at: datetime
) -> tuple[Callback, bool]:
    """A new job, due now, and True; or the one that is in flight for this phone already, and False.

    Raises BadValue unless the phone is registered on the line and the line is active, and for a number that
    check_number refuses. Whether the number may be called, and for how much, is asked when it is.
    """
    e164 = normalise(phone, "phone to call back")
    to = check_number(number)
    found = get_line_for_call(conn, line_id)
    wrong = _not_allowed(found, e164, at)
    if wrong is not None:
        raise BadValue("phone to call back", phone, f"a phone that can be called: {wrong}")
    values = {
        "line_id": line_id,
        "phone": e164,
        "number": to,
        "asked_by": asked_by.value,
        "asked_at": at,
        "state": CallbackState.PENDING.value,
        "tries": 0,
        "due_at": at,
    }
    while True:
        added = conn.execute(_ADD[conn.dialect.name].returning(callbacks.c.id), values).scalar_one_or_none()
        if added is not None:
            return get_callback(conn, added), True
        row = conn.execute(select(callbacks).where(callbacks.c.phone == e164, _IN_FLIGHT)).one_or_none()
        if row is not None:  # else it ended between the two statements
            return _job_of(row), False


def any_callback_due(conn: Connection, at: datetime) -> bool:
    return conn.execute(_due(at)).first() is not None


def take_due_callback(conn: Connection, switch: str, at: datetime) -> tuple[Callback, LineForCall] | None:
    """The one that has waited longest, now being called, with its line; or given up, when its phone may not be
    called any more. None when none is due.
    """
    row = conn.execute(_due(at).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    job = _job_of(row)
    found = get_line_for_call(conn, job.line_id)
    wrong = _not_allowed(found, job.phone, at)
    if wrong is not None:
        return give_up_callback(conn, job.id, wrong, at), found
    return _put(conn, called(job, identities(switch, job, at)[0], at)), found


def callbacks_under_way(conn: Connection, switch: str, at: datetime) -> tuple[Callback, ...]:
    """Those for whose phone this switch has a call, or should have. After a day another switch's too: it has been
    renamed or taken away, and its phones would wait for ever.
    """
    states = [CallbackState.CALLING.value, CallbackState.CONNECTED.value]
    ours = callbacks.c.channel.startswith(made_by(switch), autoescape=True)
    wanted = select(callbacks).where(
        callbacks.c.state.in_(states), or_(ours, callbacks.c.called_at < at - _LOST_AFTER)
    )
    return tuple(_job_of(row) for row in conn.execute(wanted.order_by(callbacks.c.id)))


def phone_answered(conn: Connection, job_id: int, channel: str, at: datetime) -> tuple[Callback, bool] | None:
    """The job as it is then, and whether that was news. None when that call is not the job's, or not any more."""
    job = _locked(conn, job_id)
    if job is None or job.channel != channel:
        return None
    if job.state is CallbackState.CALLING:
        return _put(conn, answered(job, at)), True
    return (job, False) if job.state is CallbackState.CONNECTED else None


def call_gone(
    conn: Connection, job_id: int, channel: str, reason: str, at: datetime, pauses: Sequence[timedelta]
) -> Callback | None:
    """What becomes of the job now that its call to the phone is gone; the member is told when that was the last try.
    None when the call is not the job's any more.
    """
    job = _locked(conn, job_id)
    if job is None or job.channel != channel or job.state not in (CallbackState.CALLING, CallbackState.CONNECTED):
        return None
    new = over(job, at, reason, pauses)
    if new.state is CallbackState.FAILED:
        _tell_member(conn, new, at)
    return _put(conn, new)


def give_up_callback(conn: Connection, job_id: int, reason: str, at: datetime) -> Callback:
    """At once, and the member is told. Raises BadValue for one that is over."""
    job = _locked(conn, job_id)
    if job is None:
        raise _none(job_id)
    new = given_up(job, at, reason)
    _tell_member(conn, new, at)
    return _put(conn, new)


def cancel_callback(conn: Connection, job_id: int, at: datetime) -> Callback:
    """Raises BadValue unless it is waiting: a phone that rings is not taken back."""
    job = _locked(conn, job_id)
    if job is None:
        raise _none(job_id)
    if job.state is not CallbackState.PENDING:
        raise BadValue(f"callback {job_id}", job.state, f"one that is {CallbackState.PENDING}")
    return _put(conn, given_up(job, at, "cancelled"))


def get_callback(conn: Connection, job_id: int) -> Callback:
    """Raises BadValue when there is none."""
    row = conn.execute(select(callbacks).where(callbacks.c.id == job_id)).one_or_none()
    if row is None:
        raise _none(job_id)
    return _job_of(row)


def list_callbacks(
    conn: Connection, *, line_id: int | None = None, in_flight: bool = False, limit: int = 100
) -> tuple[Callback, ...]:
    """The newest first."""
    wanted = select(callbacks).order_by(callbacks.c.id.desc()).limit(limit)
    if line_id is not None:
        wanted = wanted.where(callbacks.c.line_id == line_id)
    if in_flight:
        wanted = wanted.where(_IN_FLIGHT)
    return tuple(_job_of(row) for row in conn.execute(wanted))


def _not_allowed(found: LineForCall, phone: str, at: datetime) -> str | None:
    """Why this phone may not be called for the line, in words; None when it may."""
    if phone not in found.line.registered_phones:
        return f"it is not registered on line {found.line.id}"
    state = found.state(at)
    return None if state is LineState.ACTIVE else f"line {found.line.id} is {state}"


def _due(at: datetime) -> Select[Any]:
    due = select(callbacks).where(callbacks.c.state == CallbackState.PENDING.value, callbacks.c.due_at <= at)
    return due.order_by(callbacks.c.due_at, callbacks.c.id).limit(1)


def _locked(conn: Connection, job_id: int) -> Callback | None:
    row = conn.execute(select(callbacks).where(callbacks.c.id == job_id).with_for_update()).one_or_none()
    return None if row is None else _job_of(row)


def _put(conn: Connection, job: Callback) -> Callback:
    values = asdict(job) | {"state": job.state.value, "asked_by": job.asked_by.value}
    conn.execute(update(callbacks).where(callbacks.c.id == job.id).values(values))
    return job


def _job_of(row: Row[Any]) -> Callback:
    job = Callback(**row._mapping)
    return replace(job, state=CallbackState(job.state), asked_by=AskedBy(job.asked_by))


def _none(job_id: int) -> BadValue:
    return BadValue("callback", job_id, "the id of a callback")


def _tell_member(conn: Connection, job: Callback, at: datetime) -> None:
    found = get_line_for_call(conn, job.line_id)
    if found.member.mail is None:
        return
    facts = {
        "member": found.member.name,
        "number": shown(found.line.number),
        "phone": shown(job.phone),
        "asked": job.asked_at.isoformat(),
        "tries": str(job.tries),
    }
    queue_mail(conn, found.member.mail, FAILED_MAIL, facts, at)
