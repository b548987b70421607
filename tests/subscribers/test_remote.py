from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from subscribers.remote import LOCKED_FOR, WITHIN, WRONG_BEFORE_LOCK, Lockout, after_wrong_pin, check_pin_form

T0 = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("pin", ["1234", "00000000", "12345"])
def test_a_pin_has_4_to_8_digits(pin: str) -> None:
    check_pin_form(pin)


@pytest.mark.parametrize("pin", ["", "987", "987654321", "98a7", "９８７６", "98 7", "-987", "9876\n"])
def test_another_form_is_refused_without_being_quoted(pin: str) -> None:
    with pytest.raises(BadValue, match="4 to 8 digits") as refused:
        check_pin_form(pin)
    assert not pin or pin not in str(refused.value)


def wrong(times: list[datetime]) -> Lockout:
    lockout = Lockout()
    for at in times:
        lockout = after_wrong_pin(lockout, at)
    return lockout


def test_the_fifth_wrong_pin_within_an_hour_locks_for_an_hour() -> None:
    fifth = T0 + 4 * MINUTE
    assert not wrong([T0 + n * MINUTE for n in range(4)]).locked(T0 + 3 * MINUTE)
    lockout = wrong([T0 + n * MINUTE for n in range(5)])
    assert [lockout.locked(fifth + after) for after in (timedelta(0), LOCKED_FOR - MINUTE / 60)] == [True, True]
    assert not lockout.locked(fifth + LOCKED_FOR)


def test_wrong_pins_an_hour_apart_do_not_add_up() -> None:
    assert not wrong([T0 + n * WITHIN / 4 for n in range(20)]).locked(T0 + 5 * WITHIN)


def test_guessing_on_does_not_prolong_the_lock_and_counting_begins_anew_after_it() -> None:
    lockout = wrong([T0] * 5 + [T0 + n * MINUTE for n in range(1, 59)])
    assert not lockout.locked(T0 + LOCKED_FOR)
    again = after_wrong_pin(lockout, T0 + LOCKED_FOR)
    assert (again.wrong, again.locked_until) == ((T0 + LOCKED_FOR,), None)


@given(st.lists(st.integers(min_value=0, max_value=1800), max_size=200))
def test_no_hour_holds_more_guesses_than_the_lock_out_allows(pauses: list[int]) -> None:
    """Guesses are counted that were not met by a lock: each of them could have been right."""
    at, lockout, taken = T0, Lockout(), list[datetime]()
    for pause in pauses:
        at += timedelta(seconds=pause)
        if not lockout.locked(at):
            taken.append(at)
        lockout = after_wrong_pin(lockout, at)
        assert len(lockout.wrong) < WRONG_BEFORE_LOCK
    for first, sixth in zip(taken, taken[WRONG_BEFORE_LOCK:], strict=False):
        assert sixth - first >= WITHIN


@given(st.lists(st.integers(min_value=-7200, max_value=7200), max_size=60))
def test_a_clock_that_jumps_never_locks_for_longer_than_an_hour(jumps: list[int]) -> None:
    at, lockout = T0, Lockout()
    for jump in jumps:
        at += timedelta(seconds=jump)
        before = lockout
        lockout = after_wrong_pin(lockout, at)
        if lockout.locked_until is not None and lockout is not before:
            assert lockout.locked_until == at + LOCKED_FOR
