"""Which day of a price list's week a Japanese date is."""

from datetime import date
from functools import cache

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"


@cache
def _public() -> holidays.HolidayBase:
    return holidays.country_holidays("JP")


def is_holiday(day: date) -> bool:
    """国民の祝日 with substitute holidays; not Sundays, not the new year's bank days."""
    return day in _public()


def day_name(day: date) -> str:
    return HOLIDAY if is_holiday(day) else WEEKDAYS[day.weekday()]
