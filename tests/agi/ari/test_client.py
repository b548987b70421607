import asyncio
import json

import pytest
from structlog.testing import capture_logs

from agi.ari.client import Ari, Arrival
from agi.ari.errors import Closed, Gone, Overflow, Replaced
from agi.ari.messages import EVENT_TYPES, ChannelDtmfReceived, ChannelHangupRequest, StasisEnd
from tests.agi.ari.conftest import Running, client
from tests.fakes.ari import FakeAri


async def until_gone(arrival: Arrival) -> list[str]:
    kinds = []
    try:
        while True:
            kinds.append(type(await arrival.events.get()).__name__)
    except Closed:
        return kinds


async def test_a_call_is_decided_with_two_requests_written_together(fake: FakeAri, running: Running) -> None:
    async def decide(arrival: Arrival) -> None:
        await running.ari.continue_(arrival.channel.id, label="routed", variables={"ROUTE": '{"legs":["数"]}'})

    running.flow = decide  # type: ignore[method-assign]
    before = len(fake.requests)
    await fake.enter("1.7", "ask", "111")
    arrival = await running.arrival()
    await running.ended()
    assert (arrival.args, arrival.adopted, arrival.channel.caller.number) == (("ask", "111"), False, "0312345678")
    assert fake.requests[before:] == [
        ("POST", "channels/1.7/variable", {"variable": "ROUTE", "value": '{"legs":["数"]}'}),
        ("POST", "channels/1.7/continue", {"label": "routed"}),
    ]


async def test_only_the_events_we_use_are_asked_for(fake: FakeAri, running: Running) -> None:
    method, uri, params = fake.requests[0]
    assert (method, uri) == ("PUT", "applications/denwaban/eventFilter")
    assert params == {"allowed": [{"type": kind} for kind in EVENT_TYPES]}
    await fake.event("ChannelVarset", variable="A", value="b")
    assert fake.counts["withheld"] == 1


async def test_each_calls_events_reach_its_own_flow_in_order(fake: FakeAri, running: Running) -> None:
    heard: dict[str, list[str]] = {}

    async def listen(arrival: Arrival) -> None:
        try:
            while True:
                event = await arrival.events.get()
                if isinstance(event, ChannelDtmfReceived):
                    heard.setdefault(arrival.channel.id, []).append(event.digit)
        except Gone:
            return

    running.flow = listen  # type: ignore[method-assign]
    for channel_id in ("1.1", "1.2"):
        await fake.enter(channel_id, "ask")
    for key in "123":
        await fake.digit("1.1", key)
        await fake.digit("1.2", str(9 - int(key)))
    for channel_id in ("1.1", "1.2"):
        await fake.leave(channel_id)
    for _ in range(2):
        await running.arrival()
    await running.ended()
    assert heard == {"1.1": ["1", "2", "3"], "1.2": ["8", "7", "6"]}


async def test_a_hangup_ends_the_events_with_gone(fake: FakeAri, running: Running) -> None:
    await fake.enter("1.1")
    arrival = await running.arrival()
    await running.ari.hangup("1.1", 17)
    await running.ari.hangup("1.1", 17)  # gone already: what was wanted
    assert ("DELETE", "channels/1.1", {"reason_code": "17"}) in fake.requests
    assert isinstance(await arrival.events.get(), ChannelHangupRequest)
    assert isinstance(await arrival.events.get(), StasisEnd)
    with pytest.raises(Gone):
        await arrival.events.get()


async def test_a_failing_flow_is_counted_and_its_caller_goes_on_in_the_dialplan(
    fake: FakeAri, running: Running
) -> None:
    async def fail(arrival: Arrival) -> None:
        raise ValueError("boom")

    running.flow = fail  # type: ignore[method-assign]
    with capture_logs() as logs:
        await fake.enter("1.1")
        await running.arrival()
        await running.ended()
    assert fake.continued == {"1.1": {}}
    assert running.ari.counts["failed_flows"] == running.ari.counts["let_go"] == 1
    assert [(line["event"], line["channel"]) for line in logs] == [("flow failed", "1.1")]
    await fake.enter("1.2")
    assert (await running.arrival()).channel.id == "1.2"


