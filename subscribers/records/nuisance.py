"""Changes of a line's nuisance block (144). Numbers on it may have been withheld: nothing here is for reading out."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.lines import change_line
from subscribers.records.revisions import next_revision
from subscribers.screening import MAX_NUISANCE, check_new_entry, last_entry
from subscribers.tables import nuisance_entries

_THING = "nuisance block"


def nuisance_count(conn: Connection, line_id: int) -> int:
    wanted = select(func.count()).select_from(nuisance_entries).where(nuisance_entries.c.line_id == line_id)
    return int(conn.execute(wanted).scalar_one())


def is_nuisance(conn: Connection, line_id: int, number: str) -> bool:
    """Of an E.164 number: whether the list has it."""
    return number in _numbers(conn, line_id)


def add_nuisance(conn: Connection, line_id: int, number: str, *, withheld: bool, at: datetime) -> Line:
    """`number` is E.164, as the network told it, whether or not the caller withheld it from the subscriber.

    Raises AlreadyListed or ListFull.
    """
    revision = next_revision(conn)
    get_line(conn, line_id)
    shown = "a withheld number" if withheld else number
    held = tuple(shown if one == number else one for one in _numbers(conn, line_id))
    check_new_entry(_THING, shown, held, MAX_NUISANCE)
    conn.execute(insert(nuisance_entries).values(line_id=line_id, number=number, withheld=withheld, added_at=at))
    return change_line(conn, line_id, revision, has_nuisance=True)


def delete_last_nuisance(conn: Connection, line_id: int) -> Line:
    """The entry added last. Raises NotListed when there is none."""
    revision = next_revision(conn)
    held = _numbers(conn, line_id)
    last = last_entry(_THING, held)
    conn.execute(
        delete(nuisance_entries).where(nuisance_entries.c.line_id == line_id, nuisance_entries.c.number == last)
    )
    return change_line(conn, line_id, revision, has_nuisance=len(held) > 1)


def delete_all_nuisance(conn: Connection, line_id: int) -> Line:
    """Also of an empty list."""
    revision = next_revision(conn)
    conn.execute(delete(nuisance_entries).where(nuisance_entries.c.line_id == line_id))
    return change_line(conn, line_id, revision, has_nuisance=False)


def _numbers(conn: Connection, line_id: int) -> tuple[str, ...]:
    """In the order they were added."""
    wanted = select(nuisance_entries.c.number).where(nuisance_entries.c.line_id == line_id)
    return tuple(conn.execute(wanted.order_by(nuisance_entries.c.id)).scalars())
