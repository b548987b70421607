"""Months of billing, in Japan. A month is the date of its first day."""

from datetime import date, datetime, time, timedelta

from rating.charge import TOKYO


def month_of(at: datetime) -> date:
    """The month in Japan of a moment: the last second of 31 May there is still May, whatever UTC says."""
    return at.astimezone(TOKYO).date().replace(day=1)


def plus(month: date, months: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(years, index + 1, 1)


def last_day(month: date) -> date:
    return plus(month, 1) - timedelta(days=1)


def days_in(month: date) -> int:
    return last_day(month).day


def bounds(month: date) -> tuple[datetime, datetime]:
    """From its first moment to the first moment of the next one."""
    return datetime.combine(month, time(), TOKYO), datetime.combine(plus(month, 1), time(), TOKYO)


def due_on(month: date) -> date:
    """Usage of a month is due at the end of the next one [000 第6条2]."""
    return last_day(plus(month, 1))


def months(first: date, last: date) -> tuple[date, ...]:
    """Both included; none when `last` is before `first`."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(plus(first, number) for number in range(count))
