"""One AMI connection to a lab Asterisk: events into a function, actions awaited."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import count

from panoramisk.actions import Action
from panoramisk.message import Message

from agi.ami_link import Link, text
from agi.ami_wire import Disconnected, ManagerError, checked
from lab.errors import LabError

OnEvent = Callable[[Mapping[str, str]], None]
_SECONDS = 10.0


class Ami:
    """Made inside a running loop. `on_event` is called in the order Asterisk reported. It does not connect again:
    an Asterisk of the lab that went away has forgotten the calls too."""

    def __init__(self, *, host: str, port: int, secret: str, on_event: OnEvent) -> None:
        self._where = f"{host}:{port}"
        self._on_event = on_event
        self._barriers: dict[str, asyncio.Future[None]] = {}
        self._numbers = count(1)
        self._link = Link(host=host, port=port, user="lab", secret=secret, ready=asyncio.Event())
        self._link.register_event("*", self._heard)

    async def connect(self) -> None:
        """Raises LabError when nobody listens, or when user or password are refused."""
        try:
            await self._link.open(_SECONDS)
        except (OSError, ManagerError) as why:
            self.close()
            raise LabError(f"AMI at {self._where}: {why}; is the lab up? (denwaban lab up)") from why

    async def act(self, action: str, **fields: str) -> list[Mapping[str, str]]:
        """One action: its response and the events that belong to it. Raises LabError with Asterisk's message."""
        try:
            return [_plain(part) for part in await self._link.ask(checked({"Action": action, **fields}), _SECONDS)]
        except ManagerError as why:
            raise LabError(f"AMI at {self._where}: {action} {fields}: {why}") from why

    async def originate(self, variables: Mapping[str, str], **fields: str) -> None:
        """Returns when Asterisk has begun, and not, as an ordinary Originate does, when somebody answered.

        No comma may be in a variable: it would begin the next one.
        """
        joined = ",".join(f"{name}={value}" for name, value in variables.items())
        action = Action(checked({"Action": "Originate", "Async": "true", "Variable": joined, **fields}))
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await self._link.send_action(action, as_list=False)
        except (TimeoutError, Disconnected) as why:
            raise LabError(f"AMI at {self._where}: no answer to Originate") from why
        if not answer.success:
            raise LabError(f"AMI at {self._where}: Originate: {text(answer, 'Message')}")

    async def settle(self) -> None:
        """Returns when every event that Asterisk had to tell so far has been told."""
        token = str(next(self._numbers))
        seen = self._barriers[token] = asyncio.get_running_loop().create_future()
        try:
            await self.act("UserEvent", UserEvent="Settled", Token=token, Of=str(id(self)))
            async with asyncio.timeout(_SECONDS):
                await seen
        except TimeoutError:
            raise LabError(f"AMI at {self._where}: its own event did not come back within {_SECONDS:g} s") from None
        finally:
            del self._barriers[token]

    @property
    def lost(self) -> asyncio.Event:
        """Set as soon as the connection is gone."""
        return self._link.lost

    def close(self) -> None:
        self._link.close()

    def _heard(self, _: Link, message: Message) -> None:
        event = _plain(message)
        if event.get("UserEvent") == "Settled":
            barrier = self._barriers.get(event.get("Token", "")) if event.get("Of") == str(id(self)) else None
            if barrier is not None and not barrier.done():
                barrier.set_result(None)
            return
        self._on_event(event)


def _plain(message: Message) -> Mapping[str, str]:
    return {name: text(message, name) for name in message}
