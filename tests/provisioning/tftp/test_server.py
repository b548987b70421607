"""The TFTP server on real sockets: strangers, slow answers and silent devices harm nobody else."""

import asyncio
import errno
import mmap
import socket
from pathlib import Path

import pytest
import uvloop
from structlog.testing import capture_logs

from provisioning.fetch import Via
from provisioning.serving import NotFound, Request, Served
from provisioning.tftp.exchange import Finished
from provisioning.tftp.packets import Ack, Data, Error, Fault, OptionsAck, ReadRequest, WriteRequest
from provisioning.tftp.server import TftpServer
from provisioning.tftp.sockets import Address, answering
from tests.fixtures.tftp import Client, Running, serving

HOST = "127.0.0.1"
FILES = {"a.cfg": b"a" * 700, "empty": b"", "lines": b"one\ntwo\r\n"}


async def fetch(client: Client, name: str = "a.cfg", *options: tuple[str, str], mode: str = "octet") -> bytes:
    """As a good device does. Raises AssertionError for anything but the file."""
    client.send(ReadRequest(name, mode, options))
    size, found, block = 512, b"", 1
    while True:
        message = await client.hear()
        if isinstance(message, OptionsAck):
            size = int(dict(message.options).get("blksize", size))
            client.send(Ack(0))
            continue
        assert isinstance(message, Data), message
        if message.block == block:
            found, block = found + message.data, block + 1
            client.send(Ack(message.block))
            if len(message.data) < size:
                return found


async def test_a_file_is_sent_from_a_port_of_its_own_and_its_end_is_logged_on_one_line() -> None:
    async with (
        serving(FILES) as running,
        Client((HOST, running.port)) as client,
        Client((HOST, running.port)) as other,
    ):
        with capture_logs() as logs:
            assert await fetch(client) == FILES["a.cfg"]
            end = await running.end()
        assert await fetch(other) == FILES["a.cfg"]
        assert len({running.port, client.to[1], other.to[1]}) == 3
        assert end.request == Request(name="a.cfg", address=HOST, port=client.port, via=Via.TFTP)
        assert (end.bytes, end.outcome, end.served) == (700, "sent", True)
        (line,) = logs
        assert (line["event"], line["name"], line["address"], line["bytes"]) == ("tftp transfer", "a.cfg", HOST, 700)
        assert {"seconds", "resent", "outcome", "port"} <= line.keys()


async def test_every_option_is_granted_in_one_acknowledgement() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        asked = (("tsize", "0"), ("blksize", "9000"), ("timeout", "3"), ("windowsize", "2"), ("rollover", "0"))
        client.send(ReadRequest("a.cfg", "octet", asked))
        granted = (("tsize", "700"), ("blksize", "1428"), ("timeout", "3"), ("windowsize", "2"))
        assert await client.hear() == OptionsAck(granted)
        client.send(Ack(0))
        assert await client.hear() == Data(1, FILES["a.cfg"])


@pytest.mark.parametrize("value", ["abc", "", "-1", "99999999999"])
async def test_a_broken_option_costs_nobody_his_file(value: str) -> None:
    """tftpy 0.8.7's server ends here."""
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        client.send(b"\0\1a.cfg\0octet\0blksize\0" + value.encode() + b"\0windowsize\0x\0tsize")
        assert await client.hear() == Data(1, b"a" * 512)


async def test_netascii_is_converted_and_tsize_is_of_what_is_sent() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        assert await fetch(client, "lines", mode="netascii") == b"one\r\ntwo\r\0\r\n"
        await running.end()
        client.to = (HOST, running.port)
        client.send(ReadRequest("lines", "NETASCII", (("tsize", "0"),)))
        assert await client.hear() == OptionsAck((("tsize", "12"),))