async def test_a_failed_flow_is_let_go_once_asterisk_can_again(
    fake: FakeAri, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(arrival: Arrival) -> None:
        raise ValueError("boom")

    monkeypatch.setattr("agi.ari.client.LET_GO_SECONDS", 0.01)
    running.flow = fail  # type: ignore[method-assign]
    fake.status["POST", "continue"] = 503
    await fake.enter("1.1")
    await fake.until(lambda: sum(uri.endswith("continue") for _, uri, _ in fake.requests) >= 2)
    fake.status.clear()
    await fake.until(lambda: "1.1" in fake.continued)


async def test_a_flow_that_ends_because_its_caller_hung_up_has_not_failed(fake: FakeAri, running: Running) -> None:
    async def menu(arrival: Arrival) -> None:
        while True:
            await arrival.events.get()

    running.flow = menu  # type: ignore[method-assign]
    await fake.enter("1.1")
    await running.arrival()
    await fake.leave("1.1")
    await running.ended()
    assert running.ari.counts["failed_flows"] == 0


async def test_an_unread_inbox_ends_that_flow_and_no_other(fake: FakeAri) -> None:
    running = Running(client(fake, inbox_limit=3))
    read, ends = asyncio.Event(), asyncio.Queue[Exception]()

    async def slow(arrival: Arrival) -> None:
        await read.wait()
        try:
            while True:
                await arrival.events.get()
        except Closed as error:
            ends.put_nowait(error)
            raise

    running.flow = slow  # type: ignore[method-assign]
    running.start()
    await running.connection()
    await fake.enter("1.1")
    await fake.enter("1.2")
    for key in "123456":
        await fake.digit("1.1", key)
    await fake.digit("1.2", "1")
    await fake.enter("1.3")  # came after the flood
    for _ in range(3):
        await running.arrival()
    read.set()
    assert isinstance(await asyncio.wait_for(ends.get(), 5), Overflow)
    await fake.until(lambda: "1.1" in fake.continued)
    assert running.ari.counts["overflows"] == 1
    assert running.ari.counts["connects"] == 1
    assert (list(fake.continued), list(fake.channels)) == (["1.1"], ["1.2", "1.3"])
    await running.stop()


async def test_a_blocked_flow_does_not_hold_up_the_reader(fake: FakeAri, running: Running) -> None:
    async def forever(arrival: Arrival) -> None:
        await asyncio.Event().wait()

    running.flow = forever  # type: ignore[method-assign]
    for n in range(200):
        await fake.enter(f"1.{n}")
    assert {(await running.arrival()).channel.id for _ in range(200)} == {f"1.{n}" for n in range(200)}


@pytest.mark.parametrize("frame", ["{not json", "[]", '{"type":"StasisStart","channel":7}', "\x00"])
async def test_garbage_is_counted_and_the_connection_goes_on(fake: FakeAri, running: Running, frame: str) -> None:
    await fake.raw(frame)
    await fake.enter("1.1")
    await running.arrival()
    assert (running.ari.counts["garbage"], running.ari.counts["connects"]) == (1, 1)


async def test_unknown_events_and_unasked_answers_are_counted(fake: FakeAri, running: Running) -> None:
    await fake.raw(json.dumps({"type": "BrandNewEvent", "channel": "not even an object"}))
    await fake.event("RESTResponse", request_id="999999", status_code=200)
    await fake.event("StasisEnd", channel={"id": "never seen"})
    await fake.enter("1.1")
    await running.arrival()
    counts = running.ari.counts
    assert (counts["unknown_events"], counts["unmatched_responses"], counts["stray_events"]) == (1, 1, 1)
    assert counts["connects"] == 1


async def test_another_program_under_our_name_ends_the_client_with_the_reason(
    fake: FakeAri, running: Running
) -> None:
    other = Running(client(fake))
    other.start()
    await other.connection()
    assert running.task is not None
    with pytest.raises(Replaced, match="application denwaban"):
        await asyncio.wait_for(running.task, 5)
    running.task = None
    await other.stop()


async def test_stopping_leaves_the_calls_for_the_next_process(fake: FakeAri, running: Running) -> None:
    running.flow = until_gone  # type: ignore[method-assign,assignment]
    await fake.enter("1.1")
    await running.arrival()
    await running.stop()
    assert list(fake.channels) == ["1.1"]
    assert fake.continued == {}
    next_process = Running(client(fake))
    next_process.start()
    assert (await next_process.arrival()).adopted
    await next_process.stop()


def test_credentials_are_in_no_url() -> None:
    ari = Ari(host="127.0.0.1", port=1, username="user-u", password="pass-p", app="denwaban")
    assert "user-u" not in ari._link._url + ari._base
    assert "pass-p" not in ari._link._url + ari._base


async def test_a_call_that_asterisk_cannot_announce_is_let_go_and_calls_with_a_flow_are_not(fake: FakeAri) -> None:
    running = Running(client(fake, sweep=0.02))
    running.start()
    try:
        await running.connection()
        held = asyncio.Event()

        async def hold(arrival: Arrival) -> None:
            await held.wait()

        running.flow = hold  # type: ignore[method-assign]
        await fake.enter("1.1", "ask")
        await running.arrival()
        fake.put("1.2", "ask")
        await fake.until(lambda: "1.2" in fake.continued)
        fake.put("1.3", "ask")
        await fake.until(lambda: "1.3" in fake.continued)
        assert set(fake.continued) == {"1.2", "1.3"}
        assert running.ari.counts["unannounced"] >= 1
        held.set()
    finally:
        await running.stop()


async def test_a_leg_that_cannot_be_let_go_is_left_alone(fake: FakeAri) -> None:
    running = Running(client(fake, sweep=0.02))
    running.start()
    try:
        await running.connection()
        fake.status["POST", "continue"] = 409
        fake.put("1.1", "ask")
        await fake.until(lambda: sum(uri.endswith("/continue") for _, uri, _ in fake.requests) >= 2)
        assert running.ari.counts["unannounced"] == 0
        assert "1.1" in fake.channels
    finally:
        await running.stop()
