"""Dates and times as somebody types them; without a zone they are Japan's."""

from datetime import date, datetime

from dialplan.errors import BadValue
from subscribers.calendar import JST

YEARS = range(1900, 2200)


def moment(text: str, thing: str) -> datetime:
    """An aware time from 2026-12-01T10:00, with or without a zone; a date alone is its 00:00. Raises BadValue."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadValue(thing, text, "a date or time such as 2026-12-01 or 2026-12-01T10:00+09:00") from None
    _in_reach(found, text, thing)
    return found.replace(tzinfo=JST) if found.tzinfo is None else found


def day(text: str, thing: str) -> date:
    """Raises BadValue."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadValue(thing, text, "a date such as 2026-12-01") from None
    return _in_reach(found, text, thing)


def month(text: str, thing: str) -> date:
    """The first day of YYYY-MM. Raises BadValue."""
    try:
        found = datetime.strptime(text, "%Y-%m").replace(tzinfo=JST).date()
    except ValueError:
        raise BadValue(thing, text, "a month such as 2026-12") from None
    return _in_reach(found, text, thing)


def _in_reach(found: date, text: str, thing: str) -> date:
    """At the ends of the calendar a change of zone or a month more would have no date."""
    if found.year not in YEARS:
        raise BadValue(thing, text, f"a year from {YEARS[0]} to {YEARS[-1]}")
    return found