@pytest.mark.parametrize(
    ("datagram", "fault"),
    [
        (ReadRequest("nothing", "octet"), Fault.NOT_FOUND),
        (WriteRequest("a.cfg", "octet"), Fault.ACCESS_VIOLATION),
        (ReadRequest("a.cfg", "mail"), Fault.ILLEGAL_OPERATION),
        (b"\0\1\xe3\x81\x82.cfg\0octet\0", Fault.ILLEGAL_OPERATION),
        (b"\0\1a.cfg", Fault.ILLEGAL_OPERATION),
    ],
)
async def test_what_cannot_be_had_is_answered_with_its_error(datagram: ReadRequest | bytes, fault: Fault) -> None:
    async with (
        serving(FILES) as running,
        Client((HOST, running.port)) as client,
        Client((HOST, running.port)) as good,
    ):
        client.send(datagram)
        message = await client.hear()
        assert isinstance(message, Error)
        assert (message.code, message.text != "") == (fault, True)
        assert client.to[1] != running.port
        assert await fetch(good) == FILES["a.cfg"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\a", "a.cfg/", "//", "%2e%2e", "a b", "~root"]
)
async def test_a_name_is_handed_on_as_it_came_and_is_never_a_path(name: str) -> None:
    asked: list[str] = []

    async def answer(request: Request) -> Served | NotFound:
        asked.append(request.name)
        return NotFound(reason="no such name")

    async with serving(answer) as running, Client((HOST, running.port)) as client:
        client.send(ReadRequest(name, "octet"))
        assert await client.hear() == Error(1, "file not found")
        assert asked == [name]
        end = await running.end()
        assert (end.outcome, end.detail, end.served) == ("not found", "no such name", False)


