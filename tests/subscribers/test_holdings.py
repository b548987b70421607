from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dialplan.errors import BadValue
from subscribers.holdings import AREA_CODES, check_area_code, check_end, check_new_line
from subscribers.lines import Line, Plan
from subscribers.members import Member, MemberKind

Make = Callable[..., Member]
MakeLine = Callable[..., Line]
SHARED = [MemberKind.COWORKING, MemberKind.VIRTUAL_OFFICE]


def test_area_codes_by_plan_are_those_of_the_flyer() -> None:
    fixed = {"03", "042", "044", "045", "052", "06", "075"}
    assert {plan: set(codes) for plan, codes in AREA_CODES.items()} == {
        Plan.FIXED_PHONE: fixed,
        Plan.IN_OUT: fixed | {"047", "048"},
    }


@pytest.mark.parametrize("plan", list(Plan))
@pytest.mark.parametrize("code", ["011", "0422", "050", "", None])
def test_other_areas_are_refused(plan: Plan, code: str | None) -> None:
    with pytest.raises(BadValue, match="area code"):
        check_area_code(plan, code)


def test_047_and_048_are_for_the_in_out_plan_only() -> None:
    for code in ("047", "048"):
        check_area_code(Plan.IN_OUT, code)
        with pytest.raises(BadValue, match="on plan fixed-phone"):
            check_area_code(Plan.FIXED_PHONE, code)


@pytest.mark.parametrize("kind", SHARED)
def test_coworking_and_virtual_members_hold_one_line(
    kind: MemberKind, a_member: Make, a_line: MakeLine, now: datetime
) -> None:
    member = a_member(kind=kind, room_capacity=None)
    check_new_line(member, [], Plan.IN_OUT, "03", now)
    with pytest.raises(BadValue, match=r"lines of the member: found 2, expected 1 at most"):
        check_new_line(member, [a_line(plan=Plan.IN_OUT)], Plan.IN_OUT, "03", now)


@pytest.mark.parametrize("kind", SHARED)
def test_coworking_and_virtual_members_have_the_in_out_plan_only(
    kind: MemberKind, a_member: Make, now: datetime
) -> None:
    with pytest.raises(BadValue, match="plan: found 'fixed-phone', expected in-out"):
        check_new_line(a_member(kind=kind, room_capacity=None), [], Plan.FIXED_PHONE, "03", now)


@pytest.mark.parametrize("plan", list(Plan))
def test_a_rental_office_holds_as_many_lines_as_its_room_has_places(
    plan: Plan, a_member: Make, a_line: MakeLine, now: datetime
) -> None:
    member = a_member(room_capacity=2)
    check_new_line(member, [a_line()], plan, "03", now)
    with pytest.raises(BadValue, match=r"found 3, expected 2 at most"):
        check_new_line(member, [a_line(id=1), a_line(id=2)], plan, "03", now)


def test_a_line_fills_its_place_until_its_last_moment(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    member, line = a_member(kind=MemberKind.COWORKING, room_capacity=None), a_line(ends_at=now)
    with pytest.raises(BadValue, match="lines of the member"):
        check_new_line(member, [line], Plan.IN_OUT, "03", now - timedelta(microseconds=1))
    check_new_line(member, [line], Plan.IN_OUT, "03", now)


def test_a_leaving_member_gets_no_new_line(a_member: Make, now: datetime) -> None:
    with pytest.raises(BadValue, match="a member who stays"):
        check_new_line(a_member(leaves_at=now + timedelta(days=9)), [], Plan.IN_OUT, "03", now)


def test_the_last_line_of_a_rental_office_cannot_end_while_it_stays(
    a_member: Make, a_line: MakeLine, now: datetime
) -> None:
    line, later = a_line(), now + timedelta(days=40)
    with pytest.raises(BadValue, match="at least one line"):
        check_end(a_member(), [line], line, later)
    check_end(a_member(), [line, a_line(id=2)], line, later)


@pytest.mark.parametrize(
    "change",
    [{"ends_at": timedelta(days=-1)}, {"ends_at": timedelta(days=60)}, {"starts_at": timedelta(days=41)}],
    ids=["has ended", "will end as well", "starts too late"],
)
def test_a_line_that_is_not_there_to_stay_does_not_replace_the_last(
    change: dict[str, timedelta], a_member: Make, a_line: MakeLine, now: datetime
) -> None:
    other = a_line(id=2, **{name: now + days for name, days in change.items()})
    with pytest.raises(BadValue, match="at least one line"):
        check_end(a_member(), [a_line(), other], a_line(), now + timedelta(days=40))


def test_the_last_line_may_end_with_the_membership(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    leaves = now + timedelta(days=40)
    member, line = a_member(leaves_at=leaves), a_line()
    check_end(member, [line], line, leaves)
    check_end(member, [line, a_line(id=2, ends_at=leaves)], line, now)
    with pytest.raises(BadValue, match="at least one line"):
        check_end(member, [line], line, leaves - timedelta(seconds=1))


@pytest.mark.parametrize("kind", SHARED)
def test_other_members_may_end_their_only_line(
    kind: MemberKind, a_member: Make, a_line: MakeLine, now: datetime
) -> None:
    check_end(a_member(kind=kind, room_capacity=None), [a_line()], a_line(), now)
