"""Changes of a line's allow list (発着信制御), which the operator keeps."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from dialplan.errors import BadValue
from dialplan.numbers import normalise
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.lines import change_line
from subscribers.records.revisions import next_revision
from subscribers.screening import ListFull, check_allow_limit, check_allow_on, check_entry
from subscribers.tables import allow_entries

_THING = "allow list"
_AT_ONCE = 500  # SQLite takes so many values in one statement, and more


def allowed_numbers(conn: Connection, line_id: int) -> tuple[str, ...]:
    """E.164, in the order of their digits; at most 12,000."""
    wanted = select(allow_entries.c.number).where(allow_entries.c.line_id == line_id)
    return tuple(conn.execute(wanted.order_by(allow_entries.c.number)).scalars())


def allowed_count(conn: Connection, line_id: int) -> int:
    wanted = select(func.count()).select_from(allow_entries).where(allow_entries.c.line_id == line_id)
    return int(conn.execute(wanted).scalar_one())


def set_allow_size(conn: Connection, line_id: int, limit: int) -> Line:
    """The block that was sold: 20, 100, 500, 1,000 or 12,000 numbers, 0 for none, which also turns the list off.

    Raises BadValue for another size, or one below what the list holds.
    """
    revision = next_revision(conn)
    on = get_line(conn, line_id).screening.allow_on
    check_allow_limit(limit, allowed_count(conn, line_id))
    return change_line(conn, line_id, revision, allow_limit=limit, allow_on=on and limit > 0)


def add_allowed(conn: Connection, line_id: int, numbers: Iterable[str]) -> Line:
    """All of them or none; those on the list already stay. Raises ListFull, or BadValue for no caller's number."""
    e164 = {normalise(number, _THING) for number in numbers}
    revision = next_revision(conn)
    limit = get_line(conn, line_id).screening.allow_limit
    held = set(allowed_numbers(conn, line_id))
    new = sorted(e164 - held)
    if len(held) + len(new) > limit:
        raise ListFull("numbers on the allow list", len(held) + len(new), f"{limit} at most, as sold")
    if new:
        conn.execute(insert(allow_entries), [{"line_id": line_id, "number": one} for one in new])
    return change_line(conn, line_id, revision)


def delete_allowed(conn: Connection, line_id: int, numbers: Iterable[str]) -> Line:
    """All of them or none. Raises NotListed; BadValue when a list that is on would be left empty."""
    e164 = sorted({normalise(number, _THING) for number in numbers})
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    held = set(allowed_numbers(conn, line_id))
    for one in e164:
        check_entry(_THING, one, held)
    if line.screening.allow_on and len(e164) == len(held):
        raise BadValue(_THING, "no number left", "at least one while it is on: turn it off first")
    for start in range(0, len(e164), _AT_ONCE):
        some = e164[start : start + _AT_ONCE]
        conn.execute(
            delete(allow_entries).where(allow_entries.c.line_id == line_id, allow_entries.c.number.in_(some))
        )
    return change_line(conn, line_id, revision)


def turn_allow_list(conn: Connection, line_id: int, on: bool) -> Line:
    """Raises BadValue for turning on a list that was not sold, or is empty."""
    revision = next_revision(conn)
    if on:
        check_allow_on(get_line(conn, line_id).screening, allowed_count(conn, line_id))
    return change_line(conn, line_id, revision, allow_on=on)