class Waits:
    """Answers "slow" only when `go` is set, anything else at once."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, request: Request) -> Served | NotFound:
        self.asked.put_nowait(request.name)
        if request.name == "slow":
            await self.go.wait()
        return Served(data=request.name.encode(), kind="text/plain")


async def test_a_slow_answer_delays_nobody_and_the_repeated_request_does_not_start_another() -> None:
    answer = Waits()
    async with (
        serving(answer) as running,
        Client((HOST, running.port)) as slow,
        Client((HOST, running.port)) as quick,
    ):
        for _ in range(3):
            slow.send(ReadRequest("slow", "octet"))
        assert await answer.asked.get() == "slow"
        assert await fetch(quick, "quick") == b"quick"
        assert await answer.asked.get() == "quick"
        assert (await running.end()).request.name == "quick"
        assert running.server.running == 1
        answer.go.set()
        assert await slow.hear() == Data(1, b"slow")
        slow.send(Ack(1))
        assert (await running.end()).request.name == "slow"
        assert answer.asked.empty()
        assert slow.nothing_waits()
        assert running.server.running == 0


async def test_a_request_repeated_while_its_transfer_runs_does_not_start_a_second() -> None:
    async with (
        serving(FILES) as running,
        Client((HOST, running.port)) as client,
        Client((HOST, running.port)) as other,
    ):
        request = ReadRequest("a.cfg", "octet")
        client.send(request)
        assert await client.hear() == Data(1, b"a" * 512)
        for _ in range(3):
            client.send(request, (HOST, running.port))
        assert await fetch(other) == FILES["a.cfg"]  # the server has read the three by now
        assert client.nothing_waits()
        client.send(Ack(1))
        assert await client.hear() == Data(2, b"a" * 188)
        client.send(Ack(2))
        ends = [await running.end() for _ in range(2)]
        assert {end.request.port for end in ends} == {client.port, other.port}
        assert running.server.counts == {"sent": 2}


async def test_a_device_that_asks_for_something_else_from_the_same_port_gets_that() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        client.send(ReadRequest("a.cfg", "octet"))
        await client.hear()
        client.to = (HOST, running.port)
        assert await fetch(client, "lines") == FILES["lines"]
        ends = [await running.end() for _ in range(2)]
        assert [(end.request.name, end.served) for end in ends] == [("a.cfg", False), ("lines", True)]


async def test_a_stranger_s_datagram_is_answered_error_5_and_the_transfer_goes_on() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client, Client((HOST, 0)) as stranger:
        client.send(ReadRequest("a.cfg", "octet"))
        await client.hear()
        for forged in (Ack(1), Error(0, "stop"), Data(1, b"x"), b"\0"):
            stranger.send(forged, client.to)
            if not isinstance(forged, Error):
                assert await stranger.hear() == Error(5, "unknown transfer ID")
        assert stranger.nothing_waits()
        assert client.nothing_waits()
        client.send(Ack(1))
        assert await client.hear() == Data(2, b"a" * 188)
        client.send(Ack(2))
        assert (await running.end()).outcome == "sent"


async def test_what_the_device_does_not_acknowledge_comes_again() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        client.send(ReadRequest("a.cfg", "octet"))
        first = await client.hear()
        assert await client.hear() == first
        client.send(Ack(1))
        await client.hear()
        client.send(Ack(2))
        assert ((await running.end()).resent, running.server.running) == (1, 0)


async def all_read(running: Running) -> None:
    """Returns when the server has read what was sent to it before; a refused write takes no place."""
    async with Client((HOST, running.port)) as client:
        client.send(WriteRequest("x", "octet"))
        assert isinstance(await client.hear(), Error)


async def test_over_the_limit_the_newest_is_not_answered_and_is_served_when_it_asks_again() -> None:
    answer = Waits()
    async with serving(answer, max_transfers=1) as running:
        to = HOST, running.port
        async with Client(to) as first, Client(to) as second:
            first.send(ReadRequest("slow", "octet"))
            await answer.asked.get()
            second.send(ReadRequest("quick", "octet"))
            await all_read(running)
            assert running.server.counts["no place"] == 1
            assert second.nothing_waits()
            answer.go.set()
            await first.hear()
            first.send(Ack(1))
            await running.end()
            assert await fetch(second, "quick") == b"quick"


async def test_one_address_cannot_take_every_place() -> None:
    answer = Waits()
    async with serving(answer, per_address=2) as running:
        clients = [Client((HOST, running.port)) for _ in range(3)]
        for client in clients:
            client.send(ReadRequest("slow", "octet"))
        await all_read(running)
        assert running.server.counts["no place"] == 1
        async with Client((HOST, running.port), address="127.0.0.2") as other:
            assert await fetch(other, "quick") == b"quick"
        answer.go.set()
        for client in clients[:2]:
            assert await client.hear() == Data(1, b"slow")
        assert clients[2].nothing_waits()
        for client in clients:
            client.sock.close()


async def test_five_hundred_phones_behind_one_address_are_all_begun_with() -> None:
    """After a power cut, behind a router. None is left to ask again a second later."""
    answer = Waits()
    async with serving(answer) as running:
        clients = [Client((HOST, running.port)) for _ in range(500)]
        for client in clients:
            client.send(ReadRequest("slow", "octet"))
            await asyncio.sleep(0)
        await all_read(running)
        assert (running.server.running, running.server.counts["no place"]) == (500, 0)
        answer.go.set()
        for client in clients:
            assert await client.hear() == Data(1, b"slow")
            client.sock.close()


async def test_an_answer_that_raises_or_takes_too_long_is_told_and_logged_and_the_next_is_served() -> None:
    async def answer(request: Request) -> Served | NotFound:
        if request.name == "raises":
            raise RuntimeError("undefined name")
        if request.name == "times out by itself":
            raise TimeoutError
        if request.name == "hangs":
            await asyncio.Event().wait()
        return Served(data=b"fine", kind="text/plain")

    async with serving(answer, answer_seconds=0.05) as running:
        for name, outcome in (
            ("raises", "answer failed"),
            ("times out by itself", "answer failed"),
            ("hangs", "no answer in time"),
        ):
            async with Client((HOST, running.port)) as client:
                with capture_logs() as logs:
                    client.send(ReadRequest(name, "octet"))
                    assert await client.hear() == Error(0, "not now, ask again")
                    assert (await running.end()).outcome == outcome
                assert {line["name"] for line in logs} == {name}
                client.to = (HOST, running.port)
                assert await fetch(client, "fine") == b"fine"
                await running.end()


async def test_a_device_that_breaks_off_is_told_about_in_the_log() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        client.send(ReadRequest("a.cfg", "octet", (("tsize", "0"),)))
        await client.hear()
        with capture_logs() as logs:
            client.send(Error(8, "only wanted\nthe size"))
            end = await running.end()
        assert (end.outcome, end.detail) == ("broken off by the device", "8 only wanted?the size")
        assert (logs[0]["log_level"], logs[0]["detail"]) == ("warning", end.detail)


async def test_a_mapped_file_is_served_without_being_read_into_memory(tmp_path: Path) -> None:
    image = tmp_path / "firmware.rom"
    image.write_bytes(bytes(range(256)) * 40)
    with image.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        async with serving({"firmware.rom": view}) as running, Client((HOST, running.port)) as client:
            assert await fetch(client, "firmware.rom", ("blksize", "1000")) == image.read_bytes()
            await running.end()
        del running
        view.release()


async def test_a_host_with_several_addresses_answers_from_the_one_that_was_asked() -> None:
    async with serving(FILES, host="0.0.0.0") as running, Client(("127.0.0.5", running.port)) as client:
        assert await fetch(client) == FILES["a.cfg"]
        assert client.to[0] == "127.0.0.5"
        client.to = ("127.0.0.6", running.port)
        client.send(WriteRequest("a", "octet"))
        assert isinstance(await client.hear(), Error)
        assert client.to[0] == "127.0.0.6"


async def test_a_request_to_everybody_is_not_answered() -> None:
    """RFC 1123 section 4.2.3.5."""
    async with serving(FILES, host="0.0.0.0") as running, Client(("127.255.255.255", running.port)) as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.send(ReadRequest("a.cfg", "octet"))
        await all_read(running)
        assert running.server.counts["broadcast"] == 1
        assert (client.nothing_waits(), running.server.running) == (True, 0)


async def test_ipv6_is_served_too() -> None:
    async with serving(FILES, host="::1") as running, Client(("::1", running.port), address="::1") as client:
        assert await fetch(client) == FILES["a.cfg"]
        assert (await running.end()).request.address == "::1"


async def test_without_a_socket_left_the_request_is_not_answered_and_the_next_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = [errno.EMFILE]

    def none_left(local: Address) -> socket.socket:
        if refused:
            raise OSError(refused.pop(), "Too many open files")
        return answering(local)

    monkeypatch.setattr("provisioning.tftp.server.answering", none_left)
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        client.send(ReadRequest("a.cfg", "octet"))
        assert (await running.end()).outcome == "no socket"
        assert await fetch(client) == FILES["a.cfg"]


async def test_garbage_is_counted_but_does_not_fill_the_log() -> None:
    async with serving(FILES) as running, Client((HOST, running.port)) as client:
        with capture_logs() as logs:
            for number in range(50):
                client.send(b"\0\7" + bytes([number, 0]))
                client.send(Ack(number))
            assert await fetch(client) == FILES["a.cfg"]
            await running.end()
        assert running.server.counts["malformed"] == 100
        assert [line["event"] for line in logs] == ["tftp request not served", "tftp transfer"]


async def test_closing_lets_a_transfer_end_and_tells_the_others_to_ask_again() -> None:
    answer = Waits()
    running = Running(answer, {})
    running.port = await running.server.listen(HOST, 0)
    async with Client((HOST, running.port)) as one, Client((HOST, running.port)) as two, Client((HOST, 0)) as three:
        one.send(ReadRequest("one", "octet"))
        assert await one.hear() == Data(1, b"one")
        two.send(ReadRequest("slow", "octet"))
        three.to = (HOST, running.port)
        three.send(ReadRequest("three", "octet"))
        await three.hear()
        closing = asyncio.create_task(running.server.close(grace_seconds=0.2))
        one.send(Ack(1))
        assert await two.hear() == Error(0, "stopping, ask again")
        assert await three.hear() == Error(0, "stopping, ask again")
        await closing
        ends = {(end.request.name, end.outcome) for end in [await running.end() for _ in range(3)]}
        assert ends == {("one", "sent"), ("slow", "server stopped"), ("three", "server stopped")}
        assert running.server.running == 0


async def test_a_note_taker_that_raises_harms_no_transfer() -> None:
    async def answer(request: Request) -> Served | NotFound:
        return Served(data=b"fine", kind="text/plain")

    def raises(_: Finished) -> None:
        raise RuntimeError("disk full")

    server = TftpServer(answer, finished=raises)
    port = await server.listen(HOST, 0)
    async with Client((HOST, port)) as client:
        for _ in range(2):
            client.to = (HOST, port)
            assert await fetch(client, "x") == b"fine"
    await server.close()
    assert server.counts == {"sent": 2}


def test_it_serves_on_uvloop_too() -> None:
    async def once() -> None:
        async with serving(FILES) as running, Client((HOST, running.port)) as client:
            assert await fetch(client, "a.cfg", ("blksize", "100")) == FILES["a.cfg"]
            assert (await running.end()).served

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(once())
