"""Changes of a line's forwarding, as the menus, the web pages and the command line make them."""

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert

from subscribers import forwarding as rules
from subscribers.forwarding import Forwarding, ForwardMode
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.lines import change_line
from subscribers.records.revisions import next_revision
from subscribers.tables import forward_entries
from subscribers.targets import check_target


def set_forward_entry(conn: Connection, line_id: int, entry: int, number: str | None) -> Line:
    """Puts `number`, written in any usual way, into forward list entry 1 to 4, or empties it.

    Raises BadValue for a number the line may not be forwarded to, and for emptying the entry in use while
    forwarding is on.
    """

    def change(line: Line) -> Forwarding:
        return rules.with_entry(line.forwarding, entry, None if number is None else check_target(number, line))

    return _change(conn, line_id, change)


def use_forward_entry(conn: Connection, line_id: int, entry: int) -> Line:
    """Raises BadValue when the entry is empty."""
    return _change(conn, line_id, lambda line: rules.with_entry_in_use(line.forwarding, entry))


def set_ring_seconds(conn: Connection, line_id: int, seconds: int) -> Line:
    """How long the handset rings before a no-answer forwarding: 5 to 60. Raises BadValue."""
    return _change(conn, line_id, lambda line: rules.with_ring_seconds(line.forwarding, seconds))


def start_forwarding(conn: Connection, line_id: int, mode: ForwardMode | None = None) -> Line:
    """In `mode`, or in the last one. Raises BadValue when the entry in use is empty."""
    return _change(conn, line_id, lambda line: rules.started(line.forwarding, mode))


def stop_forwarding(conn: Connection, line_id: int) -> Line:
    """The mode is kept for the next start."""
    return _change(conn, line_id, lambda line: rules.stopped(line.forwarding))


def _change(conn: Connection, line_id: int, change: Callable[[Line], Forwarding]) -> Line:
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    new = change(line)
    for entry, (before, after) in enumerate(zip(line.forwarding.entries, new.entries, strict=True), 1):
        if before == after:
            continue
        conn.execute(
            delete(forward_entries).where(forward_entries.c.line_id == line_id, forward_entries.c.entry == entry)
        )
        if after is not None:
            conn.execute(insert(forward_entries).values(line_id=line_id, entry=entry, number=after))
    return change_line(
        conn,
        line_id,
        revision,
        forward_mode=new.mode.value,
        forward_last_mode=new.last_mode.value,
        ring_seconds=new.ring_seconds,
        entry_in_use=new.entry_in_use,
    )
