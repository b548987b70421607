"""The FastAGI server that hands an ended call's environment to a handler. The bytes are in fastagi_wire.

Nothing of panoramisk's fast_agi is left here: its connection loop never ends when a client closes before the
empty line, its reply reader takes a HANGUP notice for the reply, reads one line of a longer 520 and raises
ValueError at the end of the file; what remains after those is a dict of routes.

    AgiError
      HungUp      the peer closed the connection before it answered a command
      NoReply     no answer to a command within its time
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import structlog

from agi.fastagi_wire import (
    Environment,
    EnvironmentParser,
    Hangup,
    Malformed,
    Reply,
    ReplyParser,
    command_line,
)

log = structlog.get_logger(__name__)


class AgiError(Exception):
    """Anything a command on a FastAGI connection can end in besides its reply."""


class HungUp(AgiError):
    pass


class NoReply(AgiError):
    pass


@dataclass(slots=True, kw_only=True)
class Counts:
    """How connections ended since the server began; a handler that runs is in none of them."""

    handled: int = 0
    failed: int = 0  # the handler raised, or took longer than its time
    malformed: int = 0
    late: int = 0  # no whole environment within its time
    closed_early: int = 0  # closed before the environment was whole
    refused: int = 0  # over the limit of connections


class AgiRequest:
    """One connection whose environment has arrived."""

    __slots__ = ("_connection", "environment", "peer")

    def __init__(self, connection: "_Connection", environment: Environment) -> None:
        self._connection = connection
        self.environment = environment
        self.peer = connection.peer

    @property
    def script(self) -> str:
        return self.environment.script

    @property
    def uniqueid(self) -> str:
        return self.environment.uniqueid

    @property
    def channel(self) -> str:
        return self.environment.channel

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.environment.arguments

    @property
    def hung_up(self) -> bool:
        """Asterisk has said HANGUP, or closed the connection."""
        return self._connection.hung_up

    async def command(self, command: str, *, seconds: float = 5.0) -> Reply:
        """Send one command (such as 'VERBOSE "text" 1') and await its reply, one at a time.

        A reply of 510, 511 or 520 is returned, not raised. Raises BadValue before anything is sent, HungUp,
        NoReply. NoReply closes the connection: a later answer could not be told from the next command's.
        """
        return await self._connection.command(command, seconds)


Handler = Callable[[AgiRequest], Awaitable[None]]


class _Connection(asyncio.Protocol):
    __slots__ = (
        "_deadline",
        "_environment",
        "_open",
        "_replies",
        "_server",
        "_transport",
        "_waiting",
        "hung_up",
        "peer",
    )

    def __init__(self, server: "FastAgiServer") -> None:
        self._server = server
        self._environment: EnvironmentParser | None = EnvironmentParser()
        self._replies = ReplyParser()
        self._waiting: asyncio.Future[Reply] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._open = False
        self.hung_up = False
        self.peer = "?"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass of it
        name = transport.get_extra_info("peername")
        self.peer = f"{name[0]}:{name[1]}" if name else "?"
        if len(self._server.connections) >= self._server.max_connections:
            self._give_up("refused", f"{self._server.max_connections} connections are open already")
            return
        self._open = True
        self._server.connections.add(self)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._server.environment_seconds, self._too_late)

    def data_received(self, data: bytes) -> None:
        try:
            if self._environment is None:
                self._hear(data)
                return
            environment = self._environment.feed(data)
            if environment is not None:
                rest, self._environment = self._environment.rest, None
                self._hear(rest)
                self._cancel_deadline()
                self._server.start(AgiRequest(self, environment))
        except Malformed as problem:
            self._give_up("malformed", str(problem))

    def _hear(self, data: bytes) -> None:
        for heard in self._replies.feed(data):
            if isinstance(heard, Hangup):
                self.hung_up = True
            elif self._waiting is None or self._waiting.done():
                raise Malformed(f"AGI reply: {heard.text[:80]!r} to no command, expected silence")
            else:
                self._waiting.set_result(heard)

    async def command(self, command: str, seconds: float) -> Reply:
        line = command_line(command)
        if not self._open:
            raise HungUp(f"AGI command {command!r}: {self.peer} has closed the connection")
        if self._waiting is not None:
            raise AgiError(f"AGI command {command!r}: the one before it has no reply yet, expected one at a time")
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            self._transport.write(line)
            async with asyncio.timeout(seconds):
                return await self._waiting
        except TimeoutError:
            self.close()
            raise NoReply(f"AGI command {command!r}: no reply from {self.peer} in {seconds} s") from None
        finally:
            self._waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._open and self._environment is not None:
            self._server.count("closed_early", self.peer, "closed before the end of its environment")
        self._forget()

    def close(self) -> None:
        """Close after what was written has gone out."""
        self._forget()
        self._transport.close()

    def _give_up(self, kind: str, why: str) -> None:
        self._server.count(kind, self.peer, why)
        self._forget()
        self._transport.abort()

    def _too_late(self) -> None:
        self._give_up("late", f"no whole environment in {self._server.environment_seconds} s")

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _forget(self) -> None:
        self._open, self.hung_up = False, True
        self._cancel_deadline()
        self._server.connections.discard(self)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(HungUp(f"{self.peer} closed the connection before its reply"))


class FastAgiServer:
    """Calls `handler` once for every connection that sent a whole environment, then closes the connection.

    A peer that goes away does not cancel its handler: a charge that was begun is finished.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        max_connections: int = 512,
        environment_seconds: float = 5.0,
        handler_seconds: float = 30.0,
    ) -> None:
        self._handler = handler
        self.max_connections = max_connections
        self.environment_seconds = environment_seconds
        self.handler_seconds = handler_seconds
        self.counts = Counts()
        self.connections: set[_Connection] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Returns the port listened on (that of the system's choice when `port` is 0). Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=self.max_connections)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self, grace_seconds: float = 10.0) -> None:
        """Accept no more, give running handlers `grace_seconds`, cancel what is left, close every peer."""
        if self._server is not None:
            self._server.close()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace_seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        for connection in list(self.connections):
            connection.close()

    def start(self, request: AgiRequest) -> None:
        task = asyncio.get_running_loop().create_task(self._run(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, request: AgiRequest) -> None:
        try:
            async with asyncio.timeout(self.handler_seconds):
                await self._handler(request)
        except Exception:
            self.counts.failed += 1
            where = {"peer": request.peer, "script": request.script, "uniqueid": request.uniqueid}
            log.exception("agi handler failed", **where)
        except asyncio.CancelledError:
            self.counts.failed += 1
            raise
        else:
            self.counts.handled += 1
        finally:
            request._connection.close()

    def count(self, kind: str, peer: str, why: str) -> None:
        setattr(self.counts, kind, getattr(self.counts, kind) + 1)
        log.warning("agi connection given up", kind=kind, peer=peer, why=why)
