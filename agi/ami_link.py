"""One session on the manager interface: panoramisk's Manager, mended where it was measured to break.

Kept of panoramisk 1.4: the framing, its Message and Action (which reply ends which action), the login, the events'
patterns. Mended here: characters split across segments, an exception that cost the connection and the rest of the
batch, answers that never came, actions sent again after a reconnect (an older write would overtake a newer one),
and reconnecting, which agi.manager does with a back-off.
"""

import asyncio
import codecs
import logging
from typing import Any

import panoramisk
import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from agi.ami_wire import Disconnected, LoginRefused, NotConnected, Refused, TimedOut

__all__ = ["Link", "Message", "output", "text"]

log = structlog.get_logger(__name__)

_LEAVING = "Asterisk is shutting down"  # its answer to a login in its last moments, whatever the secret
_quiet = logging.getLogger("panoramisk")


def text(message: Message, name: str) -> str:
    """A header of a message; the first one, where it stands there more than once."""
    value = message.get(name, "")
    return str(value[0]) if isinstance(value, list) else str(value)


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    def __init__(self, link: "Link") -> None:
        self._link = link

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory, self.encoding, self.log = self._link, "utf-8", _quiet
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def data_received(self, data: bytes) -> None:
        # panoramisk decodes each segment by itself and drops what is split: give it whole characters only.
        super().data_received(self._decoder.decode(data).encode())

    def handle_message(self, message: Message) -> None:
        try:
            super().handle_message(message)
        except Exception:
            self._link.failures += 1
            log.exception("ami message failed", event_name=text(message, "Event"), action=text(message, "ActionID"))

    def close(self) -> None:
        actions = list(self.responses.values())
        self.responses.clear()
        for action in actions:
            if not action.future.done():
                gone = Disconnected(f"AMI {action['action']}: connection lost, expected a reply")
                action.future.set_exception(gone)
        super().close()


class Link(panoramisk.Manager):  # type: ignore[misc]  # panoramisk has no types
    """Made inside a running loop. `ready` is set while somebody is logged in."""

    def __init__(self, *, host: str, port: int, user: str, secret: str, ready: asyncio.Event) -> None:
        super().__init__(
            host=host,
            port=port,
            username=user,
            secret=secret,
            encoding="utf-8",
            loop=asyncio.get_running_loop(),
            log=_quiet,
        )
        self.callbacks.clear()  # nothing is ever sent again by itself
        self.patterns.clear()
        self.failures = 0
        self.ready = ready
        self.lost = asyncio.Event()

    async def open(self, seconds: float) -> None:
        """Connect and log in. Raises OSError, NotConnected, TimedOut, Disconnected, LoginRefused."""
        host, port, user = self.config["host"], self.config["port"], self.config["username"]
        self.lost = asyncio.Event()
        try:
            async with asyncio.timeout(seconds):
                opened: asyncio.Future[Any] = self.loop.create_future()
                opened.set_result(await self.loop.create_connection(lambda: _Protocol(self), host, port))
                self.connection_made(opened)
                if self.pinger is not None:  # agi.manager asks itself, and listens for the answer
                    self.pinger.cancel()
                reply = await self.authenticated_future
        except TimeoutError:
            raise TimedOut(f"AMI login at {host}:{port}: no answer in {seconds} s") from None
        if not reply.success:
            said = text(reply, "Message")
            if said == _LEAVING:
                raise NotConnected(f"AMI login at {host}:{port}: {said}")
            raise LoginRefused(f"AMI login at {host}:{port}: user {user!r} refused ({said}), expected acceptance")
        self.ready.set()

    def login(self, future: "asyncio.Future[Message]") -> None:
        """panoramisk's hook on the login's reply; `open` reads that itself."""

    def connection_lost(self, exc: object) -> None:
        self.ready.clear()
        self.lost.set()

    def close(self) -> None:
        self.ready.clear()
        super().close()

    async def ask(self, fields: dict[str, str], seconds: float) -> list[Message]:
        """The reply and the events that belong to it. `fields` are checked lines (agi.ami_wire.checked).

        Raises NotConnected, Disconnected, TimedOut, Refused.
        """
        name = fields["Action"]
        if not self.ready.is_set():
            raise NotConnected(f"AMI {name}: nobody is logged in at {self.config['host']}:{self.config['port']}")
        action, protocol = Action(fields), self.protocol
        try:
            async with asyncio.timeout(seconds):
                answer = await self.send_action(action)
        except TimeoutError:
            raise TimedOut(f"AMI {name}: no answer in {seconds} s") from None
        finally:
            protocol.responses.pop(action.id, None)
        messages: list[Message] = answer if isinstance(answer, list) else [answer]
        if not messages[0].success:
            said = [text(messages[0], "Message"), *output(messages[0])]
            raise Refused(name, ": ".join(said))
        return messages


def output(message: Message) -> list[str]:
    """The lines a command printed."""
    lines = message.get("Output", [])
    return [str(line) for line in lines] if isinstance(lines, list) else [str(lines)]
