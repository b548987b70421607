"""Waiting for what tells nobody when it changes, such as a row in a database of another process."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from lab.errors import LabError

_PAUSE = 0.05
T = TypeVar("T")


async def until(look: Callable[[], T], seconds: float, thing: str) -> T:
    """The first true answer of `look`, which runs in a thread. Raises LabError, naming `thing`, when time is up."""
    found: T | None = None
    try:
        async with asyncio.timeout(seconds):
            while not (found := await asyncio.to_thread(look)):  # noqa: ASYNC110 - nobody could set an Event
                await asyncio.sleep(_PAUSE)
            return found
    except TimeoutError:
        raise LabError(f"{thing}: found {found!r} after {seconds:g} s, expected otherwise") from None
