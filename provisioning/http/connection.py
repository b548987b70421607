"""aiohttp's connection with an alarm: who sends his request drop by drop, or reads nothing, is cut off."""

import asyncio
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import Server
from aiohttp.web_protocol import RequestHandler

log = structlog.get_logger(__name__)


class Connection(RequestHandler):
    """The alarm runs from the beginning, and is set anew by the handler at every step that shows life."""

    def __init__(self, manager: "Connections", **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._connections = manager
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if len(self._connections.connections) > self._connections.most and isinstance(transport, asyncio.Transport):
            transport.abort()
            return
        self.alive()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        super().connection_lost(exc)

    def log_exception(self, *args: Any, **how: Any) -> None:
        """aiohttp would log the request line of what it cannot parse, and with it the secret in a path."""
        why = how.get("exc_info")
        if not isinstance(why, HttpProcessingError):
            super().log_exception(*args, **how)
            return
        address = self.transport.get_extra_info("peername") if self.transport is not None else None
        log.info("http request not read", address=address[0] if address else None, kind=type(why).__name__)

    def alive(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self.transport is not None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(self._connections.patience, self.transport.abort)


class Connections(Server):
    """Makes them. `most` at once; one more is closed unheard. `patience` seconds without life end one."""

    def __init__(self, handler: Any, *, most: int, patience: float) -> None:
        self.most, self.patience = most, patience
        super().__init__(handler)

    def __call__(self) -> Connection:
        return Connection(
            self,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=self.patience,
            access_log=None,
            max_line_size=2048,
            max_field_size=4096,
            max_headers=64,
            lingering_time=0,
        )
