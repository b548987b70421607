"""Finding lines: by id, by number, for a call, for the survival copy, and by what has changed."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select

from dialplan.errors import BadValue
from subscribers.lines import Line, Plan
from subscribers.records.rows import HOLDS_ITS_NUMBER, SELECT_LINE, line_for_call_of
from subscribers.states import LineForCall
from subscribers.tables import contracts, handsets, leased_numbers, lines

_FOR_CALL = SELECT_LINE.where(
    lines.c.id
    == select(leased_numbers.c.line_id).where(leased_numbers.c.number == bindparam("called")).scalar_subquery()
)
_TO_CHARGE = (
    select(lines.c.id, lines.c.plan)
    .join(leased_numbers, leased_numbers.c.line_id == lines.c.id)
    .where(leased_numbers.c.number == bindparam("called"))
)
_BY_ID = SELECT_LINE.where(lines.c.id == bindparam("line_id"))
_OF_HANDSET = SELECT_LINE.where(handsets.c.sip_user == bindparam("sip_user"))
_CHANGED = SELECT_LINE.where(lines.c.revision > bindparam("after"), HOLDS_ITS_NUMBER).order_by(lines.c.revision)
_ALL_WITH_NUMBER = SELECT_LINE.where(HOLDS_ITS_NUMBER).order_by(lines.c.id)
_ROWS_AT_ONCE = 500


def line_for_call(conn: Connection, e164: str) -> LineForCall | None:
    """The line that has this leased or additional number, in any state, in one SELECT. None: nobody has it."""
    row = conn.execute(_FOR_CALL, {"called": e164}).one_or_none()
    return None if row is None else line_for_call_of(row)


def line_to_charge(conn: Connection, e164: str) -> tuple[int, Plan] | None:
    """Id and plan only, of the line that line_for_call finds: a call that has ended asks no more."""
    row = conn.execute(_TO_CHARGE, {"called": e164}).one_or_none()
    return None if row is None else (row[0], Plan(row[1]))


def line_by_number(conn: Connection, e164: str) -> Line | None:
    found = line_for_call(conn, e164)
    return None if found is None else found.line


def get_line(conn: Connection, line_id: int) -> Line:
    """Raises BadValue when there is none."""
    return get_line_for_call(conn, line_id).line


def get_line_for_call(conn: Connection, line_id: int) -> LineForCall:
    """With its member. Raises BadValue when there is none."""
    row = conn.execute(_BY_ID, {"line_id": line_id}).one_or_none()
    if row is None:
        raise BadValue("line", line_id, "the id of a line")
    return line_for_call_of(row)


def line_of_handset(conn: Connection, sip_user: str) -> LineForCall | None:
    """The line a handset is lent with, in any state; None: no such handset."""
    row = conn.execute(_OF_HANDSET, {"sip_user": sip_user}).one_or_none()
    return None if row is None else line_for_call_of(row)


def list_lines(
    conn: Connection, *, member_id: int | None = None, contract_id: int | None = None
) -> list[LineForCall]:
    """All lines in the order of their ids, ended ones too; of one member or contract when asked."""
    wanted = SELECT_LINE.order_by(lines.c.id)
    if member_id is not None:
        wanted = wanted.where(contracts.c.member_id == member_id)
    if contract_id is not None:
        wanted = wanted.where(lines.c.contract_id == contract_id)
    return [line_for_call_of(row) for row in conn.execute(wanted)]


def lines_for_survival(conn: Connection) -> Iterator[LineForCall]:
    """Every line that has its number, ended ones too, read as they are asked for.

    A line whose number another line has taken over is left out: what it says of the number is past.
    """
    # Row by row from one cursor: a hundred thousand lines must not be in memory at once.
    for row in conn.execute(_ALL_WITH_NUMBER, execution_options={"yield_per": _ROWS_AT_ONCE}):
        yield line_for_call_of(row)


def changed_since(conn: Connection, seq: int) -> tuple[list[LineForCall], int]:
    """The lines changed after revision `seq`, and the revision to ask with next time; 0 asks for all.

    Changes of the member (suspension, identity check, leaving) count for each of its lines. What a date
    brings by itself is no change: see `turning`.
    """
    found = [line_for_call_of(row) for row in conn.execute(_CHANGED, {"after": seq})]
    return found, max((one.line.revision for one in found), default=seq)


def turning(conn: Connection, after: datetime, until: datetime) -> list[LineForCall]:
    """The lines that a date started, suspended or ended after `after` and not later than `until`."""
    dates = (lines.c.starts_at, lines.c.ends_at, lines.c.suspended_at)
    turned = or_(*(and_(column > after, column <= until) for column in dates))
    wanted = SELECT_LINE.where(turned, HOLDS_ITS_NUMBER).order_by(lines.c.id)
    return [line_for_call_of(row) for row in conn.execute(wanted)]
