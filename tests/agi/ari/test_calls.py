import pytest

from agi.ari.calls import Calls
from agi.ari.errors import Gone


def test_a_channel_announced_twice_on_a_connection_starts_once() -> None:
    calls = Calls()
    assert calls.start("1", 1) is not None
    assert calls.start("1", 1) is None
    assert calls.adopt("1", 1) is None


def test_an_adopted_channel_is_not_started_by_its_late_stasis_start() -> None:
    calls = Calls()
    assert calls.adopt("1", 2) is not None
    assert calls.start("1", 2) is None


def test_a_known_channel_is_known_across_a_reconnect() -> None:
    calls = Calls()
    calls.start("1", 1)
    assert calls.adopt("1", 2) is None
    assert calls.start("1", 2) is None
    assert calls.missing([], 2) == []


def test_a_channel_on_its_way_out_is_not_adopted() -> None:
    calls = Calls()
    call = calls.start("1", 1)
    assert call is not None
    call.leaving = call.finished = True
    assert calls.adopt("1", 2) is None


def test_a_channel_whose_flow_ended_without_letting_it_go_is_adopted() -> None:
    calls = Calls()
    call = calls.start("1", 1)
    assert call is not None
    call.finished = True
    again = calls.adopt("1", 2)
    assert again is not None
    assert again is not call


async def test_a_channel_that_left_and_came_back_starts_again() -> None:
    calls = Calls()
    first = calls.start("1", 1)
    calls.end("1")
    assert calls.start("1", 1) is not None
    assert first is not None
    with pytest.raises(Gone):
        await first.inbox.get()


async def test_a_stay_whose_end_was_lost_with_the_connection_makes_room_for_the_next() -> None:
    calls = Calls()
    first = calls.start("1", 1)
    second = calls.start("1", 2)
    assert first is not None
    assert second is not None
    assert second is not first
    with pytest.raises(Gone, match="came back"):
        await first.inbox.get()


def test_what_the_application_no_longer_lists_is_missing() -> None:
    calls = Calls()
    for channel_id, connection in (("gone", 1), ("here", 1), ("new", 2)):
        calls.start(channel_id, connection)
    assert calls.missing({"here"}, 2) == ["gone"]


def test_forgetting_an_old_stay_keeps_the_new_one() -> None:
    calls = Calls()
    old = calls.start("1", 1)
    new = calls.start("1", 2)
    assert old is not None
    calls.forget(old)
    assert calls.get("1") is new
    assert new is not None
    calls.forget(new)
    assert len(calls) == 0
