from datetime import time
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from rating.limits.overrides import clear_limits, limits_of, own_limits, set_limits
from rating.limits.tables import Name
from store.engine import writing
from tests.fixtures.limits import LIMITS

EVERY = {
    Name.PER_MINUTE: Decimal(3),
    Name.DAILY: Decimal("0.5"),
    Name.MONTHLY: None,
    Name.NIGHT_PER_MINUTE: None,
    Name.NIGHT_DAILY: Decimal(0),
    Name.NIGHT_INTERNATIONAL: Decimal(0),
}


def test_own_limits_come_back_as_they_went_in_and_win_over_the_settings(engine: Engine) -> None:
    with writing(engine) as conn:
        set_limits(conn, 7, EVERY)
        assert own_limits(conn, 7) == EVERY
        found = limits_of(conn, 7, LIMITS)
        assert (found.calls_per_minute, found.daily, found.monthly) == (3, Decimal("0.5"), None)
        assert (found.night_calls_per_minute, found.night_daily, found.night_international) == (
            None,
            Decimal(0),
            False,
        )
        assert (found.night_since, found.night_until) == (time(22), time(6))
        assert limits_of(conn, 8, LIMITS) == LIMITS


def test_a_limit_set_again_is_replaced_and_the_others_stay(engine: Engine) -> None:
    with writing(engine) as conn:
        set_limits(conn, 7, EVERY)
        set_limits(conn, 7, {Name.DAILY: None})
        set_limits(conn, 7, {})
        assert own_limits(conn, 7) == EVERY | {Name.DAILY: None}


def test_clearing_is_of_one_line(engine: Engine) -> None:
    with writing(engine) as conn:
        for line in (7, 8):
            set_limits(conn, line, EVERY)
        clear_limits(conn, 7)
        assert (own_limits(conn, 7), own_limits(conn, 8)) == ({}, EVERY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (Name.DAILY, Decimal(-1)),
        (Name.MONTHLY, Decimal("Infinity")),
        (Name.NIGHT_DAILY, Decimal("1e9")),
        (Name.PER_MINUTE, Decimal("0.5")),
        (Name.NIGHT_PER_MINUTE, Decimal(100_000)),
        (Name.NIGHT_INTERNATIONAL, None),
        (Name.NIGHT_INTERNATIONAL, Decimal(2)),
    ],
)
def test_a_limit_that_cannot_be_changes_none(engine: Engine, name: Name, value: Decimal | None) -> None:
    with writing(engine) as conn:
        with pytest.raises(BadValue, match=f"limit {name}: found"):
            set_limits(conn, 7, {Name.DAILY: Decimal(5), name: value})
        assert own_limits(conn, 7) == {}
