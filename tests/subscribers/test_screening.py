import pytest

from dialplan.errors import BadValue
from subscribers.screening import (
    ALLOW_BLOCKS,
    UNSCREENED,
    AlreadyListed,
    ListFull,
    NotListed,
    Screening,
    SelectMode,
    check_allow_limit,
    check_allow_on,
    check_entry,
    check_new_entry,
    last_entry,
)

ONE, TWO = "+819011110001", "+819011110002"


def test_an_entry_is_new_and_finds_room() -> None:
    check_new_entry("list", TWO, [ONE], 2)
    with pytest.raises(AlreadyListed, match="list: found '\\+819011110001'"):
        check_new_entry("list", ONE, [ONE], 2)
    with pytest.raises(ListFull, match="found '2 entries', expected 2 at most"):
        check_new_entry("list", "+819011110003", [ONE, TWO], 2)


def test_a_full_list_says_of_its_own_entry_that_it_is_listed() -> None:
    with pytest.raises(AlreadyListed):
        check_new_entry("list", ONE, [ONE], 1)


def test_what_is_deleted_must_be_listed() -> None:
    check_entry("list", ONE, [ONE])
    with pytest.raises(NotListed):
        check_entry("list", TWO, [ONE])
    assert last_entry("list", [ONE, TWO]) == TWO
    with pytest.raises(NotListed, match="no entry"):
        last_entry("list", [])


@pytest.mark.parametrize("limit", [0, *ALLOW_BLOCKS])
def test_an_allow_list_is_sold_in_the_sizes_of_the_price_list(limit: int) -> None:
    check_allow_limit(limit, limit)
    with pytest.raises(BadValue, match="room for"):
        check_allow_limit(limit, limit + 1)


@pytest.mark.parametrize("limit", [-1, 1, 19, 21, 12001])
def test_an_allow_list_of_another_size_is_not_sold(limit: int) -> None:
    with pytest.raises(BadValue, match="0 or one of 20, 100, 500, 1000, 12000"):
        check_allow_limit(limit, 0)


def test_an_allow_list_that_would_turn_everybody_away_is_not_turned_on() -> None:
    check_allow_on(Screening(allow_limit=20), 1)
    for screening, used in ((Screening(), 0), (Screening(allow_limit=20), 0)):
        with pytest.raises(BadValue, match="allow list"):
            check_allow_on(screening, used)


@pytest.mark.parametrize(
    "screening",
    [Screening(nuisance=True), Screening(allow_on=True, allow_limit=20), Screening(select=SelectMode.RING)],
)
def test_lists_in_force_are_looked_at(screening: Screening) -> None:
    assert screening.has_lists


@pytest.mark.parametrize("screening", [UNSCREENED, Screening(number_request=True), Screening(allow_limit=20)])
def test_nothing_else_costs_a_call_a_look_at_the_lists(screening: Screening) -> None:
    assert not screening.has_lists
