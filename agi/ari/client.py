"""The application on Asterisk: a flow for every call that enters it, and the verbs flows use."""

import asyncio
from base64 import b64encode
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote

import aiohttp
import structlog

from agi.ari.calls import Call, Calls
from agi.ari.errors import AriError, Refused
from agi.ari.inbox import Inbox
from agi.ari.link import Link
from agi.ari.messages import (
    EVENT_TYPES,
    CallEvent,
    Channel,
    ChannelDestroyed,
    StasisEnd,
    StasisStart,
    channel_of,
)
from agi.ari.verbs import Verbs

log = structlog.get_logger()

LET_GO_SECONDS = 1.0  # between attempts, while Asterisk is connected but does not do it


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A channel that entered the application, or was found waiting in it (`adopted`)."""

    channel: Channel
    args: tuple[str, ...]
    adopted: bool
    events: Inbox


Handler = Callable[[Arrival], Awaitable[None]]


class Ari(Verbs):
    """One application on one Asterisk.

    `counts` is for metrics: connects, drops, events, unknown_events, garbage, unmatched_responses,
    request_timeouts, dropped_requests, failed_connects, failed_events, failed_greetings, arrivals, adopted,
    duplicate_starts, stray_events, overflows, failed_flows, let_go, unannounced.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        username: str,
        password: str,
        app: str,
        timeout: float = 3.0,
        inbox_limit: int = 64,
        sweep: float = 2.0,
    ) -> None:
        """`timeout`: seconds until an unanswered request is given up. `sweep`: seconds between two looks for calls
        that nobody announced.
        """
        self.counts: Counter[str] = Counter()
        query = f"app={quote(app, safe='')}&subscribeAll=false"
        link = Link(f"ws://{host}:{port}/ari/events?{query}", self.counts, timeout=timeout)
        super().__init__(link, Calls(inbox_limit), app=app, base=f"http://{host}:{port}/ari/")
        # In a header, never in the URL: URLs end up in logs.
        self._headers = {"Authorization": "Basic " + b64encode(f"{username}:{password}".encode()).decode()}
        self._flows: set[asyncio.Task[None]] = set()
        self._sweep_seconds = sweep
        self._handler: Handler | None = None

    @property
    def connected(self) -> bool:
        return self._link.up

    @property
    def flows(self) -> int:
        """How many flows are running."""
        return len(self._flows)

    async def run(self, handler: Handler, on_connected: Callable[[], Awaitable[None]] | None = None) -> NoReturn:
        """Serve the application until cancelled, reconnecting as long as it takes.

        `handler` runs as one task per call; what it raises is logged and counted, and the call goes on in the
        dialplan. `on_connected` runs after each (re)connect, once the waiting calls have their flows.
        Cancelling leaves the calls in the application for the next process. Raises Replaced.
        """
        self._handler = handler

        async def greet() -> None:
            await self._greet()
            if on_connected is not None:
                await on_connected()

        async with aiohttp.ClientSession(headers=self._headers) as session:
            self._session = session
            sweeping = asyncio.create_task(self._sweep(), name="calls nobody announced")
            try:
                await self._link.keep(session, self._on_event, greet)
            finally:
                self._session = None
                for task in (sweeping, *self._flows):
                    task.cancel()
                await asyncio.gather(sweeping, *self._flows, return_exceptions=True)

    # Calls coming and going

    def _on_event(self, event: CallEvent) -> None:
        if isinstance(event, StasisStart):
            call = self._calls.start(event.channel.id, self._link.serial)
            if call is None:
                self.counts["duplicate_starts"] += 1
            else:
                self._begin(call, event.channel, event.args, adopted=False)
            return
        channel_id = channel_of(event)
        call = self._calls.get(channel_id)
        if call is None:
            self.counts["stray_events"] += 1
            return
        open_before = not call.inbox.closed
        if not call.inbox.put(event) and open_before:
            self.counts["overflows"] += 1
            log.error("call's events overflowed", channel=channel_id)
        if isinstance(event, StasisEnd | ChannelDestroyed):
            self._calls.end(channel_id)

    def _begin(self, call: Call, channel: Channel, args: tuple[str, ...], *, adopted: bool) -> None:
        self.counts["adopted" if adopted else "arrivals"] += 1
        arrival = Arrival(channel=channel, args=args, adopted=adopted, events=call.inbox)
        flow = asyncio.create_task(self._flow(call, arrival), name=f"call {channel.id}")
        self._flows.add(flow)
        flow.add_done_callback(self._flows.discard)

    async def _flow(self, call: Call, arrival: Arrival) -> None:
        assert self._handler is not None
        channel_id = arrival.channel.id
        try:
            await self._handler(arrival)
        except Exception as error:
            if isinstance(error, AriError) and self._calls.get(channel_id) is not call:
                log.info("flow ended with its channel", channel=channel_id, why=str(error))
                return
            self.counts["failed_flows"] += 1
            if isinstance(error, AriError):  # says it all; a traceback per call would sink an overloaded machine
                log.error("flow failed", channel=channel_id, why=str(error))
            else:
                log.exception("flow failed", channel=channel_id)
            await self._let_go(call)
        finally:
            call.finished = True

    async def _let_go(self, call: Call) -> None:
        """A caller whose flow failed goes on in the dialplan, whose rule for lost decisions applies.

        Where Asterisk cannot be asked the call is forgotten, so that the reconnect adopts it.
        """
        channel_id = call.inbox.channel_id
        while not call.leaving and self._calls.get(channel_id) is call:
            try:
                await self.continue_(channel_id)
                self.counts["let_go"] += 1
            except AriError as error:
                log.warning("call could not be let go", channel=channel_id, why=str(error))
                if isinstance(error, Refused) or not self.connected:
                    self._calls.forget(call)
                else:
                    await asyncio.sleep(LET_GO_SECONDS)

    async def _greet(self) -> None:
        """On every (re)connect: only the events we use, and a flow for every channel that waited."""
        serial = self._link.serial
        allowed = [{"type": kind} for kind in EVENT_TYPES]
        await self.request("PUT", f"applications/{quote(self.app, safe='')}/eventFilter", allowed=allowed)
        listed = await self.channels_in_app()
        for channel_id in self._calls.missing(set(listed), serial):
            self._calls.end(channel_id)
        for channel_id in listed:
            try:
                channel = await self.channel(channel_id)
            except Refused:
                continue  # hung up meanwhile
            call = self._calls.adopt(channel_id, serial)
            if call is not None:
                self._begin(call, channel, channel.stasis_args, adopted=True)

    async def _sweep(self) -> NoReturn:
        """Lets calls go that wait without a flow at two looks in a row, or they would wait for ever.

        Asterisk 22.10 says nothing of a channel whose dialled number (%ff) or Call-ID is not UTF-8, and lists it all
        the same. A leg that rings for us is listed too, and not in the application: it cannot be let go, and stays.
        """
        before: set[str] = set()
        while True:
            await asyncio.sleep(self._sweep_seconds)
            waiting: set[str] = set()
            if self.connected:
                with suppress(AriError):
                    waiting = {one for one in await self.channels_in_app() if self._calls.get(one) is None}
            for channel_id in waiting & before:
                with suppress(AriError):
                    await self.continue_(channel_id)
                    self.counts["unannounced"] += 1
                    log.warning("call let go", channel=channel_id, why="Asterisk could not say what call it is")
            before = waiting
