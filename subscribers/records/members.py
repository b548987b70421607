"""Members and contracts as stored."""

from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from dialplan.errors import BadValue
from subscribers.contracts import Contract
from subscribers.members import IdentityCheck, Member, MemberKind, check_identity, check_mail, check_member
from subscribers.records.revisions import mark_changed, next_revision
from subscribers.records.rows import MEMBER_COLUMNS, WITH_CHECK, member_of
from subscribers.tables import contracts, identity_checks, lines, members

_SELECT_MEMBER = select(*MEMBER_COLUMNS).select_from(members).outerjoin(identity_checks, WITH_CHECK)
_SELECT_CONTRACT = select(contracts.c.id, contracts.c.member_id, contracts.c.opened_on)


def add_member(conn: Connection, *, name: str, kind: MemberKind, room_capacity: int | None = None) -> Member:
    """Raises BadValue (see check_member). No line of the member works before an identity check is recorded."""
    check_member(name, kind, room_capacity)
    values = {"name": name.strip(), "kind": kind.value, "room_capacity": room_capacity}
    new_id = conn.execute(insert(members).values(values).returning(members.c.id)).scalar_one()
    return get_member(conn, new_id)


def get_member(conn: Connection, member_id: int) -> Member:
    """Raises BadValue when there is none."""
    row = conn.execute(_SELECT_MEMBER.where(members.c.id == member_id)).one_or_none()
    if row is None:
        raise BadValue("member", member_id, "the id of a member")
    return member_of(row)


def list_members(conn: Connection) -> list[Member]:
    return [member_of(row) for row in conn.execute(_SELECT_MEMBER.order_by(members.c.id))]


def record_identity_check(conn: Connection, member_id: int, check: IdentityCheck, today: date) -> Member:
    """Adds to the member's checks: the newest record counts, the older ones are kept."""
    check_identity(check, today)
    revision = next_revision(conn)
    get_member(conn, member_id)
    conn.execute(
        insert(identity_checks).values(
            member_id=member_id,
            checked_on=check.checked_on,
            method=check.method.value,
            checked_by=check.checked_by.strip(),
        )
    )
    return _changed(conn, member_id, revision)


def suspend_member(conn: Connection, member_id: int, at: datetime) -> Member:
    """Stops every line of the member from `at`. Raises BadValue when that has been done."""
    revision = next_revision(conn)
    member = get_member(conn, member_id)
    if member.suspended_at is not None:
        raise BadValue("member", f"{member_id}, suspended", "a member who is not suspended")
    conn.execute(update(members).where(members.c.id == member_id).values(suspended_at=at))
    return _changed(conn, member_id, revision)


def resume_member(conn: Connection, member_id: int) -> Member:
    """A line that was suspended by itself stays so. Raises BadValue when the member is not suspended."""
    revision = next_revision(conn)
    if get_member(conn, member_id).suspended_at is None:
        raise BadValue("member", f"{member_id}, not suspended", "a suspended member")
    conn.execute(update(members).where(members.c.id == member_id).values(suspended_at=None))
    return _changed(conn, member_id, revision)


def set_leaving(conn: Connection, member_id: int, leaves_at: datetime | None) -> Member:
    """When the member gives up the room; only then may a rental-office member's last line end."""
    revision = next_revision(conn)
    get_member(conn, member_id)
    conn.execute(update(members).where(members.c.id == member_id).values(leaves_at=leaves_at))
    return _changed(conn, member_id, revision)


def set_mail(conn: Connection, member_id: int, address: str | None) -> Member:
    """Where notices to the member go; None sends none. Raises BadValue for what is not one address."""
    if address is not None:
        check_mail(address)
    get_member(conn, member_id)
    conn.execute(update(members).where(members.c.id == member_id).values(mail=address))
    return get_member(conn, member_id)


def add_contract(conn: Connection, member_id: int, opened_on: date) -> Contract:
    get_member(conn, member_id)
    values = {"member_id": member_id, "opened_on": opened_on}
    new_id = conn.execute(insert(contracts).values(values).returning(contracts.c.id)).scalar_one()
    return get_contract(conn, new_id)


def get_contract(conn: Connection, contract_id: int) -> Contract:
    """Raises BadValue when there is none."""
    row = conn.execute(_SELECT_CONTRACT.where(contracts.c.id == contract_id)).one_or_none()
    if row is None:
        raise BadValue("contract", contract_id, "the id of a contract")
    return Contract(id=row.id, member_id=row.member_id, opened_on=row.opened_on)


def list_contracts(conn: Connection, member_id: int) -> list[Contract]:
    found = conn.execute(_SELECT_CONTRACT.where(contracts.c.member_id == member_id).order_by(contracts.c.id))
    return [Contract(id=row.id, member_id=row.member_id, opened_on=row.opened_on) for row in found]


def _changed(conn: Connection, member_id: int, revision: int) -> Member:
    of_member = select(contracts.c.id).where(contracts.c.member_id == member_id)
    mark_changed(conn, revision, lines.c.contract_id.in_(of_member))
    return get_member(conn, member_id)
