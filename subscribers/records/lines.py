"""Changes of a line. Each is checked, is one statement of intent, and returns the line as it is then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from dialplan.errors import BadValue
from dialplan.numbers import dialled, normalise
from subscribers.contracts import check_double_channel, check_numbers
from subscribers.forwarding import Forwarding
from subscribers.holdings import check_area_code, check_end, check_new_line
from subscribers.lines import Language, Line, Plan, check_dates
from subscribers.records.find import get_line, get_line_for_call, list_lines
from subscribers.records.members import get_contract, get_member
from subscribers.records.revisions import next_revision
from subscribers.tables import leased_numbers, lines
from subscribers.targets import check_forward_list


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """What may be set freely on a line; see Line for the meaning."""

    call_waiting: bool = False
    present_leased: bool = False
    international_allowed: bool = False
    language: Language = Language.JAPANESE


def add_line(
    conn: Connection,
    *,
    contract_id: int,
    number: str,
    plan: Plan,
    starts_at: datetime,
    at: datetime,
    additional: Sequence[str] = (),
    double_channel: bool = False,
    options: LineOptions | None = None,
) -> Line:
    """A new line, forwarding off. Numbers may be written in any usual way.

    Raises BadValue when a rule on who may hold what refuses it, or a number belongs to a line not ended at
    `at`. The number of an ended line is taken over.
    """
    options = options or LineOptions()
    wanted = [number, *additional]
    e164 = [_leasable(one, plan) for one in wanted]
    revision = next_revision(conn)
    contract = get_contract(conn, contract_id)
    held = [found.line for found in list_lines(conn, member_id=contract.member_id)]
    check_new_line(get_member(conn, contract.member_id), held, plan, dialled(number).area_code, at)
    of_contract = [line for line in held if line.contract_id == contract_id]
    check_numbers(of_contract, len(e164), at)
    if double_channel:
        check_double_channel(of_contract, None, at)
        _free_double_channel(conn, contract_id)
    forwarding = Forwarding()
    values = {
        "contract_id": contract_id,
        "number": e164[0],
        "plan": plan.value,
        "double_channel": double_channel,
        "starts_at": starts_at,
        "call_waiting": options.call_waiting,
        "present_leased": options.present_leased,
        "international_allowed": options.international_allowed,
        "language": options.language.value,
        "forward_mode": forwarding.mode.value,
        "forward_last_mode": forwarding.last_mode.value,
        "ring_seconds": forwarding.ring_seconds,
        "entry_in_use": forwarding.entry_in_use,
        "revision": revision,
    }
    line_id = conn.execute(insert(lines).values(values).returning(lines.c.id)).scalar_one()
    for one in e164:
        _lease(conn, one, line_id, at)
    return get_line(conn, line_id)


def add_number(conn: Connection, line_id: int, number: str, at: datetime) -> Line:
    """One more number (追加番号). Raises BadValue when the contract has 5, or the number is not free."""
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    e164 = _leasable(number, line.plan)
    _check_not_ended(line, at)
    check_numbers([found.line for found in list_lines(conn, contract_id=line.contract_id)], 1, at)
    _lease(conn, e164, line_id, at)
    check_forward_list(replace(line, additional=(*line.additional, e164)))
    return change_line(conn, line_id, revision)


def suspend_line(conn: Connection, line_id: int, at: datetime) -> Line:
    """From `at`. Raises BadValue when the line is suspended already or has ended."""
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    _check_not_ended(line, at)
    if line.suspended_at is not None:
        raise BadValue("line", f"{line_id}, suspended since {line.suspended_at.isoformat()}", "one not suspended")
    return change_line(conn, line_id, revision, suspended_at=at)


def resume_line(conn: Connection, line_id: int, at: datetime) -> Line:
    """Raises BadValue when the line itself is not suspended (its member may be), or has ended at `at`."""
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    _check_not_ended(line, at)
    if line.suspended_at is None:
        raise BadValue("line", f"{line_id}, not suspended", "a suspended line")
    return change_line(conn, line_id, revision, suspended_at=None)


def end_line(conn: Connection, line_id: int, ends_at: datetime, at: datetime) -> Line:
    """At `ends_at` (see calendar.service_end), which a later call may move while it has not come.

    Raises BadValue for an end before `at` or before the start, and for the last line of a rental-office
    member.
    """
    revision = next_revision(conn)
    found = get_line_for_call(conn, line_id)
    _check_not_ended(found.line, at)
    if ends_at < at:
        raise BadValue("end of the line", ends_at.isoformat(), f"{at.isoformat()} or later")
    check_dates(found.line.starts_at, ends_at)
    held = [one.line for one in list_lines(conn, member_id=found.member.id)]
    check_end(found.member, held, found.line, ends_at)
    return change_line(conn, line_id, revision, ends_at=ends_at)


def set_double_channel(conn: Connection, line_id: int, on: bool, at: datetime) -> Line:
    """Gives the line the contract's one extra channel, or takes it away. Raises BadValue when another has it."""
    revision = next_revision(conn)
    line = get_line(conn, line_id)
    _check_not_ended(line, at)
    if on:
        check_double_channel([one.line for one in list_lines(conn, contract_id=line.contract_id)], line_id, at)
        _free_double_channel(conn, line.contract_id)
    return change_line(conn, line_id, revision, double_channel=on)


def change_line(conn: Connection, line_id: int, revision: int, **values: object) -> Line:
    """For the rooms of this package: writes columns that have been checked, and the revision."""
    conn.execute(update(lines).where(lines.c.id == line_id).values(revision=revision, **values))
    return get_line(conn, line_id)


def _leasable(text: str, plan: Plan) -> str:
    number = normalise(text, "leased number")
    check_area_code(plan, dialled(number).area_code)
    return number


def _lease(conn: Connection, number: str, line_id: int, at: datetime) -> None:
    taken = select(lines.c.id, lines.c.ends_at).join(leased_numbers, leased_numbers.c.line_id == lines.c.id)
    row = conn.execute(taken.where(leased_numbers.c.number == number)).one_or_none()
    if row is not None:
        if row.id == line_id or row.ends_at is None or at < row.ends_at:
            raise BadValue("leased number", number, f"a number that is free: line {row.id} has it")
        conn.execute(delete(leased_numbers).where(leased_numbers.c.number == number))
    conn.execute(insert(leased_numbers).values(number=number, line_id=line_id))


def _free_double_channel(conn: Connection, contract_id: int) -> None:
    """From a line of the contract that has ended: the caller has checked that no other has it."""
    conn.execute(update(lines).where(lines.c.contract_id == contract_id).values(double_channel=False))


def _check_not_ended(line: Line, at: datetime) -> None:
    if line.ended(at):
        raise BadValue("line", f"{line.id}, ended at {line.ends_at}", "a line that has not ended")
