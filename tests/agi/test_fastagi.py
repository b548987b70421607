"""The FastAGI server on a real socket: strangers, hang-ups and slow handlers harm nobody else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import uvloop
from structlog.testing import capture_logs

from agi.fastagi import AgiRequest, FastAgiServer, Handler, HungUp, NoReply

ENVIRONMENT = (
    b"agi_network: yes\nagi_network_script: hangup\nagi_channel: PJSIP/carrier-0000001a\n"
    b"agi_uniqueid: 1795206049.1\nagi_arg_1: one\n\n"
)


@contextlib.asynccontextmanager
async def serving(handler: Handler, **limits: float) -> AsyncIterator[tuple[FastAgiServer, int]]:
    server = FastAgiServer(handler, **limits)  # type: ignore[arg-type]
    port = await server.listen("127.0.0.1", 0)
    try:
        yield server, port
    finally:
        await server.close(grace_seconds=1)


class Caller:
    """An Asterisk that says what a test tells it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int, *first: bytes) -> "Caller":
        caller = cls(*await asyncio.open_connection("127.0.0.1", port))
        for data in first:
            caller.writer.write(data)
        return caller

    async def end(self) -> bytes:
        """Everything up to the server's close."""
        async with asyncio.timeout(5):
            try:
                found = await self.reader.read()
            except ConnectionResetError:
                found = b""
        await self.hang_up()
        return found

    async def hang_up(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


class Heard:
    def __init__(self) -> None:
        self.requests: asyncio.Queue[AgiRequest] = asyncio.Queue()

    async def __call__(self, request: AgiRequest) -> None:
        self.requests.put_nowait(request)

    async def next(self) -> AgiRequest:
        async with asyncio.timeout(5):
            return await self.requests.get()


async def test_the_handler_gets_the_environment_and_the_connection_is_closed() -> None:
    heard = Heard()
    async with serving(heard) as (server, port):
        caller = await Caller.to(port, ENVIRONMENT)
        assert await caller.end() == b""
        request = await heard.next()
        assert (request.script, request.uniqueid, request.arguments) == ("hangup", "1795206049.1", ("one",))
        assert request.channel == "PJSIP/carrier-0000001a"
        assert server.counts.handled == 1
        assert not server.connections


async def test_a_client_that_closes_before_its_headers_end_does_not_freeze_the_others() -> None:
    """panoramisk 1.4 loops for ever here, and the whole process with it."""
    heard = Heard()
    async with serving(heard) as (server, port):
        with capture_logs() as logs:
            early = await Caller.to(port, ENVIRONMENT[:-1])
            early.writer.write_eof()
            assert await early.end() == b""
        assert server.counts.closed_early == 1
        assert logs[0]["kind"] == "closed_early"
        assert logs[0]["peer"].startswith("127.0.0.1:")
        await (await Caller.to(port, ENVIRONMENT)).end()
        assert (await heard.next()).uniqueid == "1795206049.1"


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", ENVIRONMENT + b"200 result=1\n"]
)
async def test_a_malformed_client_is_named_counted_and_closed_and_the_others_served(garbage: bytes) -> None:
    heard = Heard()
    async with serving(heard) as (server, port):
        with capture_logs() as logs:
            await (await Caller.to(port, garbage)).end()
        assert server.counts.malformed == 1
        assert (logs[0]["kind"], logs[0]["peer"].split(":")[0]) == ("malformed", "127.0.0.1")
        assert heard.requests.empty()
        await (await Caller.to(port, ENVIRONMENT)).end()
        assert (await heard.next()).uniqueid == "1795206049.1"


async def test_an_environment_that_never_ends_is_closed_when_its_time_is_over() -> None:
    async with serving(Heard(), environment_seconds=0.05) as (server, port):
        assert await (await Caller.to(port, ENVIRONMENT[:40])).end() == b""
        assert server.counts.late == 1


async def test_connections_over_the_limit_are_refused_and_a_free_place_is_used_again() -> None:
    heard, go = Heard(), asyncio.Event()

    async def waits(request: AgiRequest) -> None:
        await heard(request)
        await go.wait()

    async with serving(waits, max_connections=1) as (server, port):
        first = await Caller.to(port, ENVIRONMENT)
        await heard.next()
        await (await Caller.to(port, ENVIRONMENT)).end()
        assert server.counts.refused == 1
        go.set()
        await first.end()
        await (await Caller.to(port, ENVIRONMENT)).end()
        await heard.next()
        assert (server.counts.handled, server.counts.refused) == (2, 1)


