"""Limits from the settings, and as people and programs read them."""

from decimal import Decimal
from typing import Any

from console.settings import Limits as Settings
from console.show import cell
from rating.limits.limits import Limits, Reason
from rating.limits.standing import Standing
from rating.limits.tables import Name
from subscribers.lines import Line


def default_limits(settings: Settings) -> Limits:
    """What holds for a line that has no limits of its own."""
    return Limits(**settings.model_dump())


def limit_shape(line: Line, found: Standing) -> dict[str, Any]:
    left = found.left()
    return {
        "line": line.id,
        "number": line.number,
        "profile": "night" if found.strict else "day",
        "limits": {name.value: value for name, value in _limits(found.limits).items()},
        "own": sorted(name.value for name in found.own),
        "spent": {"today": found.spent.today, "night": found.spent.night, "month": found.spent.month},
        "calls": found.running.calls,
        "held": found.running.held,
        "left": {"today": left[Reason.DAILY_CAP], "night": left.get(Reason.NIGHT_CAP), "month": _month(found)},
        "left_now": left_now(found),
    }


def limit_fields(line: Line, found: Standing) -> list[tuple[str, object]]:
    left = found.left()
    limits, spent = found.limits, found.spent
    hours = f"{limits.night_since:%H:%M}–{limits.night_until:%H:%M} and public holidays"
    return [
        ("line", line.id),
        ("profile now", "night" if found.strict else "day"),
        *((_WORDS[name], _with_source(value, name in found.own)) for name, value in _limits(limits).items()),
        ("night is", hours),
        ("spent today", _of(spent.today, limits.daily, left[Reason.DAILY_CAP])),
        ("spent today at night", _of(spent.night, limits.night_daily, left.get(Reason.NIGHT_CAP))),
        ("spent this month", _of(spent.month, limits.monthly, _month(found))),
        ("running calls", f"{found.running.calls}, which hold {cell(found.running.held)} yen"),
        ("left now", "no cap" if (least := left_now(found)) is None else f"{cell(least)} yen"),
    ]


def left_now(found: Standing) -> Decimal | None:
    """Under the tightest cap that holds now; None without any."""
    return min((left for left in found.left().values() if left is not None), default=None)


_WORDS = {
    Name.PER_MINUTE: "calls a minute",
    Name.DAILY: "yen a day",
    Name.MONTHLY: "yen a month",
    Name.NIGHT_PER_MINUTE: "calls a minute at night",
    Name.NIGHT_DAILY: "yen a day at night",
    Name.NIGHT_INTERNATIONAL: "international at night",
}


def _limits(limits: Limits) -> dict[Name, Decimal | int | bool | None]:
    return {
        Name.PER_MINUTE: limits.calls_per_minute,
        Name.DAILY: limits.daily,
        Name.MONTHLY: limits.monthly,
        Name.NIGHT_PER_MINUTE: limits.night_calls_per_minute,
        Name.NIGHT_DAILY: limits.night_daily,
        Name.NIGHT_INTERNATIONAL: limits.night_international,
    }


def _month(found: Standing) -> Decimal | None:
    return found.left()[Reason.MONTHLY_CAP]


def _with_source(value: Decimal | int | bool | None, own: bool) -> str:
    return f"{'none' if value is None else cell(value)}{' (its own)' if own else ''}"


def _of(spent: Decimal, cap: Decimal | None, left: Decimal | None) -> str:
    if cap is None:
        return f"{cell(spent)} yen, no cap"
    return f"{cell(spent)} of {cell(cap)} yen" + ("" if left is None else f", {cell(left)} left")
