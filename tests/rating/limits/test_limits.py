from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.charge import TOKYO
from rating.limits.limits import strict_at, strict_hours
from tests.fixtures.limits import LIMITS


@pytest.mark.parametrize(
    ("when", "strict"),
    [
        ("2026-05-11T21:59:59.999+09:00", False),
        ("2026-05-11T22:00+09:00", True),
        ("2026-05-12T00:00+09:00", True),
        ("2026-05-12T05:59:59+09:00", True),
        ("2026-05-12T06:00+09:00", False),
        ("2026-05-11T13:00+00:00", True),  # 22:00 in Japan
        ("2026-05-05T12:00+09:00", True),  # こどもの日
        ("2026-05-06T12:00+09:00", True),  # its substitute holiday
        ("2026-05-09T12:00+09:00", False),  # a Saturday
        ("2026-05-04T15:00+00:00", True),  # midnight of the holiday, written in UTC
    ],
)
def test_nights_and_public_holidays_of_japan_are_strict(when: str, strict: bool) -> None:
    assert strict_at(LIMITS, datetime.fromisoformat(when)) is strict


def test_equal_hours_leave_the_public_holidays() -> None:
    never = replace(LIMITS, night_since=time(0), night_until=time(0))
    assert not strict_at(never, datetime(2026, 5, 11, 0, tzinfo=TOKYO))
    assert strict_at(never, datetime(2026, 5, 5, 0, tzinfo=TOKYO))


@given(
    day=st.dates(date(2026, 4, 25), date(2026, 5, 12)),
    clock=st.integers(0, 86_399),
    since=st.integers(0, 23).map(time),
    until=st.integers(0, 23).map(time),
)
def test_the_strict_hours_of_a_day_are_those_in_which_a_moment_is_strict(
    day: date, clock: int, since: time, until: time
) -> None:
    limits = replace(LIMITS, night_since=since, night_until=until)
    at = datetime.combine(day, time(0), TOKYO) + timedelta(seconds=clock)
    assert strict_at(limits, at) is any(begin <= at < end for begin, end in strict_hours(limits, day))
