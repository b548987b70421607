"""What a line may spend and how often it may call; what the answer to a call out is. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from rating.calendar import is_holiday
from rating.charge import TOKYO
from rating.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one line; None is no limit. Days and months are Japan's; caps are yen, on the books' side of tax.

    Nights (`night_since` to `night_until`; none when they are equal) and public holidays, all day, are stricter:
    their own `night_calls_per_minute`, international calls only with `night_international`, and `night_daily` on what
    is spent in such hours of one day, under `daily`, which goes on counting them. It counts those hours alone so that
    a line that was busy by day can still call, and forward, at night.
    """

    calls_per_minute: int | None
    daily: Decimal | None
    monthly: Decimal | None
    night_calls_per_minute: int | None
    night_daily: Decimal | None
    night_international: bool
    night_since: time
    night_until: time

    @property
    def capped(self) -> bool:
        return (self.daily, self.monthly, self.night_daily) != (None, None, None)


class Reason(StrEnum):
    """Why a call out is refused, with what `Denied.found` and `Denied.expected` say."""

    TOO_MANY_CALLS = "too-many-calls"  # calls granted in the last 60 s; the limit
    DAILY_CAP = "daily-cap"  # yen spent, held and wanted for a shortest call; the cap
    NIGHT_CAP = "night-cap"  # the same, in the strict hours of the day
    MONTHLY_CAP = "monthly-cap"  # the same, in the month
    CLOSED_AT_NIGHT = "closed-at-night"  # the class of the number; a class that is open
    NO_PRICE = "no-price"  # what no price book prices; a price
    ENDED = "ended"  # the call is in the books already; one that is not over


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """`found` and `expected` are for the log; those of the caps and of the calls a minute are plain numbers."""

    reason: Reason
    found: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The call may last so many milliseconds from its answer; None: as long as it likes. `held` yen are set aside."""

    milliseconds: int | None
    held: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthRequest:
    """A call that wants to go out. `call_id` is the identity that its end will be recorded under.

    `channels` is how many calls the line may have at once. `usage` is what would be charged, `usage.at` the moment of
    asking; its answered time is not looked at.
    """

    call_id: str
    line_id: int
    channels: int
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Yen charged for calls that ended today, in today's strict hours, and this month."""

    today: Decimal
    night: Decimal
    month: Decimal


def strict_at(limits: Limits, at: datetime) -> bool:
    """Whether the profile of nights and public holidays holds."""
    local = at.astimezone(TOKYO)
    if is_holiday(local.date()):
        return True
    since, until, clock = limits.night_since, limits.night_until, local.time()
    return since <= clock < until if since <= until else clock >= since or clock < until


def strict_hours(limits: Limits, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The spans of a day in which `strict_at` is true; the end of a span is not in it."""
    begin, end = midnight(day), midnight(day + timedelta(days=1))
    if is_holiday(day):
        return ((begin, end),)
    since, until = (datetime.combine(day, clock, TOKYO) for clock in (limits.night_since, limits.night_until))
    return ((since, until),) if since <= until else ((begin, until), (since, end))


def midnight(day: date) -> datetime:
    """With which a day begins in Japan."""
    return datetime.combine(day, time(0), TOKYO)
