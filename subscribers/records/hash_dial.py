"""#-dial numbers: who owns them, and what they reach."""

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, insert, select, update

from dialplan.errors import BadValue
from subscribers.hash_dial import (
    NATIONWIDE,
    Block,
    HashNumber,
    block_of,
    check_hash_target,
    check_new_hash_number,
    hash_digits,
    reach,
)
from subscribers.records.members import get_member
from subscribers.records.revisions import next_revision
from subscribers.tables import hash_numbers

_TARGET = (
    select(hash_numbers.c.target)
    .where(
        hash_numbers.c.digits == bindparam("digits"),
        hash_numbers.c.block.in_((NATIONWIDE, bindparam("block"))),
    )
    .order_by(case((hash_numbers.c.block == NATIONWIDE, 1), else_=0))
    .limit(1)
)


def hash_target(conn: Connection, digits: str, caller_number: str) -> str | None:
    """E.164 of what "#1234" reaches for this caller's number: within its block, else nationwide. None: nothing."""
    block = block_of(caller_number)
    found = conn.execute(_TARGET, {"digits": digits, "block": reach(block)}).scalar_one_or_none()
    return None if found is None else str(found)


def list_hash_numbers(conn: Connection, *, member_id: int | None = None) -> list[HashNumber]:
    """In the order of their digits."""
    wanted = select(hash_numbers).order_by(hash_numbers.c.digits, hash_numbers.c.block)
    if member_id is not None:
        wanted = wanted.where(hash_numbers.c.member_id == member_id)
    return [
        HashNumber(
            digits=row.digits,
            block=None if row.block == NATIONWIDE else Block(row.block),
            member_id=row.member_id,
            target=row.target,
        )
        for row in conn.execute(wanted)
    ]


def add_hash_number(conn: Connection, member_id: int, digits: str, target: str, block: Block | None) -> HashNumber:
    """Raises BadValue: see hash_digits, check_hash_target, check_new_hash_number."""
    number = HashNumber(
        digits=hash_digits(digits), block=block, member_id=member_id, target=check_hash_target(target)
    )
    next_revision(conn)
    get_member(conn, member_id)
    check_new_hash_number(number.digits, block, member_id, list_hash_numbers(conn))
    conn.execute(
        insert(hash_numbers).values(
            digits=number.digits, block=reach(block), member_id=member_id, target=number.target
        )
    )
    return number


def change_hash_number(conn: Connection, digits: str, target: str, block: Block | None) -> HashNumber:
    """What it reaches from now on. Raises BadValue."""
    e164 = check_hash_target(target)
    next_revision(conn)
    number = _get(conn, digits, block)
    conn.execute(update(hash_numbers).where(*_is(number)).values(target=e164))
    return _get(conn, digits, block)


def remove_hash_number(conn: Connection, digits: str, block: Block | None) -> HashNumber:
    """Returns what it was. Raises BadValue."""
    next_revision(conn)
    number = _get(conn, digits, block)
    conn.execute(delete(hash_numbers).where(*_is(number)))
    return number


def _get(conn: Connection, digits: str, block: Block | None) -> HashNumber:
    wanted = hash_digits(digits)
    for number in list_hash_numbers(conn):
        if number.digits == wanted and number.block is block:
            return number
    raise BadValue("#-dial number", f"{wanted} {reach(block)}", "one that is set (`denwaban hashdial list`)")


def _is(number: HashNumber) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return hash_numbers.c.digits == number.digits, hash_numbers.c.block == reach(number.block)
