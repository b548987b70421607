"""Members and lines to begin with: plain values for the rules, stored ones for the records."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from subscribers.forwarding import Forwarding
from subscribers.lines import Language, Line, Plan
from subscribers.members import IdentityCheck, IdentityMethod, Member, MemberKind
from subscribers.records.lines import add_line
from subscribers.records.members import add_contract, add_member, record_identity_check

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CHECK = IdentityCheck(checked_on=date(2026, 11, 2), method=IdentityMethod.IN_PERSON, checked_by="佐藤")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def a_member() -> Callable[..., Member]:
    """A rental-office member with room for 3, checked; keyword arguments change it."""
    member = Member(
        id=1,
        name="山田商店",
        kind=MemberKind.RENTAL_OFFICE,
        room_capacity=3,
        identity=CHECK,
        suspended_at=None,
        leaves_at=None,
    )
    return lambda **changes: replace(member, **changes)


@pytest.fixture
def a_line() -> Callable[..., Line]:
    """Line 1 with 03-6304-0001 on the fixed-phone plan, started; keyword arguments change it."""
    line = Line(
        id=1,
        contract_id=1,
        member_id=1,
        number="+81363040001",
        plan=Plan.FIXED_PHONE,
        additional=(),
        double_channel=False,
        starts_at=datetime(2026, 11, 1, tzinfo=UTC),
        ends_at=None,
        suspended_at=None,
        call_waiting=False,
        present_leased=False,
        international_allowed=False,
        language=Language.JAPANESE,
        handset=None,
        registered_phones=(),
        forwarding=Forwarding(),
        revision=1,
    )
    return lambda **changes: replace(line, **changes)


@pytest.fixture
def member_in() -> Callable[..., Member]:
    """Stores a checked member: kind and capacity as given, a rental office for 3 by default."""

    def add(conn: Connection, kind: MemberKind = MemberKind.RENTAL_OFFICE, room_capacity: int | None = 3) -> Member:
        capacity = room_capacity if kind is MemberKind.RENTAL_OFFICE else None
        member = add_member(conn, name="山田商店", kind=kind, room_capacity=capacity)
        return record_identity_check(conn, member.id, CHECK, NOW.date())

    return add


@pytest.fixture
def line_in(member_in: Callable[..., Member]) -> Callable[..., Line]:
    """Stores an in-out line with 03-6304-0001 that has started; keyword arguments of add_line change it."""

    def add(conn: Connection, **changes: Any) -> Line:
        if "contract_id" not in changes:
            changes["contract_id"] = add_contract(conn, member_in(conn).id, date(2026, 11, 1)).id
        wanted: dict[str, Any] = {
            "number": "03-6304-0001",
            "plan": Plan.IN_OUT,
            "starts_at": datetime(2026, 11, 1, tzinfo=UTC),
            "at": NOW,
        }
        return add_line(conn, **(wanted | changes))

    return add
