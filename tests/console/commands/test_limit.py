from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.limits import default_limits
from console.settings import load
from dialplan.errors import BadValue
from rating.load import open_books
from store.engine import open_engine, writing
from tests.fixtures.homes import Home, Said
from tests.fixtures.limits import ask, asking, end

DEFAULTS = {
    "per-minute": 30,
    "daily": "10000",
    "monthly": "100000",
    "night-per-minute": 10,
    "night-daily": "3000",
    "night-international": False,
}


def test_a_line_without_limits_of_its_own_has_those_of_the_settings(home: Home) -> None:
    found = home.json("limit", "show", "03-1234-5678")
    assert (found["line"], found["number"], found["limits"], found["own"]) == (1, "+81312345678", DEFAULTS, [])
    assert found["spent"] == {"today": "0", "night": "0", "month": "0"}
    assert (found["calls"], found["held"]) == (0, "0")
    assert found["left"]["month"] == "100000"
    assert found["left_now"] == ("3000" if found["profile"] == "night" else "10000")


def test_limits_are_set_one_by_one_and_cleared_together(home: Home) -> None:
    home.done("limit", "set", 1, "--daily", "5,000", "--night-daily", "none")
    home.done("limit", "set", 1, "--monthly", "none", "--per-minute", 5, "--night-per-minute", 2)
    found = home.json("limit", "set", 1, "--night-international")
    assert found["limits"] == {
        "per-minute": 5,
        "daily": "5000",
        "monthly": None,
        "night-per-minute": 2,
        "night-daily": None,
        "night-international": True,
    }
    assert found["own"] == [
        "daily",
        "monthly",
        "night-daily",
        "night-international",
        "night-per-minute",
        "per-minute",
    ]
    assert found["left"]["month"] is None
    assert home.json("limit", "show", 2)["own"] == []
    cleared = home.json("limit", "clear", 1)
    assert (cleared["limits"], cleared["own"]) == (DEFAULTS, [])


def test_spending_and_what_running_calls_hold_are_shown(home: Home) -> None:
    home.done("limit", "set", 1, "--monthly", 1_000, "--daily", "none", "--night-daily", "none")
    engine, books = open_engine(f"sqlite:///{home.folder}/denwaban.db"), open_books()
    limits = default_limits(load(home.settings).limits)
    now = datetime.now(UTC)
    with writing(engine) as conn:
        over = asking("c1", line=1, at=now - timedelta(minutes=1))
        ask(conn, over, books, limits)
        end(conn, over, books, Decimal(60))
        ask(conn, asking("c2", line=1, at=now), books, limits)
    engine.dispose()
    found = home.json("limit", "show", 1)
    assert (found["spent"]["month"], found["calls"]) == ("51.7", 1)
    assert found["held"] == "930.6"  # 18 minutes
    assert found["left"]["month"] == found["left_now"] == "17.7"
    shown = home.done("limit", "show", 1).out
    assert "51.7 of 1000 yen, 17.7 left" in shown
    assert "1, which hold 930.6 yen" in shown
    assert "none (its own)" in shown
    assert "22:00–06:00 and public holidays" in shown


def test_all_lines_are_listed(home: Home) -> None:
    home.done("limit", "set", 2, "--daily", 1)
    assert [one["line"] for one in home.json("limit", "show")["lines"]] == [1, 2]
    shown = home.done("limit", "show").out
    assert "03-1234-5678" in shown
    assert "daily" in shown.splitlines()[2]


def test_people_read_what_was_done(home: Home) -> None:
    said = home.done("limit", "set", "047-345-6789", "--daily", 500)
    assert "Line 2, 047-345-6789: its own limits now: daily." in said.out
    assert "picks this up by itself" in said.out
    said = home.done("limit", "clear", 2)
    assert "Line 2, 047-345-6789: the limits of the settings hold." in said.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set", 1), "limits: found 'none', expected at least one, such as --daily 5000"),
        (("set", 99, "--daily", 1), "line: found 99"),
        (("set", 1, "--daily", "much"), "limit daily: found 'much', expected a number such as 5000, or none"),
        (("set", 1, "--daily=-1"), "limit daily: found '-1', expected yen, 0 to less than 1000000000"),
        (("set", 1, "--monthly", 10**9), "limit monthly: found '1000000000'"),
        (("set", 1, "--monthly", "NaN"), "limit monthly: found 'NaN'"),
        (("set", 1, "--per-minute", "1.5"), "limit per-minute: found '1.5', expected calls, 0 to less than 100000"),
        (("set", 1, "--daily", 5, "--night-daily", "0.1234567"), "limit night-daily: found '0.1234567'"),
        (("show", "03-9999-9999"), "line: found '03-9999-9999'"),
        (("clear", 99), "line: found 99"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("limit", *arguments).err


def test_the_settings_say_what_holds(home: Home) -> None:
    with home.settings.open("a", encoding="utf-8") as file:
        file.write('\n[limits]\ndaily = "none"\nmonthly = 2500.5\nnight_since = "21:30"\nnight_until = 07:00:00\n')
    limits = default_limits(load(home.settings).limits)
    assert (limits.daily, limits.monthly) == (None, Decimal("2500.5"))
    assert (f"{limits.night_since:%H:%M}", f"{limits.night_until:%H:%M}") == ("21:30", "07:00")
    assert home.json("limit", "show", 1)["limits"]["daily"] is None


@pytest.mark.parametrize(
    "line", ["daily = -1", 'daily = "no"', "calls_per_minute = 1.5", "night_since = 25", 'night_since = "22:00Z"']
)
def test_a_limit_in_the_settings_that_cannot_be_is_named(home: Home, line: str) -> None:
    with Path(home.settings).open("a", encoding="utf-8") as file:
        file.write(f"\n[limits]\n{line}\n")
    with pytest.raises(BadValue, match=rf"limits\.{line.split(' ')[0]}"):
        load(home.settings)
