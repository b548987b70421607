from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from subscribers.lines import Line
from subscribers.members import Member
from subscribers.states import LineForCall, LineState, state

Make = Callable[..., Member]
MakeLine = Callable[..., Line]
SECOND = timedelta(seconds=1)


def test_a_started_line_of_a_checked_member_is_active(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    assert state(a_line(starts_at=now), a_member(), now) is LineState.ACTIVE


def test_it_is_pending_before_its_start(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    assert state(a_line(starts_at=now), a_member(), now - SECOND) is LineState.PENDING


def test_it_is_pending_without_an_identity_check(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    assert state(a_line(), a_member(identity=None), now) is LineState.PENDING


@pytest.mark.parametrize("of_member", [True, False])
def test_it_is_suspended_from_the_moment_it_or_its_member_is(
    of_member: bool, a_member: Make, a_line: MakeLine, now: datetime
) -> None:
    member = a_member(suspended_at=now if of_member else None)
    line = a_line(suspended_at=None if of_member else now)
    assert state(line, member, now - SECOND) is LineState.ACTIVE
    assert state(line, member, now) is LineState.SUSPENDED


def test_it_has_ended_at_its_end(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    found = LineForCall(line=a_line(ends_at=now), member=a_member())
    assert found.state(now - SECOND) is LineState.ACTIVE
    assert found.state(now) is LineState.ENDED


def test_ended_wins_over_pending_and_pending_over_suspended(a_member: Make, a_line: MakeLine, now: datetime) -> None:
    nobody = a_member(identity=None, suspended_at=now)
    assert state(a_line(suspended_at=now), nobody, now) is LineState.PENDING
    assert state(a_line(suspended_at=now, ends_at=now), nobody, now) is LineState.ENDED
