from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import behaviour
from lab.behaviour import BEHAVIOURS, REST, SHORTEST, Act


@pytest.mark.parametrize(
    ("number", "act"),
    [
        ("0312345617", Act.BUSY),
        ("+819012345619", Act.SILENT),
        ("0312345601", Act.UNALLOCATED),
        ("0312345620", Act.ANNOUNCED),
        ("0312345621", Act.REJECTED),
        ("0312345634", Act.CONGESTION),
        ("0312345660", Act.LATE),
        ("0312345669", Act.LATE),
        ("0312345670", Act.ANSWER),
        ("0312345606", Act.ANSWER),
        ("#1217", Act.BUSY),
        ("119", Act.ANSWER),
        ("117", Act.ANSWER),
        ("", Act.ANSWER),
    ],
)
def test_the_last_two_digits_say_what_happens(number: str, act: Act) -> None:
    assert behaviour.of(number).act is act


def test_a_late_number_says_how_late() -> None:
    assert [behaviour.delay(f"03123456{end}") for end in (60, 65, 69)] == [0, 5, 9]


def test_no_ending_stands_twice() -> None:
    endings = [row.endings for row in BEHAVIOURS]
    assert len(set(endings)) == len(endings)
    assert {row.act for row in BEHAVIOURS} == set(Act)


@given(st.text(alphabet="0123456789*#+", max_size=40))
def test_every_number_has_exactly_one_behaviour(number: str) -> None:
    row = behaviour.of(number)
    if row is not REST:
        assert len(number) >= SHORTEST
        assert number[-2:].startswith(row.endings[0])


def test_the_documentation_holds_the_table_as_it_is() -> None:
    page = Path(__file__).parents[2] / "docs" / "lab.md"
    assert behaviour.table() in page.read_text(encoding="utf-8")
