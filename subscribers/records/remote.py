"""Remote access as stored: on with a PIN, off, and the judging of a PIN that somebody keyed.

A PIN is judged in three steps, because hashing takes tens of milliseconds and must not hold a database connection:
`pin_record` (reads), `store.secrets.matches_hash` (in a thread), `judge` (writes). agi/pins.py puts them together.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Insert, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialplan.numbers import dialled, shown
from store.secrets import hash_secret
from subscribers.lines import Line
from subscribers.records.find import get_line, get_line_for_call, line_for_call
from subscribers.records.lines import change_line
from subscribers.records.mails import queue_mail
from subscribers.records.revisions import next_revision
from subscribers.remote import LOCKED_FOR, WITHIN, WRONG_BEFORE_LOCK, Lockout, after_wrong_pin, check_pin_form
from subscribers.states import LineState
from subscribers.tables import remote_access, remote_lockouts

_NEW_ROW: Mapping[str, Insert] = {
    "sqlite": sqlite.insert(remote_lockouts).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(remote_lockouts).on_conflict_do_nothing(),
}

LOCKED_MAIL = "remote-locked"
"""The template in templates/mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRecord:
    """What a keyed contract number leads to. `pin_hash` is None when no PIN can be right."""

    subject: str
    line_id: int | None
    pin_hash: str | None = field(repr=False)


def remote_access_on(conn: Connection, line_id: int) -> bool:
    wanted = select(remote_access.c.line_id).where(remote_access.c.line_id == line_id)
    return conn.execute(wanted).one_or_none() is not None


def turn_remote_on(conn: Connection, line_id: int, pin_hash: str) -> Line:
    """With what `hashed_pin` returned; a PIN that was set before is replaced. A lock-out goes on."""
    revision = next_revision(conn)
    get_line(conn, line_id)
    conn.execute(delete(remote_access).where(remote_access.c.line_id == line_id))
    conn.execute(insert(remote_access).values(line_id=line_id, pin_hash=pin_hash))
    return change_line(conn, line_id, revision)


def turn_remote_off(conn: Connection, line_id: int) -> Line:
    """The PIN is forgotten."""
    revision = next_revision(conn)
    conn.execute(delete(remote_access).where(remote_access.c.line_id == line_id))
    return change_line(conn, line_id, revision)


def hashed_pin(pin: str) -> str:
    """Slow on purpose (run it in a thread). Raises BadValue, without the PIN in it, for a bad form."""
    check_pin_form(pin)
    return hash_secret(pin)


def pin_record(conn: Connection, number: str, at: datetime) -> PinRecord:
    """For a contract number as keyed, whatever it is. Only an active line can be reached."""
    e164 = dialled(number).e164
    found = line_for_call(conn, e164) if e164 is not None else None
    if found is None:
        # The same form as a line's, and no list of who was looked for in the database.
        digest = hashlib.sha256((e164 or number).encode()).hexdigest()
        return PinRecord(subject=f"nobody {digest}", line_id=None, pin_hash=None)
    line_id = found.line.id
    wanted = select(remote_access.c.pin_hash).where(remote_access.c.line_id == line_id)
    pin_hash = conn.execute(wanted).scalar_one_or_none()
    usable = found.state(at) is LineState.ACTIVE
    return PinRecord(subject=f"line {line_id}", line_id=line_id, pin_hash=pin_hash if usable else None)


def judge(conn: Connection, record: PinRecord, right: bool, at: datetime) -> int | None:
    """The line's id when the PIN was right and nothing is locked; else None, and a wrong one is counted.

    Locked or not, known or not: a refusal reads and writes the same rows. The fifth wrong PIN within an hour
    locks, and queues a mail to the member.
    """
    subject = remote_lockouts.c.subject == record.subject
    # Made first where it is missing, so that two processes that judge the first guess take turns at one row.
    new_row = {"subject": record.subject, "wrong": [], "changed_at": at}
    conn.execute(_NEW_ROW[conn.dialect.name], new_row)
    row = conn.execute(select(remote_lockouts).where(subject).with_for_update()).one()
    known = Lockout(wrong=tuple(datetime.fromisoformat(one) for one in row.wrong), locked_until=row.locked_until)
    if right and not known.locked(at):
        return record.line_id
    new = known if right else after_wrong_pin(known, at)
    wrong = [one.isoformat() for one in new.wrong]
    conn.execute(
        update(remote_lockouts).where(subject).values(wrong=wrong, locked_until=new.locked_until, changed_at=at)
    )
    # What can matter no more goes: made-up numbers must not fill the table.
    conn.execute(delete(remote_lockouts).where(remote_lockouts.c.changed_at < at - WITHIN - LOCKED_FOR))
    if new.locked(at) and not known.locked(at) and record.line_id is not None:
        _tell_member(conn, record.line_id, new, at)
    return None


def _tell_member(conn: Connection, line_id: int, lockout: Lockout, at: datetime) -> None:
    found = get_line_for_call(conn, line_id)
    if found.member.mail is None or lockout.locked_until is None:
        return
    facts = {
        "member": found.member.name,
        "number": shown(found.line.number),
        "wrong": str(WRONG_BEFORE_LOCK),
        "at": at.isoformat(),
        "until": lockout.locked_until.isoformat(),
    }
    queue_mail(conn, found.member.mail, LOCKED_MAIL, facts, at)
