"""A device's health: two witnesses, ports, restarts; and news that is neither lost nor told twice."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.snmp.health import (
    TICKS_WRAP,
    UNHEARD,
    Change,
    ChangeKind,
    Health,
    Heard,
    Miss,
    PortReading,
    Reading,
    Registration,
    Registrations,
    after,
    faulty_ports,
    restarted,
    with_ports,
)
from provisioning.snmp.pulse import State

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PORTS = (1, 2, 3)
MISS = Miss(why="no answer")

told = st.one_of(st.none(), st.booleans())
readings = st.builds(
    Reading,
    ticks=st.one_of(st.none(), st.integers(0, TICKS_WRAP - 1)),
    ports=st.dictionaries(st.sampled_from(PORTS), st.builds(PortReading, alive=told, registered=told)),
)
registrations = st.builds(
    Registrations,
    ports=st.dictionaries(
        st.sampled_from(PORTS),
        st.builds(
            Registration, registered=st.booleans(), since=st.sampled_from([START - MINUTE, START + 9 * MINUTE])
        ),
    ),
)
news: st.SearchStrategy[list[tuple[Heard, int]]] = st.lists(
    st.tuples(st.one_of(readings, st.just(MISS), registrations), st.integers(-90, 300)), max_size=50
)


def run(heard: list[tuple[Heard, int]], health: Health = UNHEARD) -> list[tuple[Health, tuple[Change, ...]]]:
    found, at = [], START
    for each, seconds in heard:
        at += timedelta(seconds=seconds)
        health, changes = after(health, each, at)
        found.append((health, changes))
    return found


def minutes(*heard: Heard, health: Health = UNHEARD, start: datetime = START) -> tuple[Health, list[ChangeKind]]:
    """One a minute."""
    kinds = []
    for number, each in enumerate(heard):
        health, changes = after(health, each, start + number * MINUTE)
        kinds += [change.kind for change in changes]
    return health, kinds


def said(port: int = 1, *, since: datetime | None, registered: bool = False) -> Registrations:
    return Registrations(ports={port: Registration(registered=registered, since=since or START)})


@given(news)
def test_whoever_follows_the_changes_knows_what_is_down(heard: list[tuple[Heard, int]]) -> None:
    down, dead = False, set[int]()
    for health, changes in run(heard):
        for change in changes:
            match change.kind:
                case ChangeKind.WENT_DOWN:
                    assert not down
                    down, dead = True, set()
                case ChangeKind.CAME_BACK:
                    assert down
                    down = False
                case ChangeKind.PORT_DIED:
                    assert not down
                    assert change.port not in dead
                    dead.add(change.port or 0)
                case ChangeKind.PORT_BACK:
                    assert change.port in dead
                    dead.remove(change.port or 0)
        assert down is health.down
        if not down:
            assert dead == {number for number, port in health.ports.items() if port.dead}
        faults = {number for number, fault in faulty_ports(health, PORTS).items() if fault}
        assert faults == (set(PORTS) if down else dead)


@given(news)
def test_time_never_goes_back_whatever_the_clock_does(heard: list[tuple[Heard, int]]) -> None:
    before = None
    for health, changes in run(heard):
        assert health.at is not None
        assert before is None or health.at >= before
        assert all(change.at == health.at for change in changes)
        assert health.since is None or health.since <= health.at
        before = health.at


@given(news)
def test_the_store_keeps_it_whole(heard: list[tuple[Heard, int]]) -> None:
    health = (run(heard) or [(UNHEARD, ())])[-1][0]
    kept = json.loads(json.dumps(msgspec.to_builtins(health, str_keys=True)))
    assert msgspec.convert(kept, Health, strict=False) == health


def test_three_misses_are_a_fall_and_an_answer_is_the_way_back() -> None:
    health, kinds = minutes(Reading(), MISS, MISS)
    assert (health.state, kinds) == (State.SUSPECT, [])
    health, kinds = minutes(MISS, MISS, Reading(), Reading(), health=health)
    assert (health.state, kinds) == (State.HEALTHY, [ChangeKind.WENT_DOWN, ChangeKind.CAME_BACK])


def test_a_device_that_never_answered_stays_unknown() -> None:
    health, kinds = minutes(*[MISS] * 10)
    assert (health.state, kinds) == (State.UNKNOWN, [])


def test_without_snmp_three_minutes_unregistered_are_a_fall() -> None:
    lost = START + MINUTE
    there = said(since=START, registered=True)
    health, kinds = minutes(there, *[said(since=lost)] * 3)
    assert (health.state, kinds) == (State.HEALTHY, [])
    health, kinds = minutes(said(since=lost), health=health, start=lost + timedelta(minutes=3))
    assert (health.state, kinds) == (State.DOWN, [ChangeKind.WENT_DOWN])
    health, kinds = minutes(there, health=health, start=lost + timedelta(minutes=4))
    assert (health.state, kinds) == (State.HEALTHY, [ChangeKind.CAME_BACK])


def test_one_unregistered_port_of_a_gateway_is_that_port_alone() -> None:
    both = Registrations(ports={one: Registration(registered=True, since=START) for one in (1, 2)})
    health, _ = minutes(Reading(), both)
    _, changes = after(health, said(2, since=START), START + 5 * MINUTE)
    assert [(change.kind, change.port) for change in changes] == [(ChangeKind.PORT_DIED, 2)]


def test_a_port_that_the_gateway_finds_dead_three_times_is_dead() -> None:
    good, bad = ({1: PortReading(alive=True), 2: PortReading(alive=one, registered=True)} for one in (True, False))
    health, kinds = minutes(Reading(ports=good), Reading(ports=bad), Reading(ports=bad))
    assert kinds == []
    health, kinds = minutes(Reading(ports=bad), health=health)
    assert kinds == [ChangeKind.PORT_DIED]
    assert faulty_ports(health, (1, 2)) == {1: False, 2: True}
    health, kinds = minutes(Reading(ports=good), health=health)
    assert (faulty_ports(health, (1, 2)), kinds) == ({1: False, 2: False}, [ChangeKind.PORT_BACK])


def test_a_port_still_dead_when_its_device_comes_back_is_told_then() -> None:
    good, bad = ({1: PortReading(alive=one)} for one in (True, False))
    _, kinds = minutes(Reading(ports=good), *[Reading(ports=bad)] * 3, *[MISS] * 3, Reading(ports=bad))
    died, came = ChangeKind.PORT_DIED, ChangeKind.CAME_BACK
    assert kinds == [died, ChangeKind.WENT_DOWN, came, died]


def test_a_port_taken_away_takes_its_fault_with_it_and_says_nothing() -> None:
    good, bad = ({1: PortReading(alive=True), 2: PortReading(alive=one)} for one in (True, False))
    health, kinds = minutes(Reading(ports=good), *[Reading(ports=bad)] * 3)
    assert kinds == [ChangeKind.PORT_DIED]
    health, changes = with_ports(health, {1}, START)
    assert (set(health.ports), changes) == ({1}, ())


def test_taking_the_last_registered_port_away_is_news_of_the_rest() -> None:
    both = Registrations(ports={one: Registration(registered=True, since=START) for one in (1, 2)})
    health, _ = minutes(both)
    health, _ = after(health, said(2, since=START), START + 5 * MINUTE)
    health, changes = with_ports(health, {2}, START + 6 * MINUTE)
    assert [change.kind for change in changes] == [ChangeKind.WENT_DOWN]


def test_a_restart_is_news_and_no_fall() -> None:
    health, kinds = minutes(
        Reading(ticks=100_000), Reading(ticks=106_000), Reading(ticks=2_000), Reading(ticks=8_000)
    )
    assert (health.state, health.restarts, kinds) == (State.HEALTHY, 1, [ChangeKind.RESTARTED])


@pytest.mark.parametrize(
    ("before", "now", "passed", "expected"),
    [
        (100, 6100, MINUTE, False),
        (6100, 100, MINUTE, True),
        (TICKS_WRAP - 3000, 3000, MINUTE, False),  # 497 days are over
        (TICKS_WRAP - 9_000_000, 3000, MINUTE, True),  # a day short of them
        (50_000, 40_000, timedelta(days=500), False),  # nobody can tell
    ],
)
def test_uptime_that_went_back(before: int, now: int, passed: timedelta, expected: bool) -> None:
    assert restarted(before, now, passed) is expected
