"""Changes of a line's select list and mode (147), and of number request (148)."""

from sqlalchemy import Connection, delete, insert, select

from dialplan.numbers import normalise
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.lines import change_line
from subscribers.records.revisions import next_revision
from subscribers.screening import MAX_SELECT, SelectMode, check_entry, check_new_entry
from subscribers.tables import select_entries

_THING = "select list"


def select_numbers(conn: Connection, line_id: int) -> tuple[str, ...]:
    """The listed callers, E.164, in the order of their digits; at most 30."""
    wanted = select(select_entries.c.number).where(select_entries.c.line_id == line_id)
    return tuple(conn.execute(wanted.order_by(select_entries.c.number)).scalars())


def add_select_number(conn: Connection, line_id: int, number: str) -> Line:
    """`number` in any usual way of writing. Raises AlreadyListed, ListFull, or BadValue for no caller's number."""
    e164 = normalise(number, _THING)
    revision = next_revision(conn)
    get_line(conn, line_id)
    check_new_entry(_THING, e164, select_numbers(conn, line_id), MAX_SELECT)
    conn.execute(insert(select_entries).values(line_id=line_id, number=e164))
    return change_line(conn, line_id, revision)


def delete_select_number(conn: Connection, line_id: int, number: str) -> Line:
    """Raises NotListed, or BadValue for no caller's number."""
    e164 = normalise(number, _THING)
    revision = next_revision(conn)
    check_entry(_THING, e164, select_numbers(conn, line_id))
    conn.execute(delete(select_entries).where(select_entries.c.line_id == line_id, select_entries.c.number == e164))
    return change_line(conn, line_id, revision)


def set_select_mode(conn: Connection, line_id: int, mode: SelectMode) -> Line:
    """The list stays as it is in every mode, also off."""
    return change_line(conn, line_id, next_revision(conn), select_mode=mode.value)


def set_number_request(conn: Connection, line_id: int, on: bool) -> Line:
    return change_line(conn, line_id, next_revision(conn), number_request=on)
