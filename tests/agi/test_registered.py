"""Registrations are listed again and again: an event may be lost, and a list may fail."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

from agi.ami_wire import NotConnected
from agi.manager import Manager
from agi.registered import Registered

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Lists:
    """A manager whose lists differ from one to the next."""

    connected = True

    def __init__(self, *lists: dict[str, str] | Exception) -> None:
        self._lists: Iterator[dict[str, str] | Exception] = iter(lists)
        self.told = asyncio.Event()

    def on_state(self, _: Any) -> None: ...
    def on_connected(self, _: Any) -> None: ...

    async def contacts(self) -> dict[str, str]:
        found = next(self._lists, None)
        if found is None:
            self.told.set()
            await asyncio.Event().wait()
            raise AssertionError
        if isinstance(found, Exception):
            raise found
        return found


async def test_what_no_event_told_is_seen_in_the_next_list_and_a_failed_list_is_no_end() -> None:
    manager = Lists({"h1": "Reachable"}, NotConnected("AMI: lost"), {"h2": "Reachable"})
    registered = Registered(cast(Manager, manager), lambda: NOW)
    running = asyncio.create_task(registered.run(every=0))
    async with asyncio.timeout(10):
        await manager.told.wait()
    running.cancel()
    one, two = registered.of("h1"), registered.of("h2")
    assert one is not None
    assert two is not None
    assert (one.registered, two.registered) == (False, True)
