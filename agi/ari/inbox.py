"""One call's events, in order, between the reader that must never wait and the flow that may."""

import asyncio
from collections import deque

from agi.ari.errors import Closed, Overflow
from agi.ari.messages import CallEvent


class Inbox:
    """Bounded. For one reading flow; `put` never blocks."""

    def __init__(self, channel_id: str, limit: int = 64) -> None:
        self.channel_id = channel_id
        self._limit = limit
        self._events: deque[CallEvent] = deque()
        self._end: Closed | None = None
        self._arrived = asyncio.Event()

    @property
    def closed(self) -> bool:
        return self._end is not None

    def put(self, event: CallEvent) -> bool:
        """False when the event could not be kept: the inbox is closed, or was full and now is."""
        if self._end is not None:
            return False
        if len(self._events) >= self._limit:
            kind = type(event).__name__
            self._events.clear()  # a flow that acted on half of its events would act wrongly
            self.close(
                Overflow(f"inbox of channel {self.channel_id}: {kind} found {self._limit} unread, expected fewer")
            )
            return False
        self._events.append(event)
        self._arrived.set()
        return True

    def close(self, why: Closed) -> None:
        """What is already in it can still be read; then `get` raises `why`. The first reason stays."""
        if self._end is None:
            self._end = why
            self._arrived.set()

    async def get(self) -> CallEvent:
        """The next event. Raises Overflow or Gone when there will be none."""
        while not self._events:
            if self._end is not None:
                raise self._end
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()

    def get_nowait(self) -> CallEvent | None:
        """The next event if it is already here (type-ahead); None otherwise, closed or not."""
        return self._events.popleft() if self._events else None
