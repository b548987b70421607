"""Lines whose handset or port is known to be down (故障・回復通知): marked, and their members told."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from dialplan.errors import BadValue
from dialplan.numbers import shown
from subscribers.records.find import get_line_for_call
from subscribers.records.mails import queue_mail
from subscribers.records.revisions import next_revision
from subscribers.tables import handsets, lines

DOWN_MAIL = "device-down"
UP_MAIL = "device-up"
"""The templates in templates/mail."""


def faulty_lines(conn: Connection) -> set[int]:
    return set(conn.execute(select(lines.c.id).where(lines.c.faulty)).scalars())


def sip_users(conn: Connection) -> dict[int, str]:
    """Of the lent handsets, by line."""
    return {row.line_id: row.sip_user for row in conn.execute(select(handsets.c.line_id, handsets.c.sip_user))}


def set_faulty(conn: Connection, faults: Mapping[int, bool]) -> set[int]:
    """The lines that are so only now. A line that there is not, or that is so already, is passed over; without any
    difference nobody waits for the counter of revisions.
    """
    wanted = select(lines.c.id, lines.c.faulty).where(lines.c.id.in_(faults))
    changed = {row.id for row in conn.execute(wanted) if row.faulty is not faults[row.id]}
    if not changed:
        return changed
    revision = next_revision(conn)
    for faulty in (True, False):
        these = [line_id for line_id in sorted(changed) if faults[line_id] is faulty]
        if these:
            conn.execute(update(lines).where(lines.c.id.in_(these)).values(faulty=faulty, revision=revision))
    return changed


def tell_members(conn: Connection, line_ids: Iterable[int], kind: str, at: datetime) -> int:
    """Queues one mail to each member with an address, about all of his lines among these that have not ended.
    Returns how many.
    """
    told: dict[tuple[str, str], list[str]] = {}
    for line_id in line_ids:
        try:
            found = get_line_for_call(conn, line_id)
        except BadValue:  # the device's port names a line that is no more
            continue
        if found.member.mail is None or found.line.ended(at):
            continue
        told.setdefault((found.member.mail, found.member.name), []).append(shown(found.line.number))
    for (mail, member), numbers in told.items():
        queue_mail(conn, mail, kind, {"member": member, "numbers": "、".join(numbers), "at": at.isoformat()}, at)
    return len(told)
