"""Dates and times as somebody types them; without a zone they are Japan's."""

from datetime import date, datetime, time

from dialplan.errors import BadValue
from subscribers.calendar import JST


def moment(text: str, thing: str) -> datetime:
    """An aware time from 2026-12-01T10:00, with or without a zone; a date alone is its 00:00. Raises BadValue."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadValue(thing, text, "a date or time such as 2026-12-01 or 2026-12-01T10:00+09:00") from None
    return found.replace(tzinfo=JST) if found.tzinfo is None else found


def day(text: str, thing: str) -> date:
    """Raises BadValue."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue(thing, text, "a date such as 2026-12-01") from None


def month(text: str, thing: str) -> date:
    """The first day of YYYY-MM. Raises BadValue."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=JST).date()
    except ValueError:
        raise BadValue(thing, text, "a month such as 2026-12") from None


def midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), JST)
