import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from agi.ari.client import Ari, Arrival
from tests.fakes.ari import APP, PASSWORD, USER, FakeAri


class Running:
    """A client at work on the fake; `flow` is what its handler does, `arrivals` what reached it."""

    def __init__(self, ari: Ari) -> None:
        self.ari = ari
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self.connections: asyncio.Queue[None] = asyncio.Queue()  # one for every finished greeting
        self.task: asyncio.Task[None] | None = None

    async def flow(self, arrival: Arrival) -> None:
        """Replaced by tests."""

    async def _handle(self, arrival: Arrival) -> None:
        self.arrivals.put_nowait(arrival)
        await self.flow(arrival)

    async def _connected(self) -> None:
        self.connections.put_nowait(None)

    def start(self) -> None:
        self.task = asyncio.create_task(self.ari.run(self._handle, self._connected))

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
            self.task = None

    async def arrival(self) -> Arrival:
        return await asyncio.wait_for(self.arrivals.get(), 5)

    async def connection(self) -> None:
        await asyncio.wait_for(self.connections.get(), 5)

    async def ended(self) -> None:
        """Until no flow is running."""
        while self.ari.flows:
            await asyncio.wait(self.ari._flows, timeout=5)


def client(
    fake: FakeAri, *, timeout: float = 3.0, inbox_limit: int = 64, password: str = PASSWORD, sweep: float = 5.0
) -> Ari:
    return Ari(
        host="127.0.0.1",
        port=fake.port,
        username=USER,
        password=password,
        app=APP,
        timeout=timeout,
        inbox_limit=inbox_limit,
        sweep=sweep,
    )


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    async with FakeAri() as fake:
        yield fake


@pytest.fixture
async def running(fake: FakeAri) -> AsyncIterator[Running]:
    """Connected, and done with what it does on connecting."""
    running = Running(client(fake))
    running.start()
    await running.connection()
    yield running
    await running.stop()
