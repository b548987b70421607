"""The counter that numbers every change of a line."""

from sqlalchemy import ColumnElement, Connection, update

from subscribers.tables import line_revisions, lines

_NEXT = update(line_revisions).values(latest=line_revisions.c.latest + 1).returning(line_revisions.c.latest)


def next_revision(conn: Connection) -> int:
    """Also waits until no other transaction is changing members or lines."""
    return int(conn.execute(_NEXT).scalar_one())


def mark_changed(conn: Connection, revision: int, which: ColumnElement[bool]) -> None:
    conn.execute(update(lines).where(which).values(revision=revision))
