"""The websocket to Asterisk: kept connected, requests written to it, frames read from it.

Asterisk drops a connection whose reader makes it wait 100 ms (websocket_write_timeout), so the reading task
only decodes and hands over; whatever takes time runs in tasks of its own.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn, TypeAlias

import aiohttp
import structlog

from agi.ari import backoff
from agi.ari.errors import AriError, Garbage, Replaced, Unavailable
from agi.ari.exchange import Exchange, Outcome, Response
from agi.ari.messages import ApplicationReplaced, CallEvent, RESTResponse, Unknown, decode, encode_request

log = structlog.get_logger()

CONNECT_SECONDS = 0.9  # with the longest back-off still under the 2 s we have
STABLE_SECONDS = 5.0
# A PING of ours that stays unanswered for half of this ends the connection: Asterisk is frozen.
HEARTBEAT_SECONDS = 20.0

Request: TypeAlias = tuple[str, str, Mapping[str, Any]]  # method, uri, parameters


def _settle(answer: asyncio.Future[Response], outcome: Outcome) -> None:
    if answer.done():  # whoever asked was cancelled
        return
    if isinstance(outcome, Response):
        answer.set_result(outcome)
    else:
        answer.set_exception(outcome)


class Link:
    """One connection at a time; `serial` counts them. `request` works while one is up."""

    def __init__(self, url: str, counts: Counter[str], *, timeout: float) -> None:
        self._url = url
        self._counts = counts
        self._timeout = timeout
        self._exchange = Exchange()
        self._outgoing: deque[bytes] = deque()
        self._waiting = asyncio.Event()
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.serial = 0

    @property
    def up(self) -> bool:
        return self._ws is not None

    def request(self, asked: Sequence[Request]) -> list[asyncio.Future[Response]]:
        """Queue requests now, all or none, to be written in this order and in one go.

        Each future gets the Response, or raises Refused or Unavailable. Raises TooLarge or Unavailable
        at once when they cannot be queued.
        """
        if self._ws is None:
            method, uri, _ = asked[0]
            raise Unavailable(f"{method} {uri}", "not connected to Asterisk")
        self._exchange.reserve(len(asked))
        loop = asyncio.get_running_loop()
        frames = []
        for method, uri, params in asked:
            request_id = self._exchange.next_id()
            frames.append((request_id, f"{method} {uri}", encode_request(request_id, method, uri, params)))
        answers = []
        deadline = loop.time() + self._timeout
        for request_id, what, frame in frames:
            answer: asyncio.Future[Response] = loop.create_future()
            self._exchange.begin(request_id, what, partial(_settle, answer), deadline)
            self._outgoing.append(frame)
            answers.append(answer)
        self._waiting.set()
        if self._timer is None:
            self._timer = loop.call_at(deadline, self._expire)
        return answers

    def _expire(self) -> None:
        """One timer for all requests: a timer each would cost more than the request."""
        self._timer = None
        loop = asyncio.get_running_loop()
        self._counts["request_timeouts"] += self._exchange.expire(loop.time())
        deadline = self._exchange.next_deadline()
        if deadline is not None:
            self._timer = loop.call_at(deadline, self._expire)

    async def keep(
        self,
        session: aiohttp.ClientSession,
        on_event: Callable[[CallEvent], None],
        on_connected: Callable[[], Awaitable[None]],
    ) -> NoReturn:
        """Connect, serve, and connect again, until cancelled. Raises Replaced.

        `on_connected` runs in a task of its own on every connection; an AriError from it ends that connection.
        """
        loop = asyncio.get_running_loop()
        attempt = 0
        complaint = ""
        while True:
            try:
                ws = await self._connect(session)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                why = str(error) or type(error).__name__
                self._counts["failed_connects"] += 1
                if why != complaint:  # not one line for every attempt of a long outage
                    log.warning("ari not reachable", url=self._url, why=why)
                complaint = why
            else:
                complaint = ""
                since = loop.time()
                why = await self._serve(ws, on_event, on_connected)
                log.warning("ari connection lost", url=self._url, why=why)
                if loop.time() - since >= STABLE_SECONDS:
                    attempt = 0
            await asyncio.sleep(backoff.delay(attempt, random.random()))  # noqa: S311 - spreads load, no secret
            attempt += 1

    async def _connect(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await session.ws_connect(
                self._url,
                heartbeat=HEARTBEAT_SECONDS,
                max_msg_size=16 * 1024 * 1024,  # the list of all channels of a busy application is one frame
                timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
            )

    async def _serve(
        self,
        ws: aiohttp.ClientWebSocketResponse,
        on_event: Callable[[CallEvent], None],
        on_connected: Callable[[], Awaitable[None]],
    ) -> str:
        """Until the connection ends; why it did."""
        self.serial += 1
        self._counts["connects"] += 1
        self._outgoing.clear()
        self._ws = ws
        log.info("ari connected", url=self._url, connection=self.serial)
        helpers = [
            asyncio.create_task(self._write(ws), name="ari-write"),
            asyncio.create_task(self._greet(ws, on_connected), name="ari-connected"),
        ]
        try:
            async for frame in ws:
                if frame.type is aiohttp.WSMsgType.ERROR:
                    break
                self._take(frame.data, on_event)
            return f"websocket closed with code {ws.close_code}" + (f": {ws.exception()}" if ws.exception() else "")
        finally:
            self._ws = None
            self._counts["drops"] += 1
            self._counts["dropped_requests"] += self._exchange.fail("the connection to Asterisk was lost")
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await ws.close()

    def _take(self, data: bytes | str, on_event: Callable[[CallEvent], None]) -> None:
        try:
            message = decode(data)
        except Garbage as error:
            self._counts["garbage"] += 1
            log.warning("ari frame not understood", why=str(error))
            return
        if isinstance(message, RESTResponse):
            if not self._exchange.answer(message):
                self._counts["unmatched_responses"] += 1
        elif isinstance(message, Unknown):
            self._counts["unknown_events"] += 1
        elif isinstance(message, ApplicationReplaced):
            raise Replaced(f"ARI application {message.application}: another program connected under its name")
        else:
            self._counts["events"] += 1
            try:
                on_event(message)
            except Exception:
                self._counts["failed_events"] += 1
                log.exception("ari event not handled", type=type(message).__name__)

    async def _write(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """The only writer: a peer that does not read stops this task, not the flows and not the reader."""
        with suppress(ConnectionError, aiohttp.ClientError):  # the reader learns it too, and says why
            while True:
                await self._waiting.wait()
                self._waiting.clear()
                while self._outgoing:
                    await ws.send_frame(self._outgoing.popleft(), aiohttp.WSMsgType.TEXT)

    async def _greet(self, ws: aiohttp.ClientWebSocketResponse, on_connected: Callable[[], Awaitable[None]]) -> None:
        try:
            await on_connected()
        except AriError as error:
            # Callers may be waiting whom nobody has picked up: start over rather than leave them.
            log.warning("ari connection not usable", why=str(error))
            await ws.close()
        except Exception:
            self._counts["failed_greetings"] += 1
            log.exception("ari on_connected failed")
