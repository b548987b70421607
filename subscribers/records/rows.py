"""The one SELECT that reads a line with its member and all that belongs to it, and what it returns as
objects.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, String, cast, func, literal_column, select

from subscribers.forwarding import ENTRIES, Forwarding, ForwardMode
from subscribers.lines import Handset, Language, Line, Plan
from subscribers.members import IdentityCheck, IdentityMethod, Member, MemberKind
from subscribers.screening import UNSCREENED, Screening, SelectMode
from subscribers.states import LineForCall
from subscribers.tables import (
    contracts,
    forward_entries,
    handsets,
    identity_checks,
    leased_numbers,
    lines,
    members,
    registered_phones,
)

MEMBER_COLUMNS = (
    members.c.id,
    members.c.name,
    members.c.kind,
    members.c.room_capacity,
    members.c.suspended_at,
    members.c.leaves_at,
    members.c.mail,
    identity_checks.c.checked_on,
    identity_checks.c.method,
    identity_checks.c.checked_by,
)
_checks = identity_checks.alias("checks")
_newest_check = (
    select(func.max(_checks.c.id)).where(_checks.c.member_id == members.c.id).correlate(members).scalar_subquery()
)
WITH_CHECK = identity_checks.c.id == _newest_check


def _joined(values: Any, where: Any) -> ScalarSelect[Any]:
    """Several rows as one text: a join would multiply rows, and JSON is made differently by each database.

    The comma is written out: as a parameter it would have the whole statement rewritten at every call.
    """
    joined = func.aggregate_strings(values, literal_column("','", String))  # type: ignore[arg-type]
    return select(joined).where(where).correlate(lines).scalar_subquery()


_numbers = _joined(leased_numbers.c.number, leased_numbers.c.line_id == lines.c.id)
_phones = _joined(registered_phones.c.number, registered_phones.c.line_id == lines.c.id)
_entries = _joined(
    cast(forward_entries.c.entry, String(1)) + forward_entries.c.number, forward_entries.c.line_id == lines.c.id
)

SELECT_LINE: Select[Any] = (
    select(
        lines.c.id,
        lines.c.contract_id,
        lines.c.number,
        lines.c.plan,
        lines.c.double_channel,
        lines.c.starts_at,
        lines.c.ends_at,
        lines.c.suspended_at,
        lines.c.call_waiting,
        lines.c.present_leased,
        lines.c.international_allowed,
        lines.c.language,
        lines.c.forward_mode,
        lines.c.forward_last_mode,
        lines.c.ring_seconds,
        lines.c.entry_in_use,
        lines.c.revision,
        lines.c.has_nuisance,
        lines.c.number_request,
        lines.c.allow_limit,
        lines.c.allow_on,
        lines.c.select_mode,
        lines.c.withhold,
        lines.c.failover_number,
        lines.c.faulty,
        lines.c.capped,
        lines.c.callback,
        handsets.c.sip_user,
        handsets.c.sealed_password,
        handsets.c.presents,
        _numbers,
        _phones,
        _entries,
        *MEMBER_COLUMNS,
    )
    .select_from(lines)
    .join(contracts, contracts.c.id == lines.c.contract_id)
    .join(members, members.c.id == contracts.c.member_id)
    .outerjoin(handsets, handsets.c.line_id == lines.c.id)
    .outerjoin(identity_checks, WITH_CHECK)
)
_FIRST_OF_MEMBER = 33

# A number that another line took over after this one ended is that line's; its row tells.
HOLDS_ITS_NUMBER = (
    select(leased_numbers.c.line_id)
    .where(leased_numbers.c.number == lines.c.number, leased_numbers.c.line_id == lines.c.id)
    .correlate(lines)
    .exists()
)


def member_of(row: Sequence[Any]) -> Member:
    member_id, name, kind, capacity, suspended_at, leaves_at, mail, checked_on, method, checked_by = row
    identity = None
    if checked_on is not None:
        identity = IdentityCheck(checked_on=checked_on, method=IdentityMethod(method), checked_by=checked_by)
    return Member(
        id=member_id,
        name=name,
        kind=MemberKind(kind),
        room_capacity=capacity,
        identity=identity,
        suspended_at=suspended_at,
        leaves_at=leaves_at,
        mail=mail,
    )


def line_for_call_of(row: Row[Any]) -> LineForCall:
    values = tuple(row)
    member = member_of(values[_FIRST_OF_MEMBER:])
    return LineForCall(line=_line_of(values[:_FIRST_OF_MEMBER], member.id), member=member)


def _line_of(values: tuple[Any, ...], member_id: int) -> Line:
    (
        line_id,
        contract_id,
        number,
        plan,
        double_channel,
        starts_at,
        ends_at,
        suspended_at,
        call_waiting,
        present_leased,
        international_allowed,
        language,
        forward_mode,
        forward_last_mode,
        ring_seconds,
        entry_in_use,
        revision,
        nuisance,
        number_request,
        allow_limit,
        allow_on,
        select_mode,
        withhold,
        failover_number,
        faulty,
        capped,
        callback,
        sip_user,
        sealed_password,
        presents,
        numbers,
        phones,
        entries,
    ) = values
    handset = None
    if sip_user is not None:
        handset = Handset(sip_user=sip_user, sealed_password=sealed_password, presents=presents)
    return Line(
        id=line_id,
        contract_id=contract_id,
        member_id=member_id,
        number=number,
        plan=Plan(plan),
        additional=tuple(one for one in _split(numbers) if one != number),
        double_channel=double_channel,
        starts_at=starts_at,
        ends_at=ends_at,
        suspended_at=suspended_at,
        call_waiting=call_waiting,
        present_leased=present_leased,
        international_allowed=international_allowed,
        language=Language(language),
        handset=handset,
        registered_phones=_split(phones),
        forwarding=Forwarding(
            mode=ForwardMode(forward_mode),
            last_mode=ForwardMode(forward_last_mode),
            ring_seconds=ring_seconds,
            entries=_entries_of(entries),
            entry_in_use=entry_in_use,
        ),
        revision=revision,
        screening=_screening_of(nuisance, number_request, allow_limit, allow_on, select_mode),
        withhold=withhold,
        failover_number=failover_number,
        faulty=faulty,
        capped=capped,
        callback=callback,
    )


def _screening_of(nuisance: bool, number_request: bool, allow_limit: int, allow_on: bool, select: str) -> Screening:
    if not (nuisance or number_request or allow_limit) and select == SelectMode.OFF:
        return UNSCREENED
    return Screening(
        nuisance=nuisance,
        number_request=number_request,
        allow_limit=allow_limit,
        allow_on=allow_on,
        select=SelectMode(select),
    )


def _split(joined: str | None) -> tuple[str, ...]:
    return tuple(sorted(joined.split(","))) if joined else ()


def _entries_of(joined: str | None) -> tuple[str | None, str | None, str | None, str | None]:
    """ "1+8190…,3+813…" as the four list entries."""
    found = {int(one[0]): one[1:] for one in joined.split(",")} if joined else {}
    one, two, three, four = (found.get(entry) for entry in range(1, ENTRIES + 1))
    return one, two, three, four
