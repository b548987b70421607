from hypothesis import given
from hypothesis import strategies as st

from provisioning.snmp.schedule import EVERY, HINT_PAUSE, hinted, next_turn, offset

ids = st.integers(0, 100_000)
times = st.floats(0, 1e7)


@given(ids, times)
def test_the_next_turn_is_after_now_and_within_one_interval(device_id: int, now: float) -> None:
    turn = next_turn(device_id, now)
    assert now < turn <= now + EVERY + 1e-6


@given(ids, times)
def test_turns_of_a_device_are_one_interval_apart(device_id: int, now: float) -> None:
    turn = next_turn(device_id, now)
    assert abs(next_turn(device_id, turn) - turn - EVERY) < 1e-6


@given(st.integers(0, 10_000))
def test_a_thousand_devices_are_spread_evenly(first: int) -> None:
    seconds = [0] * int(EVERY)
    for device_id in range(first, first + 1000):
        seconds[int(offset(device_id))] += 1
    assert max(seconds) <= 19
    assert min(seconds) >= 14


def test_a_hint_is_followed_at_once_but_not_twice_in_five_seconds() -> None:
    assert hinted(None, 100.0) == 100.0
    assert hinted(50.0, 100.0) == 100.0
    assert hinted(99.0, 100.0) == 99.0 + HINT_PAUSE
