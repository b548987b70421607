"""Who may hold what: lines by kind of member, plans, and area codes by plan (seed 000)."""

from collections.abc import Sequence
from datetime import datetime

from dialplan.errors import BadValue

from .lines import Line, Plan
from .members import Member, MemberKind

AREA_CODES = {
    Plan.FIXED_PHONE: ("03", "042", "044", "045", "052", "06", "075"),
    Plan.IN_OUT: ("03", "042", "044", "045", "047", "048", "052", "06", "075"),
}


def check_new_line(member: Member, lines: Sequence[Line], plan: Plan, area_code: str | None, at: datetime) -> None:
    """Raises BadValue when the member, holding `lines`, may not have one more on this plan and area code at
    `at`.

    A line counts until it has ended, so one that was given up still fills its place until its last day.
    """
    check_area_code(plan, area_code)
    if member.leaves_at is not None:
        raise BadValue("member", f"{member.id} leaves at {member.leaves_at.isoformat()}", "a member who stays")
    held = sum(not line.ended(at) for line in lines)
    if member.kind is MemberKind.RENTAL_OFFICE:
        if held >= (member.room_capacity or 0):
            raise BadValue("lines of the member", held + 1, f"{member.room_capacity} at most, the room's capacity")
        return
    if plan is not Plan.IN_OUT:
        raise BadValue("plan", str(plan), f"{Plan.IN_OUT} for a {member.kind} member")
    if held >= 1:
        raise BadValue("lines of the member", held + 1, f"1 at most for a {member.kind} member")


def check_area_code(plan: Plan, area_code: str | None) -> None:
    """Raises BadValue when the plan does not offer numbers of this area. `area_code` has its leading 0."""
    if area_code not in AREA_CODES[plan]:
        raise BadValue("area code", area_code, f"one of {', '.join(AREA_CODES[plan])} on plan {plan}")


def check_end(member: Member, lines: Sequence[Line], line: Line, ends_at: datetime) -> None:
    """Raises BadValue when a rental-office member would be without a line while still a member (seed 000,
    art. 9).

    Another line replaces this one only if it is in service by `ends_at` and does not end before the member
    leaves.
    """
    if member.kind is not MemberKind.RENTAL_OFFICE:
        return
    if member.leaves_at is not None and ends_at >= member.leaves_at:
        return
    others = [other for other in lines if other.id != line.id and other.starts_at <= ends_at]
    last = max((other.ends_at for other in others if other.ends_at is not None), default=None)
    if any(other.ends_at is None for other in others):
        return
    if member.leaves_at is not None and last is not None and last >= member.leaves_at:
        return
    raise BadValue(
        "end of the line",
        f"line {line.id}, the last one of member {member.id}",
        "at least one line for as long as a rental-office member stays",
    )
