from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.calendar import JST, closed, japanese_date, service_end, service_start


def jst(*when: int) -> datetime:
    return datetime(*when, tzinfo=JST)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 21), "Saturday"),
        (date(2026, 11, 22), "Sunday"),
        (date(2026, 11, 23), "Labour Thanksgiving Day"),
        (date(2026, 5, 6), "substitute holiday"),
        (date(2026, 9, 22), "a day between two holidays"),
        (date(2026, 12, 31), "new year"),
        (date(2024, 1, 3), "new year, a Wednesday"),
    ],
)
def test_offices_are_closed_on(day: date, why: str) -> None:
    assert closed(day), why


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 12, 30), date(2024, 1, 4)])
def test_offices_are_open_on_other_days(day: date) -> None:
    assert not closed(day)


@pytest.mark.parametrize(
    ("month", "start"),
    [
        (date(2026, 12, 20), jst(2026, 12, 1, 0, 0)),  # a Tuesday: the whole month
        (date(2026, 8, 1), jst(2026, 8, 3, 10, 0)),  # a Saturday
        (date(2026, 11, 1), jst(2026, 11, 2, 10, 0)),  # a Sunday
        (date(2027, 1, 1), jst(2027, 1, 4, 10, 0)),  # new year until Sunday the 3rd
        (date(2022, 1, 9), jst(2022, 1, 4, 10, 0)),
        (date(2027, 5, 1), jst(2027, 5, 6, 10, 0)),  # a weekend, then three holidays
    ],
)
def test_service_starts_on_the_first_or_the_next_business_day_at_ten(month: date, start: datetime) -> None:
    assert service_start(month) == start
    assert service_start(month).tzinfo is UTC


@pytest.mark.parametrize(
    ("notice", "end"),
    [
        (date(2026, 8, 1), jst(2026, 9, 30, 15, 0)),
        (date(2026, 8, 31), jst(2026, 9, 30, 15, 0)),
        (date(2026, 9, 10), jst(2026, 10, 30, 15, 0)),  # the 31st is a Saturday
        (date(2026, 11, 20), jst(2026, 12, 30, 15, 0)),  # the 31st is closed
        (date(2026, 12, 31), jst(2027, 1, 29, 15, 0)),  # the 31st is a Sunday
        (date(2027, 1, 31), jst(2027, 2, 26, 15, 0)),  # the 28th is a Sunday
        (date(2023, 3, 31), jst(2023, 4, 28, 15, 0)),  # a Sunday before it a holiday
    ],
)
def test_service_ends_on_the_last_business_day_of_the_next_month_at_three(notice: date, end: datetime) -> None:
    assert service_end(notice) == end
    assert service_end(notice).tzinfo is UTC


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_every_service_starts_and_ends_while_somebody_is_there(day: date) -> None:
    start, end = service_start(day).astimezone(JST), service_end(day).astimezone(JST)
    assert not closed(start.date())
    assert (start.year, start.month) == (day.year, day.month)
    assert not closed(end.date())
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == 1


def test_the_date_in_japan_changes_at_fifteen_utc() -> None:
    assert japanese_date(datetime(2026, 11, 20, 14, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert japanese_date(datetime(2026, 11, 20, 15, 0, tzinfo=UTC)) == date(2026, 11, 21)
