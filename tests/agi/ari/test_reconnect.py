"""Drops, restarts and servers that do not keep up."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agi.ari.client import Arrival
from agi.ari.errors import Gone, Unavailable
from tests.agi.ari.conftest import Running, client
from tests.fakes.ari import FakeAri


async def test_a_drop_during_a_request_fails_it_at_once_and_reconnects(fake: FakeAri, running: Running) -> None:
    fake.put("1.1")
    fake.drop_on.add(("POST", "answer"))
    with pytest.raises(Unavailable, match="connection to Asterisk was lost"):
        await running.ari.answer("1.1")
    await running.connection()
    await running.ari.answer("1.1")
    assert (running.ari.counts["drops"], running.ari.counts["dropped_requests"]) == (1, 1)


async def test_a_call_whose_decision_the_drop_broke_off_is_decided_again(fake: FakeAri, running: Running) -> None:
    async def decide(arrival: Arrival) -> None:
        await running.ari.continue_(arrival.channel.id, variables={"ROUTE": "{}"})

    running.flow = decide  # type: ignore[method-assign]
    fake.drop_on.add(("POST", "variable"))
    await fake.enter("1.1", "ask", "111")
    first, second = await running.arrival(), await running.arrival()
    assert (first.adopted, second.adopted) == (False, True)
    assert first.args == second.args == ("ask", "111")
    await fake.until(lambda: "1.1" in fake.continued)


async def test_after_a_restart_waiting_calls_are_adopted_and_running_ones_keep_their_flow(
    fake: FakeAri, running: Running
) -> None:
    async def listen(arrival: Arrival) -> None:
        while True:
            await arrival.events.get()

    running.flow = listen  # type: ignore[method-assign]
    await fake.enter("talking", "ask")
    await fake.enter("left", "ask")
    talking, left = await running.arrival(), await running.arrival()
    await fake.close()
    del fake.channels["left"]  # hung up meanwhile: its StasisEnd is lost
    fake.put("waiting", "ask", "222")
    await fake.open()
    adopted = await running.arrival()
    await running.connection()
    assert (adopted.channel.id, adopted.args, adopted.adopted) == ("waiting", ("ask", "222"), True)
    with pytest.raises(Gone):
        await left.events.get()
    assert running.arrivals.empty()
    assert not talking.events.closed
    assert running.ari.flows == 2


async def test_a_listed_channel_that_is_gone_when_asked_for_is_passed_over(fake: FakeAri) -> None:
    fake.put("gone")
    fake.put("here", "ask")
    fake.status["GET", "gone"] = 404
    running = Running(client(fake))
    running.start()
    assert (await running.arrival()).channel.id == "here"
    await running.connection()
    assert running.ari.counts["adopted"] == 1
    await running.stop()


async def test_an_adopted_channel_that_is_announced_as_well_starts_once(fake: FakeAri) -> None:
    running = Running(client(fake))
    released = asyncio.Event()

    async def wait(arrival: Arrival) -> None:
        await released.wait()

    running.flow = wait  # type: ignore[method-assign]
    channel = fake.put("1.1", "ask")
    running.start()
    assert (await running.arrival()).adopted
    await fake.event("StasisStart", args=["ask"], channel=channel)
    await fake.enter("1.2")
    assert (await running.arrival()).channel.id == "1.2"
    assert running.ari.counts["duplicate_starts"] == 1
    released.set()
    await running.stop()


async def test_a_channel_just_continued_is_not_adopted_again(fake: FakeAri, running: Running) -> None:
    async def decide(arrival: Arrival) -> None:
        await running.ari.continue_(arrival.channel.id)

    running.flow = decide  # type: ignore[method-assign]
    await fake.enter("1.1")
    await running.arrival()
    await running.ended()
    # Asterisk answered, but the channel is still listed and its StasisEnd did not come through.
    call = running.ari._calls.start("1.1", running.ari._link.serial)
    assert call is not None
    call.leaving = call.finished = True
    fake.put("1.1")
    fake.put("1.2")
    fake.cut()
    assert (await running.arrival()).channel.id == "1.2"
    await running.connection()
    assert running.arrivals.empty()


async def test_an_application_that_cannot_be_listed_is_tried_again(fake: FakeAri) -> None:
    fake.put("1.1", "ask")
    fake.status["GET", "denwaban"] = 500
    running = Running(client(fake))
    running.start()
    await fake.until(lambda: fake.counts["connections"] >= 2)
    fake.status.clear()
    assert (await running.arrival()).adopted
    await running.stop()


async def test_a_failing_on_connected_is_counted_and_the_calls_go_on(fake: FakeAri) -> None:
    running = Running(client(fake))

    async def fail() -> None:
        raise ValueError("boom")

    running._connected = fail  # type: ignore[method-assign]
    running.start()
    await asyncio.wait_for(fake.greeted.wait(), 5)
    await fake.enter("1.1")
    await running.arrival()
    assert (running.ari.counts["failed_greetings"], running.ari.counts["connects"]) == (1, 1)
    await running.stop()


async def test_a_server_that_does_not_read_stops_nobody_from_hearing_it(fake: FakeAri) -> None:
    running = Running(client(fake, timeout=0.5))
    running.start()
    await running.connection()
    fake.put("1.1")
    fake.gate.clear()  # nothing is read; the socket's buffers fill up
    flood = [asyncio.ensure_future(running.ari.set_variable("1.1", "A", "x" * 60_000)) for _ in range(300)]
    await asyncio.sleep(0)
    await fake.enter("1.2")
    assert (await running.arrival()).channel.id == "1.2"
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert running.ari.counts["request_timeouts"] == 300
    await running.stop()


async def test_wrong_credentials_are_retried_with_one_line_in_the_log(fake: FakeAri) -> None:
    running = Running(client(fake, password="wrong"))
    with capture_logs() as logs:
        running.start()
        await fake.until(lambda: fake.counts["denied"] >= 3)
        await running.stop()
    assert [line["event"] for line in logs] == ["ari not reachable"]
    assert "401" in logs[0]["why"]
    assert "wrong" not in str(logs)


async def test_the_client_starts_before_asterisk_does(fake: FakeAri) -> None:
    await fake.close()
    knocks = asyncio.Semaphore(0)

    def turn_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        knocks.release()

    booting = await asyncio.start_server(turn_away, "127.0.0.1", fake.port)
    running = Running(client(fake))
    running.start()
    for _ in range(3):
        await asyncio.wait_for(knocks.acquire(), 5)
    booting.close()
    await booting.wait_closed()
    await fake.open()
    await running.connection()
    assert running.ari.connected
    await running.stop()
