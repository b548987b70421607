"""TFTP in front of the answers: a fetch is written down with what became of its transfer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine

from provisioning.fetch import FetchStatus
from provisioning.tftp.desk import TftpDesk
from provisioning.tftp.exchange import Finished
from provisioning.tftp.packets import Ack, Data, Error, Fault, ReadRequest
from provisioning.tftp.server import TftpServer
from tests.fixtures.answering import OWN, Desk, answering
from tests.fixtures.devices import MAC
from tests.fixtures.tftp import Client, needed

HOST = "127.0.0.1"
DATA = f"device {MAC}".encode()


@asynccontextmanager
async def open_desk(engine: Engine) -> AsyncIterator[tuple[Desk, int, asyncio.Event]]:
    """The desk, its port, and an event for the end of an exchange."""
    async with answering(engine) as desk:
        front = TftpDesk(desk.answers, desk.notes)
        ended = asyncio.Event()

        def finished(end: Finished) -> None:
            front.finished(end)
            ended.set()

        server = TftpServer(front.answer, finished=finished)
        try:
            yield desk, await server.listen(HOST, 0), ended
        finally:
            await server.close(grace_seconds=0)


async def curl(port: int, name: str) -> tuple[int | None, bytes]:
    needed("curl")
    process = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--max-time", "20", f"tftp://{HOST}:{port}/{name}"), stdout=asyncio.subprocess.PIPE
    )
    data, _ = await process.communicate()
    return process.returncode, data


async def test_a_device_fetches_and_it_is_written_down_once_it_has_the_file(engine: Engine) -> None:
    async with open_desk(engine) as (desk, port, ended):
        device = desk.lend(address=HOST)
        assert await curl(port, OWN) == (0, DATA)
        async with asyncio.timeout(10):
            await ended.wait()
        await desk.notes.flush()
        (kept,) = desk.fetches(device)
        assert (kept.status, kept.bytes, kept.reason) == (FetchStatus.SERVED, len(DATA), "")


async def test_who_may_not_have_it_is_told_only_that_there_is_none(engine: Engine) -> None:
    async with open_desk(engine) as (desk, port, _):
        device = desk.lend(address="192.0.2.99")
        assert await curl(port, OWN) == (68, b"")  # CURLE_TFTP_NOTFOUND
        assert await curl(port, "nothing") == (68, b"")
        await desk.notes.flush()
        assert [one.status for one in desk.fetches(device)] == [FetchStatus.REFUSED]
        assert [one.name for one in desk.fetches(None)] == ["nothing"]


@pytest.mark.parametrize("confirmed", [0, 1])
async def test_a_transfer_that_breaks_off_is_written_down_as_failed_and_teaches_nothing(
    engine: Engine, confirmed: int
) -> None:
    async with open_desk(engine) as (desk, port, ended):
        device = desk.lend(address=None)
        desk.window(device)
        async with Client((HOST, port)) as client:
            client.send(ReadRequest(OWN, "octet", (("blksize", "8"),)))
            await client.hear()
            client.send(Ack(0))
            first = await client.hear()
            assert isinstance(first, Data)
            if confirmed:
                client.send(Ack(1))
                await client.hear()
            client.send(Error(Fault.DISK_FULL, "no room"))
            async with asyncio.timeout(10):
                await ended.wait()
        await desk.notes.flush()
        (kept,) = desk.fetches(device)
        assert (kept.status, kept.digest) == (FetchStatus.FAILED, None)
        assert (kept.reason, kept.bytes) == ("broken off by the device: 3 no room", 8 * confirmed)
        assert desk.device().address is None
