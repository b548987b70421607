"""The limits that are a line's own, over those of the settings."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import Connection, bindparam, delete, insert, select

from dialplan.errors import BadValue
from rating.limits.limits import Limits
from rating.limits.tables import Name, line_limits
from rating.money import plain

_COUNTS = (Name.PER_MINUTE, Name.NIGHT_PER_MINUTE)
_MOST_CALLS, _MOST_YEN = 100_000, 1_000_000_000
_OF = select(line_limits.c.name, line_limits.c.value).where(line_limits.c.line_id == bindparam("line"))


def limits_of(conn: Connection, line_id: int, defaults: Limits) -> Limits:
    """What holds for a line."""
    return with_own(defaults, own_limits(conn, line_id))


def own_limits(conn: Connection, line_id: int) -> dict[Name, Decimal | None]:
    """Only what is the line's own; None is no limit."""
    return {Name(name): value for name, value in conn.execute(_OF, {"line": line_id})}


def with_own(defaults: Limits, own: Mapping[Name, Decimal | None]) -> Limits:
    if not own:
        return defaults
    return replace(
        defaults,
        calls_per_minute=_whole(own.get(Name.PER_MINUTE, defaults.calls_per_minute)),
        daily=own.get(Name.DAILY, defaults.daily),
        monthly=own.get(Name.MONTHLY, defaults.monthly),
        night_calls_per_minute=_whole(own.get(Name.NIGHT_PER_MINUTE, defaults.night_calls_per_minute)),
        night_daily=own.get(Name.NIGHT_DAILY, defaults.night_daily),
        night_international=bool(own.get(Name.NIGHT_INTERNATIONAL, defaults.night_international)),
    )


def set_limits(conn: Connection, line_id: int, own: Mapping[Name, Decimal | None]) -> None:
    """Makes these limits the line's own and leaves its others. Raises BadValue, nothing changed, for a bad one."""
    for name, value in own.items():
        check_limit(name, value)
    _forget(conn, line_id, own)
    if own:
        rows = [{"line_id": line_id, "name": name.value, "value": value} for name, value in own.items()]
        conn.execute(insert(line_limits), rows)


def clear_limits(conn: Connection, line_id: int) -> None:
    """From now on the settings hold for the line."""
    _forget(conn, line_id, dict.fromkeys(Name))


def check_limit(name: Name, value: Decimal | None) -> None:
    """Raises BadValue. None is no limit; international calls at night are either open or closed."""
    if name is Name.NIGHT_INTERNATIONAL:
        if value not in (Decimal(0), Decimal(1)):
            raise BadValue(f"limit {name}", value, "1 (open) or 0 (closed)")
        return
    if value is None:
        return
    most, decimals, what = (_MOST_CALLS, 0, "calls") if name in _COUNTS else (_MOST_YEN, 6, "yen")
    if not value.is_finite() or not 0 <= value < most or value != round(value, decimals):
        shown = plain(value) if value.is_finite() else str(value)
        raise BadValue(f"limit {name}", shown, f"{what}, 0 to less than {most}, at most {decimals} decimals")


def _forget(conn: Connection, line_id: int, names: Mapping[Name, object]) -> None:
    which = [name.value for name in names]
    conn.execute(delete(line_limits).where(line_limits.c.line_id == line_id, line_limits.c.name.in_(which)))


def _whole(value: Decimal | int | None) -> int | None:
    return None if value is None else int(value)
