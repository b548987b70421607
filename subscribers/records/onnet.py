"""On-net groups: their lines, their numbers, and what digits keyed on a line reach."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select

from dialplan.errors import BadValue
from subscribers.onnet import (
    MobileExtension,
    OnNetGroup,
    OnNetNumber,
    OnNetTarget,
    check_lengthened,
    check_unambiguous,
    mobile_extension,
    on_net_number,
)
from subscribers.records.find import get_line
from subscribers.records.revisions import next_revision
from subscribers.tables import leased_numbers, lines, on_net_groups, on_net_lines, on_net_numbers

# The number of an ended line may be another member's by now: a line that no longer holds its number is not reached.
_TARGET = (
    select(leased_numbers.c.number, on_net_numbers.c.trunk)
    .select_from(on_net_lines)
    .join(on_net_numbers, on_net_numbers.c.group_id == on_net_lines.c.group_id)
    .outerjoin(lines, lines.c.id == on_net_numbers.c.line_id)
    .outerjoin(
        leased_numbers, and_(leased_numbers.c.number == lines.c.number, leased_numbers.c.line_id == lines.c.id)
    )
    .where(on_net_lines.c.line_id == bindparam("line_id"), on_net_numbers.c.digits == bindparam("digits"))
)


def on_net_target(conn: Connection, line_id: int, digits: str) -> OnNetTarget | None:
    """What `digits` (of dialled()) reach in the group of the line, in one SELECT; None: nothing, or no group.

    The line reached is in any state, and may be the calling one.
    """
    row = conn.execute(_TARGET, {"line_id": line_id, "digits": digits}).one_or_none()
    if row is None or (row.number is None and row.trunk is None):
        return None
    return OnNetTarget(number=row.number, trunk=row.trunk, digits=digits)


def trunks_with_extensions(conn: Connection) -> frozenset[str]:
    """Names of the trunks that mobile extensions hang off."""
    wanted = select(on_net_numbers.c.trunk).where(on_net_numbers.c.trunk.is_not(None)).distinct()
    return frozenset(conn.execute(wanted).scalars())


def add_group(conn: Connection, name: str) -> OnNetGroup:
    """Raises BadValue for no name, or one that another group has."""
    plain = name.strip()
    if not plain or not plain.isprintable():
        raise BadValue("on-net group", name, "a name of printable characters")
    next_revision(conn)
    if conn.execute(select(on_net_groups.c.id).where(on_net_groups.c.name == plain)).one_or_none() is not None:
        raise BadValue("on-net group", plain, "a name that no group has yet")
    conn.execute(insert(on_net_groups).values(name=plain))
    return get_group(conn, plain)


def get_group(conn: Connection, name: str) -> OnNetGroup:
    """Raises BadValue when there is none of that name."""
    row = conn.execute(select(on_net_groups).where(on_net_groups.c.name == name.strip())).one_or_none()
    if row is None:
        raise BadValue("on-net group", name, "the name of a group (`denwaban onnet list`)")
    return _group_of(conn, row)


def group_of_line(conn: Connection, line_id: int) -> OnNetGroup:
    """Raises BadValue when the line is in none."""
    row = conn.execute(
        select(on_net_groups)
        .join(on_net_lines, on_net_lines.c.group_id == on_net_groups.c.id)
        .where(on_net_lines.c.line_id == line_id)
    ).one_or_none()
    if row is None:
        raise BadValue("on-net group", f"none for line {line_id}", "a line in a group (`denwaban onnet join`)")
    return _group_of(conn, row)


def list_groups(conn: Connection) -> list[OnNetGroup]:
    """In the order of their names."""
    return [_group_of(conn, row) for row in conn.execute(select(on_net_groups).order_by(on_net_groups.c.name))]


def remove_group(conn: Connection, name: str) -> None:
    """Raises BadValue for a group that still has lines or numbers."""
    next_revision(conn)
    group = get_group(conn, name)
    if group.line_ids or group.taken:
        found = f"{group.name} with {len(group.line_ids)} lines and {len(group.taken)} numbers"
        raise BadValue("on-net group", found, "an empty one (`denwaban onnet release`, `denwaban onnet leave`)")
    conn.execute(delete(on_net_groups).where(on_net_groups.c.id == group.id))


def join_group(conn: Connection, name: str, line_id: int, at: datetime) -> OnNetGroup:
    """Raises BadValue for a line that is in a group, or has ended."""
    next_revision(conn)
    group = get_group(conn, name)
    line = get_line(conn, line_id)
    if line.ended(at):
        raise BadValue("line", f"{line_id}, ended at {line.ends_at}", "a line that has not ended")
    held = select(on_net_groups.c.name).join(on_net_lines, on_net_lines.c.group_id == on_net_groups.c.id)
    other = conn.execute(held.where(on_net_lines.c.line_id == line_id)).scalar_one_or_none()
    if other is not None:
        raise BadValue("line", f"{line_id}, in group {other}", "a line in no on-net group yet")
    conn.execute(insert(on_net_lines).values(line_id=line_id, group_id=group.id))
    return get_group(conn, name)


def leave_group(conn: Connection, line_id: int) -> OnNetGroup:
    """Returns the group that the line was in. Raises BadValue while the line has numbers there."""
    next_revision(conn)
    group = group_of_line(conn, line_id)
    held = [one.digits for one in group.numbers if one.line_id == line_id]
    if held:
        raise BadValue("line", f"{line_id} with {', '.join(held)}", "one without on-net numbers: release them first")
    conn.execute(delete(on_net_lines).where(on_net_lines.c.line_id == line_id))
    return get_group(conn, group.name)


def assign_number(conn: Connection, line_id: int, site: str, extension: str) -> OnNetNumber:
    """One more number of the line in its group. Raises BadValue: see on_net_number, check_unambiguous."""
    number = on_net_number(site, extension, line_id)
    next_revision(conn)
    group = group_of_line(conn, line_id)
    check_unambiguous(number.digits, group.taken)
    conn.execute(insert(on_net_numbers).values(group_id=group.id, **_columns(number)))
    return number


def change_number(conn: Connection, name: str, digits: str, site: str, extension: str) -> OnNetNumber:
    """The line keeps one number instead of another, never a shorter one. Raises BadValue."""
    next_revision(conn)
    group = get_group(conn, name)
    old = next((one for one in group.numbers if one.digits == digits), None)
    if old is None:
        raise BadValue("on-net number", digits, f"a number of a line in group {group.name}")
    new = on_net_number(site, extension, old.line_id)
    check_lengthened(old.digits, new.digits)
    check_unambiguous(new.digits, (one for one in group.taken if one != digits))
    _delete(conn, group, digits)
    conn.execute(insert(on_net_numbers).values(group_id=group.id, **_columns(new)))
    return new


def add_mobile_extension(conn: Connection, name: str, digits: str, trunk: str) -> MobileExtension:
    """The caller has made sure that there is such a trunk. Raises BadValue."""
    mobile = mobile_extension(digits, trunk)
    next_revision(conn)
    group = get_group(conn, name)
    check_unambiguous(mobile.digits, group.taken)
    conn.execute(insert(on_net_numbers).values(group_id=group.id, digits=mobile.digits, trunk=trunk))
    return mobile


def release_number(conn: Connection, name: str, digits: str) -> OnNetGroup:
    """Of a line or a mobile extension. Raises BadValue when the group has no such number."""
    next_revision(conn)
    group = get_group(conn, name)
    if digits not in group.taken:
        raise BadValue("on-net number", digits, f"a number in group {group.name}")
    _delete(conn, group, digits)
    return get_group(conn, name)


def _delete(conn: Connection, group: OnNetGroup, digits: str) -> None:
    conn.execute(
        delete(on_net_numbers).where(on_net_numbers.c.group_id == group.id, on_net_numbers.c.digits == digits)
    )


def _columns(number: OnNetNumber) -> dict[str, object]:
    return {
        "digits": number.digits,
        "site": number.site,
        "extension": number.extension,
        "line_id": number.line_id,
    }


def _group_of(conn: Connection, row: Row[Any]) -> OnNetGroup:
    of_group = on_net_numbers.c.group_id == row.id
    found = conn.execute(select(on_net_numbers).where(of_group).order_by(on_net_numbers.c.digits)).all()
    line_ids = select(on_net_lines.c.line_id).where(on_net_lines.c.group_id == row.id)
    return OnNetGroup(
        id=row.id,
        name=row.name,
        line_ids=tuple(conn.execute(line_ids.order_by(on_net_lines.c.line_id)).scalars()),
        numbers=tuple(
            OnNetNumber(site=one.site, extension=one.extension, line_id=one.line_id)
            for one in found
            if one.line_id is not None
        ),
        mobiles=tuple(MobileExtension(digits=one.digits, trunk=one.trunk) for one in found if one.trunk is not None),
    )
