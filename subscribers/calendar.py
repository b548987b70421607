"""Business days in Japan, and the moments a service starts and ends (seed 000)."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

import holidays

# Japan has had no daylight saving time since 1951, so a fixed offset is exact for every date we handle.
JST = timezone(timedelta(hours=9), "JST")
OPENS = time(10, 0)
SERVICE_ENDS = time(15, 0)


@cache
def _japan() -> holidays.HolidayBase:
    """Public holidays with their substitutes, and 31 December to 3 January, when banks and offices are
    closed.
    """
    return holidays.country_holidays("JP", categories=("public", "bank"))


def closed(day: date) -> bool:
    """True on Saturdays, Sundays, public holidays and 31 December to 3 January."""
    return day.weekday() >= 5 or day in _japan()


def service_start(month: date) -> datetime:
    """When a service ordered for the month of `month` (any day of it) starts, as an aware time in UTC.

    Seed 000: "when the 1st is a Saturday, Sunday or holiday, use starts at or after 10:00 on the next
    business day". We read it so: at 10:00 JST of that business day; and, since the flyer sets no hour for a
    1st that is a business day, at 00:00 JST of the 1st, so that the whole month that is paid for can be used.
    """
    day = month.replace(day=1)
    if not closed(day):
        return _at(day, time(0, 0))
    while closed(day):
        day += timedelta(days=1)
    return _at(day, OPENS)


def service_end(notice: date) -> datetime:
    """When a service given up on `notice` (a date in Japan) ends, as an aware time in UTC.

    Seed 000, article 9.2: 15:00 on the last day of the month after the notice; when that day is closed, on
    the business day before it.
    """
    day = _month_after(_month_after(notice)) - timedelta(days=1)
    while closed(day):
        day -= timedelta(days=1)
    return _at(day, SERVICE_ENDS)


def japanese_date(at: datetime) -> date:
    """The date in Japan at the aware time `at`."""
    return at.astimezone(JST).date()


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, JST).astimezone(UTC)