async def test_a_handler_that_raises_or_hangs_is_counted_and_logged_with_its_call() -> None:
    async def hangs_or_raises(request: AgiRequest) -> None:
        if request.arguments == ("one",):
            raise RuntimeError("no such price")
        await asyncio.Event().wait()

    async with serving(hangs_or_raises, handler_seconds=0.05) as (server, port):
        with capture_logs() as logs:
            await (await Caller.to(port, ENVIRONMENT)).end()
            await (await Caller.to(port, ENVIRONMENT.replace(b"one", b"two"))).end()
        assert server.counts.failed == 2
        assert [entry["uniqueid"] for entry in logs] == ["1795206049.1"] * 2


async def test_a_peer_that_goes_away_does_not_stop_a_charge_that_has_begun() -> None:
    charged = asyncio.Event()

    async def charges(request: AgiRequest) -> None:
        with pytest.raises(HungUp):
            await request.command("VERBOSE x 1")
        await asyncio.sleep(0)
        assert request.hung_up
        charged.set()

    async with serving(charges) as (_, port):
        caller = await Caller.to(port, ENVIRONMENT)
        await caller.reader.readline()
        caller.writer.transport.abort()
        async with asyncio.timeout(5):
            await charged.wait()


async def test_closing_waits_for_a_running_handler_and_cancels_one_that_does_not_end() -> None:
    heard, ended = Heard(), asyncio.Event()

    async def ends_when_told_or_never(request: AgiRequest) -> None:
        await heard(request)
        if request.arguments == ("one",):
            await request.command("VERBOSE x 1")
            ended.set()
        else:
            await asyncio.Event().wait()

    async with serving(ends_when_told_or_never) as (server, port):
        callers = [await Caller.to(port, each) for each in (ENVIRONMENT, ENVIRONMENT.replace(b"one", b"two"))]
        for _ in callers:
            await heard.next()
        closing = asyncio.create_task(server.close(grace_seconds=0.2))
        await callers[0].reader.readline()
        callers[0].writer.write(b"200 result=1\n")
        await closing
        assert ended.is_set()
        assert (server.counts.handled, server.counts.failed) == (1, 1)
        for caller in callers:
            await caller.end()


async def test_replies_stay_in_step_through_a_usage_of_many_lines_and_a_hangup() -> None:
    """panoramisk 1.4 reads one line of the usage, and takes HANGUP for the reply to the next command."""
    codes: list[tuple[int, str, bool]] = []

    async def asks(request: AgiRequest) -> None:
        for command in ("SET VARIABLE", "EXEC Hangup", "VERBOSE x 1"):
            reply = await request.command(command)
            codes.append((reply.code, reply.result, request.hung_up))

    async with serving(asks) as (_, port):
        caller = await Caller.to(port, ENVIRONMENT)
        assert await caller.reader.readline() == b"SET VARIABLE\n"
        caller.writer.write(b"520-Invalid command syntax.\nSets a variable.\n520 End of proper usage.\n")
        assert await caller.reader.readline() == b"EXEC Hangup\n"
        caller.writer.write(b"HANGUP\n200 result=-1\n")
        assert await caller.reader.readline() == b"VERBOSE x 1\n"
        caller.writer.write(b"200 result=1\n")
        await caller.end()
    assert codes == [(520, "", False), (200, "-1", True), (200, "1", True)]


async def test_a_peer_that_closes_instead_of_replying_is_a_hangup_not_a_value_error() -> None:
    ended = asyncio.Event()

    async def asks(request: AgiRequest) -> None:
        for _ in range(2):
            with pytest.raises(HungUp, match=request.peer):
                await request.command("VERBOSE x 1")
        ended.set()

    async with serving(asks) as (_, port):
        caller = await Caller.to(port, ENVIRONMENT)
        await caller.reader.readline()
        await caller.hang_up()
        async with asyncio.timeout(5):
            await ended.wait()


async def test_a_command_without_a_reply_ends_in_its_time_and_closes_the_connection() -> None:
    ends: list[str] = []

    async def asks(request: AgiRequest) -> None:
        try:
            await request.command("VERBOSE x 1", seconds=0.02)
        except NoReply as error:
            ends.append(str(error))

    async with serving(asks) as (_, port):
        caller = await Caller.to(port, ENVIRONMENT)
        assert await caller.end() == b"VERBOSE x 1\n"
    assert "VERBOSE x 1" in ends[0]


def test_it_serves_on_uvloop_whose_transports_are_not_asyncio_s() -> None:
    async def once() -> None:
        heard = Heard()
        async with serving(heard) as (_, port):
            await (await Caller.to(port, ENVIRONMENT)).end()
            assert (await heard.next()).uniqueid == "1795206049.1"

    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(once())
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
