import pytest

from dialplan.errors import BadValue
from subscribers.forwarding import (
    Forwarding,
    ForwardMode,
    started,
    stopped,
    with_entry,
    with_entry_in_use,
    with_ring_seconds,
)

ONE, TWO = "+819011110001", "+819011110002"
SET = Forwarding(entries=(ONE, None, TWO, None))
RUNNING = [mode for mode in ForwardMode if mode is not ForwardMode.OFF]


def test_a_new_line_does_not_forward_and_rings_twenty_seconds() -> None:
    assert (Forwarding().mode, Forwarding().ring_seconds, Forwarding().target) == (ForwardMode.OFF, 20, None)


@pytest.mark.parametrize("mode", RUNNING)
def test_start_resumes_the_last_mode_after_a_stop(mode: ForwardMode) -> None:
    on = started(SET, mode)
    assert (on.mode, on.target) == (mode, ONE)
    off = stopped(on)
    assert off.mode is ForwardMode.OFF
    assert started(off) == on


def test_the_first_start_is_unconditional() -> None:
    assert started(SET).mode is ForwardMode.UNCONDITIONAL


def test_starting_needs_a_number_to_forward_to() -> None:
    with pytest.raises(BadValue, match="forward list entry 1: found None"):
        started(Forwarding())
    with pytest.raises(BadValue, match="forward mode"):
        started(SET, ForwardMode.OFF)


def test_the_entry_in_use_is_one_that_has_a_number() -> None:
    assert with_entry_in_use(SET, 3).target == TWO
    with pytest.raises(BadValue, match="forward list entry 2: found None"):
        with_entry_in_use(SET, 2)


def test_an_entry_is_set_alone_and_emptied() -> None:
    assert with_entry(SET, 4, "+819011110004").entries == (ONE, None, TWO, "+819011110004")
    assert with_entry(SET, 1, None).entries == (None, None, TWO, None)


def test_the_entry_in_use_cannot_be_emptied_while_forwarding() -> None:
    with pytest.raises(BadValue, match="stop it first"):
        with_entry(started(SET), 1, None)
    assert with_entry(started(SET), 3, None).entries == (ONE, None, None, None)


@pytest.mark.parametrize("entry", [0, 5, -1])
def test_the_forward_list_has_four_entries(entry: int) -> None:
    expected = f"forward list entry: found {entry}, expected 1 to 4"
    with pytest.raises(BadValue, match=expected):
        with_entry(SET, entry, ONE)
    with pytest.raises(BadValue, match=expected):
        with_entry_in_use(SET, entry)


def test_ring_time_is_five_to_sixty_seconds() -> None:
    assert [with_ring_seconds(SET, seconds).ring_seconds for seconds in (5, 60)] == [5, 60]
    for seconds in (4, 61, -20):
        with pytest.raises(BadValue, match="ring seconds"):
            with_ring_seconds(SET, seconds)
