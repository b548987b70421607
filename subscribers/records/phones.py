"""A line's registered phones and its lent handset."""

from sqlalchemy import Connection, delete, insert, select

from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled, normalise
from subscribers.lines import Line, check_handset, check_registered_phone
from subscribers.records.find import get_line
from subscribers.records.lines import change_line
from subscribers.records.revisions import next_revision
from subscribers.tables import handsets, registered_phones


def register_phone(conn: Connection, line_id: int, number: str) -> Line:
    """Raises BadValue when the line has 3, and for anything but a Japanese fixed, mobile or 050 number."""
    e164 = normalise(number, "registered phone")
    if dialled(e164).kind not in (NumberClass.FIXED, NumberClass.MOBILE, NumberClass.IP):
        raise BadValue("registered phone", number, "a fixed, mobile or 050 number in Japan")
    revision = next_revision(conn)
    check_registered_phone(get_line(conn, line_id), e164)
    conn.execute(insert(registered_phones).values(line_id=line_id, number=e164))
    return change_line(conn, line_id, revision)


def lines_of_phone(conn: Connection, e164: str) -> list[Line]:
    """The lines on which a number is registered, in any state, in the order of their ids."""
    phones = registered_phones.c
    wanted = select(phones.line_id).where(phones.number == e164).order_by(phones.line_id)
    return [get_line(conn, line_id) for line_id in conn.execute(wanted).scalars()]


def unregister_phone(conn: Connection, line_id: int, number: str) -> Line:
    """Raises BadValue when the number is not registered on the line."""
    e164 = normalise(number, "registered phone")
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    if e164 not in line.registered_phones:
        raise BadValue("registered phone", number, f"one of {', '.join(line.registered_phones) or 'none'}")
    conn.execute(
        delete(registered_phones).where(registered_phones.c.line_id == line_id, registered_phones.c.number == e164)
    )
    return change_line(conn, line_id, revision)


def lend_handset(
    conn: Connection, line_id: int, *, sip_user: str, sealed_password: str, presents: str | None = None
) -> Line:
    """`sealed_password` is what store.secrets.seal returned. Raises BadValue (see check_handset)."""
    shown = None if presents is None else normalise(presents, "number the handset shows")
    if not (sip_user.isascii() and sip_user.replace("-", "").isalnum() and len(sip_user) <= 64):
        raise BadValue("SIP user", sip_user, "up to 64 letters, digits and hyphens")
    revision = next_revision(conn)
    check_handset(get_line(conn, line_id), shown)
    taken = conn.execute(select(handsets.c.line_id).where(handsets.c.sip_user == sip_user)).scalar_one_or_none()
    if taken is not None:
        raise BadValue("SIP user", sip_user, f"a name that is free: line {taken} has it")
    conn.execute(
        insert(handsets).values(line_id=line_id, sip_user=sip_user, sealed_password=sealed_password, presents=shown)
    )
    return change_line(conn, line_id, revision)


def take_back_handset(conn: Connection, line_id: int) -> Line:
    """Raises BadValue when none is lent."""
    revision = next_revision(conn)
    if get_line(conn, line_id).handset is None:
        raise BadValue("handset", f"none lent with line {line_id}", "a line with a handset")
    conn.execute(delete(handsets).where(handsets.c.line_id == line_id))
    return change_line(conn, line_id, revision)
