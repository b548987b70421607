"""How a service of ours runs until it is stopped, and the clock it goes by."""

import asyncio
import signal
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any


async def until_stopped(*parts: Coroutine[Any, Any, Any]) -> None:
    """Runs the parts until a signal; a part that ends by itself is an error that ends them all."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(part) for part in parts]
        await stop.wait()
        for task in running:
            task.cancel()


def utc() -> datetime:
    return datetime.now(UTC)
