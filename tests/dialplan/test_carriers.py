"""Several carriers: which may be used for a call, and in which order they are tried."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.carriers import MOST_TRIED, carriers
from dialplan.trunks import Trunk

ONE = Trunk(name="one", host="192.0.2.1", sources=("192.0.2.1",))
SHOWN = "+81363040001"


def names(*trunks: Trunk, to: str = "0312345678", shown: str | None = SHOWN, chance: float = 0.0) -> list[str]:
    return [trunk.name for trunk in carriers(trunks, to, shown, chance)]


def test_lower_priority_is_tried_first() -> None:
    assert names(replace(ONE, name="two", priority=2), ONE) == ["one", "two"]


@pytest.mark.parametrize(("to", "expected"), [("0101212", ["abroad"]), ("0120123456", ["free"]), ("0312345678", [])])
def test_a_trunk_carries_only_the_numbers_of_its_prefixes(to: str, expected: list[str]) -> None:
    abroad, free = (
        replace(ONE, name="abroad", prefixes=("010",)),
        replace(ONE, name="free", prefixes=("0120", "0800")),
    )
    assert names(abroad, free, to=to) == expected


def test_a_trunk_shows_only_the_numbers_it_may() -> None:
    west = replace(ONE, name="west", shows=("06", "075"))
    assert names(west, ONE) == ["one"]
    assert names(west, ONE, shown="+81661234567") == ["one", "west"]
    assert names(west, ONE, shown=None) == ["one", "west"]


def test_a_trunk_of_mobile_extensions_carries_no_other_call() -> None:
    assert names(replace(ONE, name="office-link", extensions=True), ONE) == ["one"]


def test_equals_share_the_calls_by_weight_and_stand_in_for_each_other() -> None:
    big, small = replace(ONE, name="big", weight=3), replace(ONE, name="small", weight=1)
    firsts = [names(big, small, chance=n / 100)[0] for n in range(100)]
    assert (firsts.count("big"), firsts.count("small")) == (75, 25)
    assert sorted(names(big, small, chance=0.99)) == ["big", "small"]


@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=6),
    st.floats(0, 1, exclude_max=True),
)
def test_every_trunk_that_fits_is_there_once_up_to_the_most_tried(weights: list[int], chance: float) -> None:
    trunks = [replace(ONE, name=f"t{n}", weight=weight, priority=n % 2) for n, weight in enumerate(weights)]
    found = carriers(trunks, "0312345678", SHOWN, chance)
    assert len(set(found)) == len(found) == min(MOST_TRIED, len(trunks))
    assert [trunk.priority for trunk in found] == sorted(trunk.priority for trunk in trunks)[:MOST_TRIED]


def test_a_call_is_offered_to_so_many_trunks_and_no_more() -> None:
    many = [replace(ONE, name=f"t{n}", priority=n) for n in range(9)]
    assert names(*reversed(many)) == ["t0", "t1", "t2", "t3"]
    assert MOST_TRIED == 4
