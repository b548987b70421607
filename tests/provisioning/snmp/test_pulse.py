"""The laws of the small machine, for every order of answers and misses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.snmp.pulse import (
    DOWN_AFTER,
    HALF_LIFE,
    NEVER,
    STEADY,
    Pulse,
    State,
    answered,
    damped,
    missed,
    penalty,
)

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
beats = st.lists(st.tuples(st.booleans(), st.integers(0, 600)), max_size=60)


def run(said: list[tuple[bool, int]], pulse: Pulse = NEVER) -> list[tuple[Pulse, bool, datetime, Pulse]]:
    """(before, answered, at, after) of each."""
    steps, at = [], START
    for good, seconds in said:
        at += timedelta(seconds=seconds)
        new = answered(pulse, at) if good else missed(pulse, at)
        steps.append((pulse, good, at, new))
        pulse = new
    return steps


def fallen(times: int, apart: timedelta) -> tuple[Pulse, datetime]:
    """A pulse that was there and fell so often; the time of the last fall."""
    pulse, at = answered(NEVER, START), START
    for fall in range(times):
        if fall:
            at += apart
            for _ in range(STEADY):
                pulse = answered(pulse, at)
        for _ in range(DOWN_AFTER):
            pulse = missed(pulse, at)
    return pulse, at


@given(beats)
def test_nothing_falls_before_the_third_miss_in_a_row(said: list[tuple[bool, int]]) -> None:
    steps = run(said)
    for number, (before, _, _, after) in enumerate(steps):
        if after.down and not before.down:
            assert [good for _, good, _, _ in steps[number - 2 : number + 1]] == [False] * 3


@given(beats)
def test_what_was_never_there_is_never_gone(said: list[tuple[bool, int]]) -> None:
    seen = False
    for _, good, _, after in run(said):
        seen = seen or good
        assert (after.state is State.UNKNOWN) is not seen


@given(beats)
def test_one_good_answer_never_makes_a_damped_one_healthy(said: list[tuple[bool, int]]) -> None:
    steps = run(said)
    for number, (before, _, at, after) in enumerate(steps):
        if before.down and not after.down and damped(before, at):
            assert [good for _, good, _, _ in steps[number - STEADY + 1 : number + 1]] == [True] * STEADY


@given(beats)
def test_times_only_go_forward_and_only_when_the_state_does(said: list[tuple[bool, int]]) -> None:
    for before, _, at, after in run(said):
        if after.state is before.state:
            assert after.since == before.since
        else:
            assert after.since == at
            assert before.since is None or at >= before.since


@given(beats)
def test_a_penalty_only_decays_between_falls(said: list[tuple[bool, int]]) -> None:
    for before, _, at, after in run(said):
        if after.down and not before.down:
            assert penalty(after, at) == penalty(before, at) + 1
        else:
            assert penalty(after, at) == penalty(before, at)
        assert penalty(after, at + HALF_LIFE) == pytest.approx(penalty(after, at) / 2)


def test_two_misses_are_suspect_and_one_is_nothing() -> None:
    healthy = answered(NEVER, START)
    once = missed(healthy, START + MINUTE)
    assert once.state is State.HEALTHY
    assert missed(once, START + 2 * MINUTE).state is State.SUSPECT


def test_a_first_fall_is_over_with_the_first_answer() -> None:
    pulse, at = fallen(1, MINUTE)
    assert answered(pulse, at + MINUTE).state is State.HEALTHY


def test_the_third_fall_in_half_an_hour_takes_five_answers_in_a_row() -> None:
    pulse, at = fallen(3, timedelta(minutes=10))
    for _ in range(STEADY - 1):
        pulse = answered(pulse, at)
        assert pulse.down
    pulse = missed(pulse, at)
    for _ in range(STEADY - 1):
        pulse = answered(pulse, at)
        assert pulse.down
    assert answered(pulse, at).state is State.HEALTHY


def test_three_falls_in_a_day_damp_nothing() -> None:
    pulse, at = fallen(3, timedelta(hours=8))
    assert answered(pulse, at + MINUTE).state is State.HEALTHY
