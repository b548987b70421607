"""The outbox of mail to members: queued with the change it tells of, sent by whoever serves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from subscribers.tables import mails

ATTEMPTS = 12
"""Then a mail is given up, and keeps the last problem; with the pauses below that is after some twenty hours."""
NEWS_FOR = timedelta(days=3)
"""What could not be sent for so long, or was queued while mail was turned off, is no news any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`kind` names the template, `facts` what it is filled with. `attempts` counts this one too."""

    id: int
    recipient: str
    kind: str
    facts: Mapping[str, str]
    queued_at: datetime
    attempts: int


def pause(attempts: int) -> timedelta:
    """After how long to try again when so many attempts failed: a minute, doubled up to six hours."""
    return min(timedelta(minutes=2 ** (attempts - 1)), timedelta(hours=6))


def queue_mail(conn: Connection, recipient: str, kind: str, facts: Mapping[str, str], at: datetime) -> None:
    values = {"recipient": recipient, "kind": kind, "facts": dict(facts), "queued_at": at, "due_at": at}
    conn.execute(insert(mails).values(attempts=0, **values))


def any_due(conn: Connection, at: datetime) -> bool:
    return conn.execute(_due(at).with_only_columns(mails.c.id)).one_or_none() is not None


def take_due(conn: Connection, at: datetime) -> Mail | None:
    """The mail that has waited longest, if one is due. It is due again after a pause, so that nobody else takes it
    meanwhile, and that one whose sender died is sent all the same: twice rather than never.
    """
    row = conn.execute(_due(at).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    attempts = row.attempts + 1
    again = at + pause(attempts) if attempts < ATTEMPTS else None
    conn.execute(update(mails).where(mails.c.id == row.id).values(attempts=attempts, due_at=again))
    return Mail(
        id=row.id,
        recipient=row.recipient,
        kind=row.kind,
        facts=row.facts,
        queued_at=row.queued_at,
        attempts=attempts,
    )


def mail_sent(conn: Connection, mail_id: int, at: datetime) -> None:
    conn.execute(update(mails).where(mails.c.id == mail_id).values(sent_at=at, due_at=None, problem=None))


def mail_failed(conn: Connection, mail_id: int, problem: str) -> None:
    """It stays due as `take_due` left it."""
    conn.execute(update(mails).where(mails.c.id == mail_id).values(problem=problem[:500]))


def _due(at: datetime) -> Select[Any]:
    due = select(mails).where(mails.c.due_at <= at, mails.c.queued_at > at - NEWS_FOR)
    return due.order_by(mails.c.due_at, mails.c.id).limit(1)
