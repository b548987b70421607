"""Installation addresses in the store."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from subscribers.installations import Installation, Located, installation
from subscribers.records.find import get_line, list_lines
from subscribers.records.revisions import next_revision
from subscribers.tables import installations


def set_installation(
    conn: Connection, line_id: int, *, postcode: str, address: str, building: str, at: datetime
) -> Installation:
    """In place of the one before. Raises BadValue (see installations.installation), and for an unknown line."""
    new = installation(postcode, address, building, at)
    next_revision(conn)
    get_line(conn, line_id)
    conn.execute(delete(installations).where(installations.c.line_id == line_id))
    conn.execute(
        insert(installations).values(
            line_id=line_id,
            postcode=new.postcode,
            address=new.address,
            building=new.building,
            changed_at=new.changed_at,
        )
    )
    return new


def get_installation(conn: Connection, line_id: int) -> Installation | None:
    row = conn.execute(select(installations).where(installations.c.line_id == line_id)).one_or_none()
    return None if row is None else _of(row)


def located(conn: Connection, at: datetime) -> list[Located]:
    """Every line with a handset that has not ended at `at`, in the order of ids.

    Suspended ones too: they still call for help. Pending ones too: the notice is filed before the first call.
    """
    known = {row.line_id: _of(row) for row in conn.execute(select(installations))}
    return [
        Located(found=found, installation=known.get(found.line.id))
        for found in list_lines(conn)
        if found.line.handset is not None and not found.line.ended(at)
    ]


def _of(row: Row[Any]) -> Installation:
    return Installation(postcode=row.postcode, address=row.address, building=row.building, changed_at=row.changed_at)
