import asyncio

import pytest

from agi.ari.client import Ari
from agi.ari.errors import Refused, TooLarge, Unavailable
from agi.ari.exchange import Response
from agi.ari.messages import PlaybackFinished, PlaybackStarted
from tests.agi.ari.conftest import Running, client
from tests.fakes.ari import FakeAri


async def test_variables_come_back_as_they_were_set(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    value = '{"名":"a,b","x":"${Y} +%20&="}'
    await running.ari.set_variable("1.1", "ROUTE", value)
    assert await running.ari.get_variable("1.1", "ROUTE") == value
    assert await running.ari.get_variable("1.1", "OTHER") is None
    with pytest.raises(Refused, match="404 Not Found"):
        await running.ari.get_variable("gone", "ROUTE")


async def test_a_playback_is_followed_by_its_id(fake: FakeAri, running: Running) -> None:
    await fake.enter("1.1")
    arrival = await running.arrival()
    await running.ari.answer("1.1")
    playback_id = await running.ari.play("1.1", "sound:a", "sound:b")
    started, finished = await arrival.events.get(), await arrival.events.get()
    assert isinstance(started, PlaybackStarted)
    assert isinstance(finished, PlaybackFinished)
    assert started.playback.id == finished.playback.id == playback_id
    assert fake.requests[-1][2] == {"media": ["sound:a", "sound:b"]}
    await running.ari.stop_playback(playback_id)  # has ended already: what was wanted
    assert (await running.ari.channel("1.1")).state == "Up"
    assert await running.ari.channels_in_app() == ["1.1"]


async def test_a_channel_id_cannot_leave_its_place_in_the_path(fake: FakeAri, running: Running) -> None:
    with pytest.raises(Refused):
        await running.ari.answer("../applications/x?a=b")
    assert fake.requests[-1][1] == "channels/..%2Fapplications%2Fx%3Fa%3Db/answer"


async def test_many_requests_are_under_way_at_once(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    await asyncio.gather(*(running.ari.set_variable("1.1", f"V{n}", str(n)) for n in range(300)))
    assert {fake.variables["1.1", f"V{n}"] for n in range(300)} == {str(n) for n in range(300)}


async def test_when_one_of_the_frames_is_too_large_none_is_sent(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    before = list(fake.requests)
    with pytest.raises(TooLarge):
        await running.ari.continue_("1.1", variables={"A": "ok", "B": "x" * 66_000})
    await running.ari.answer("1.1")
    assert fake.requests == [*before, ("POST", "channels/1.1/answer", {})]


async def test_a_refused_variable_is_reported_though_the_channel_went_on(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    fake.status["POST", "variable"] = 409
    with pytest.raises(Refused, match=r"POST channels/1\.1/variable: Asterisk answered 409"):
        await running.ari.continue_("1.1", context="in", extension="1", priority=3, variables={"A": "b"})
    assert fake.continued["1.1"] == {"context": "in", "extension": "1", "priority": 3}


async def test_a_5xx_is_unavailable_with_its_status(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    fake.status["POST", "answer"] = 500
    with pytest.raises(Unavailable, match="answered 500 Told To") as caught:
        await running.ari.answer("1.1")
    assert caught.value.status == 500
    assert running.ari.connected


async def test_a_request_without_an_answer_times_out_alone(fake: FakeAri) -> None:
    running = Running(client(fake, timeout=0.2))
    running.start()
    await running.connection()
    fake.put("1.1")
    fake.mute.add(("POST", "answer"))
    lost = asyncio.ensure_future(running.ari.answer("1.1"))
    await fake.until(lambda: fake.requests[-1][1].endswith("answer"))
    await running.ari.set_variable("1.1", "A", "b")
    with pytest.raises(Unavailable, match="no answer in time"):
        await lost
    assert running.ari.counts["request_timeouts"] == 1
    assert running.ari.counts["connects"] == 1
    await running.stop()


async def test_a_cancelled_request_leaves_the_others_alone(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    fake.gate.clear()
    first, second = (asyncio.ensure_future(running.ari.set_variable("1.1", name, "v")) for name in "AB")
    await asyncio.sleep(0)
    first.cancel()
    fake.gate.set()
    await second
    assert fake.variables == {("1.1", "A"): "v", ("1.1", "B"): "v"}
    assert first.cancelled()


async def test_http_carries_what_the_websocket_should_not(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    await running.ari.http_request("POST", "channels/1.1/variable", variable="BIG", value="x" * 200_000)
    assert fake.variables["1.1", "BIG"] == "x" * 200_000
    assert await running.ari.http_request("GET", "channels/1.1/variable", variable="BIG") == Response(
        status=200, body=f'{{"value": "{"x" * 200_000}"}}'
    )
    with pytest.raises(Refused, match="GET channels/gone: Asterisk answered 404"):
        await running.ari.http_request("GET", "channels/gone")
    fake.status["GET", "1.1"] = 503
    with pytest.raises(Unavailable, match="503"):
        await running.ari.http_request("GET", "channels/1.1")


async def test_without_a_connection_requests_are_unavailable_at_once() -> None:
    ari = Ari(host="127.0.0.1", port=1, username="u", password="p", app="denwaban")
    with pytest.raises(Unavailable, match="POST channels/1/answer: not connected"):
        await ari.answer("1")
    with pytest.raises(Unavailable, match="not running"):
        await ari.http_request("GET", "asterisk/info")


async def test_a_call_is_begun_with_the_identities_and_variables_it_is_given(fake: FakeAri, running: Running) -> None:
    await running.ari.originate(
        "Local/0312345678@call-out/n",
        channel_id="sw1CB-1.1",
        other_channel_id="sw1CBL-1.1",
        context="callback",
        extension="0312345678",
        caller="0312345678",
        seconds=65.0,
        variables={"ROUTE": "{}"},
    )
    method, uri, params = fake.requests[-1]
    assert (method, uri) == ("POST", "channels")
    assert params == {
        "endpoint": "Local/0312345678@call-out/n",
        "channelId": "sw1CB-1.1",
        "otherChannelId": "sw1CBL-1.1",
        "context": "callback",
        "extension": "0312345678",
        "priority": 1,
        "callerId": "0312345678",
        "timeout": 65,
        "variables": {"ROUTE": "{}"},
    }


async def test_a_channel_that_is_gone_does_not_exist_and_one_that_cannot_be_asked_for_is_no_answer(
    fake: FakeAri, running: Running
) -> None:
    fake.put("1.1")
    await running.ari.ring("1.1")
    assert (await running.ari.channel("1.1")).state == "Ringing"
    assert await running.ari.exists("1.1")
    assert not await running.ari.exists("1.2")
    fake.status["GET", "1.1"] = 500
    with pytest.raises(Unavailable):
        await running.ari.exists("1.1")
