"""AMI: the survival copies, reloads, what is registered, and the dialplan's own events.

`Manager.run` keeps one session open; the verbs use whichever session is open and raise NotConnected when none is.
Every verb ends in its time, and raises ManagerError (the tree is in agi.ami_wire), or BadValue before anything is
sent. Nothing is sent again by itself: who is told of a new session (`on_connected`) writes what must be there.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from agi.ami_link import Link, Message, output, text
from agi.ami_wire import (
    LoginRefused,
    ManagerError,
    NotConnected,
    Refused,
    StateChange,
    StateKind,
    checked,
    state_change,
)
from agi.ari.backoff import delay
from dialplan.errors import BadValue

log = structlog.get_logger(__name__)

ROUTES = "route"
"""AstDB family of the survival copies: the dialplan reads ${DB(route/<national number>/<who>)}.

`who` is the caller's national number, the same with - in front for a call that withholds it, else `withheld` for any
such call, else `any`: the first that there is."""
COMPLETE = ("survival", "complete")
"""AstDB family and key that hold 1 once every number has its copy."""

_NUMBER = re.compile(r"[0-9*#+]{1,40}", re.ASCII)
_WHO = re.compile(r"any|withheld|-?[0-9*#+]{1,40}", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
_MODULE = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
_WINDOW = 64  # writes under way at once
_QUEUE = 10_000  # events waiting for their callbacks
_LOGIN_PAUSE_CAP = 60.0
_CALLBACK_SECONDS = 30.0
_STEADY_SECONDS = 1.0  # a session shorter than this counts as one more failed attempt

T = TypeVar("T")
Fields = Mapping[str, str]
EventCallback = Callable[[Fields], Awaitable[None]]


class Manager:
    """`failed`, `dropped` and `refused_logins` count since it was made: callbacks and messages that raised, events
    that came faster than callbacks took them, logins Asterisk refused."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        secret: str,
        seconds: float = 5.0,
        ping_every: float = 10.0,
        login_pause: float = 5.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`seconds` bounds each verb; `login_pause` is the wait after the first refused login, doubled up to 60 s."""
        checked({"Username": user, "Secret": secret})
        self._host, self._port, self._user, self._secret = host, port, user, secret
        self._log = log.bind(host=host, port=port, user=user)
        self._seconds, self._ping_every, self._login_pause, self._chance = seconds, ping_every, login_pause, chance
        self._link: Link | None = None
        self._events: asyncio.Queue[tuple[EventCallback, Fields]] = asyncio.Queue(_QUEUE)
        self._patterns: list[tuple[str, EventCallback]] = []
        self._greeters: list[Callable[[], Awaitable[None]]] = []
        self._writing = asyncio.Lock()
        self._ready = asyncio.Event()
        self._failed = self.dropped = self.refused_logins = 0

    @property
    def failed(self) -> int:
        return self._failed + (self._link.failures if self._link else 0)

    @property
    def connected(self) -> bool:
        return self._ready.is_set()

    async def wait_connected(self) -> None:
        await self._ready.wait()

    # ---- what is heard -----------------------------------------------------------------------------------

    def on_connected(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Called after every login, in a task of its own, which ends with the session."""
        self._greeters.append(callback)

    def on_event(self, name: str, callback: EventCallback) -> None:
        """Callbacks are awaited one after another, in the order Asterisk sent the events. Register before `run`."""
        self._patterns.append((name, callback))

    def on_state(self, callback: Callable[[StateChange], Awaitable[None]]) -> None:
        """Contacts and peers need the user's read class `system`, devices `call`."""

        async def heard(event: Fields) -> None:
            await callback(state_change(event))

        for kind in StateKind:
            self.on_event(kind.value, heard)

    def on_user_event(self, name: str, callback: EventCallback) -> None:
        """What the dialplan says with UserEvent(name,…)."""

        async def heard(event: Fields) -> None:
            if event.get("UserEvent") == name:
                await callback(event)

        self.on_event("UserEvent", heard)

    def _hear(self, callback: EventCallback) -> Callable[[Link, Message], None]:
        def enqueue(_: Link, message: Message) -> None:
            try:
                self._events.put_nowait((callback, {name: text(message, name) for name in message}))
            except asyncio.QueueFull:
                self.dropped += 1
                if self.dropped % 1000 == 1:
                    log.error("ami event dropped", event_name=text(message, "Event"), waiting=_QUEUE)

        return enqueue

    async def _deliver(self) -> None:
        while True:
            callback, event = await self._events.get()
            try:
                async with asyncio.timeout(_CALLBACK_SECONDS):
                    await callback(event)
            except Exception:
                self._failed += 1
                log.exception("ami callback failed", event_name=event.get("Event"))

    # ---- the session -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Never returns; cancel it to stop. Connects, logs in, and does so again with a back-off."""
        link = Link(host=self._host, port=self._port, user=self._user, secret=self._secret, ready=self._ready)
        self._link = link
        for name, callback in self._patterns:
            link.register_event(name, self._hear(callback))
        worker = asyncio.create_task(self._deliver())
        try:
            await self._keep_connected(link)
        finally:
            worker.cancel()
            link.close()

    async def _keep_connected(self, link: Link) -> None:
        attempt = refusals = 0
        while True:
            try:
                await link.open(self._seconds)
                refusals = 0
                if await self._session(link) > _STEADY_SECONDS:
                    attempt = 0
                pause = delay(attempt, self._chance())
            except LoginRefused as error:
                self.refused_logins += 1
                pause = min(_LOGIN_PAUSE_CAP, self._login_pause * 2.0 ** min(refusals, 10))
                refusals += 1
                self._log.error("ami login refused", why=str(error), again_in=pause)
            except (OSError, ManagerError) as error:
                pause = delay(attempt, self._chance())
                if attempt == 0:
                    self._log.warning("ami not connected", why=str(error))
            attempt += 1
            link.close()
            await asyncio.sleep(pause)

    async def _session(self, link: Link) -> float:
        """Returns, when the session ends, how many seconds it lasted."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        self._log.info("ami connected")
        greeting = asyncio.create_task(self._greet())
        try:
            while not link.lost.is_set():
                try:
                    async with asyncio.timeout(self._ping_every):
                        await link.lost.wait()
                except TimeoutError:
                    await link.ask({"Action": "Ping"}, self._seconds)
        except ManagerError as error:
            self._log.warning("ami ping failed", why=str(error))
        finally:
            greeting.cancel()
        self._log.warning("ami connection lost")
        return clock() - begun

    async def _greet(self) -> None:
        for callback in self._greeters:
            try:
                await callback()
            except Exception:
                self._failed += 1
                log.exception("ami callback failed", event_name="connected")

    # ---- the verbs ---------------------------------------------------------------------------------------

    async def _ask(self, action: str, **fields: str) -> list[Message]:
        lines = checked({"Action": action, **fields})
        if self._link is None:
            raise NotConnected(f"AMI {action}: not running")
        return await self._link.ask(lines, self._seconds)

    async def put_routes(self, number: str, routes: Mapping[str, str]) -> None:
        """Make `routes` (who calls → one line of text) the survival copies of a national number; who has none any
        more loses it last.
        """
        wanted = {_key(number, who): _value(route) for who, route in routes.items()}
        async with self._writing:
            held = await self._held(f"{ROUTES}/{_key(number)}")
            changed = [each for each in wanted.items() if held.get(each[0]) != each[1]]
            await _each(changed, self._put)
            await _each([key for key in held if key not in wanted], self._delete)

    async def _put(self, copy: tuple[str, str]) -> None:
        await self._ask("DBPut", Family=ROUTES, Key=copy[0], Val=copy[1])

    async def _delete(self, key: str) -> None:
        try:
            await self._ask("DBDel", Family=ROUTES, Key=key)
        except Refused:
            if key in await self._held(ROUTES):
                raise

    async def _held(self, family: str) -> dict[str, str]:
        found = await self._ask("DBGetTree", Family=family)
        events = (event for event in found if text(event, "Event") == "DBGetTreeResponse")
        return {text(event, "Key").removeprefix(f"/{ROUTES}/"): text(event, "Val") for event in events}

    async def routes(self) -> dict[str, dict[str, str]]:
        """Every copy Asterisk holds, by number and who calls."""
        found: dict[str, dict[str, str]] = {}
        for key, route in (await self._held(ROUTES)).items():
            number, _, who = key.partition("/")
            found.setdefault(number, {})[who] = route
        return found

    async def replace_routes(
        self, load: Callable[[], Awaitable[Mapping[str, Mapping[str, str]]]]
    ) -> dict[str, BadValue]:
        """Make the copies those that `load` gives (number → who → route), without a moment in which a caller who has
        one lacks it, and then say in AstDB that they are complete. Returns the keys (`number/who`) whose copy cannot
        be kept: the old one stays.

        `load` is called while single writes wait, so that no change made meanwhile is overwritten by an older one.
        """
        async with self._writing:
            wanted: dict[str, str] = {}
            problems: dict[str, BadValue] = {}
            for number, routes in (await load()).items():
                for who, route in routes.items():
                    try:
                        wanted[_key(number, who)] = _value(route)
                    except BadValue as problem:
                        problems[f"{number}/{who}"] = problem
                        log.error("survival copy refused", number=number, who=who, why=str(problem))
            held = await self._held(ROUTES)
            await _each([each for each in wanted.items() if held.get(each[0]) != each[1]], self._put)
            await _each([key for key in held if key not in wanted and key not in problems], self._delete)
            family, key = COMPLETE
            await self._ask("DBPut", Family=family, Key=key, Val="1")
        return problems

    async def delete_all_routes(self) -> None:
        """Forget every copy, and that they were complete."""
        async with self._writing:
            for family in (COMPLETE[0], ROUTES):
                try:
                    await self._ask("DBDelTree", Family=family)
                except Refused as refusal:
                    if refusal.message != "Database entry not found":
                        raise

    async def reload(self, module: str) -> None:
        """Have a module (such as res_pjsip.so) read its configuration again. Raises Refused for an unknown one."""
        if not _MODULE.fullmatch(module):
            raise BadValue("module", module[:80], "letters, digits, '_', '.', '-'")
        await self._ask("Reload", Module=module)

    async def contacts(self) -> dict[str, str]:
        """How the contact of each SIP user that has one is, in Asterisk's own word (Reachable, Unreachable, …)."""
        try:
            found = await self._ask("PJSIPShowContacts")
        except Refused as refusal:
            if refusal.message != "No Contacts found":
                raise
            return {}
        events = (event for event in found if text(event, "Event") == "ContactList")
        return {text(event, "ObjectName").partition(";")[0]: text(event, "Status") for event in events}

    async def notify(self, sip_user: str, event: str) -> None:
        """A NOTIFY with this Event header to where the handset is registered. For one that is not registered Asterisk
        says yes, and sends nothing. Raises Refused for a SIP user it does not know.
        """
        if not _USER.fullmatch(sip_user):
            raise BadValue("SIP user to notify", sip_user[:80], "letters, digits, '_', '.', '-'")
        await self._ask("PJSIPNotify", Endpoint=sip_user, Variable=f"Event={event}")

    async def command(self, command: str) -> list[str]:
        """What a console command prints, line by line. Raises Refused, with its text, for an unknown one."""
        return output((await self._ask("Command", Command=command))[0])


def _key(number: str, who: str | None = None) -> str:
    if not _NUMBER.fullmatch(number):
        raise BadValue("number of a survival copy", number[:80], "1 to 40 of the digits, '*', '#', '+'")
    if who is None:
        return number
    if not _WHO.fullmatch(who):
        raise BadValue("caller of a survival copy", who[:80], "any, withheld, or a number, with - if withheld")
    return f"{number}/{who}"


def _value(route: str) -> str:
    checked({"Val": route})
    return route


async def _each(items: Sequence[T], verb: Callable[[T], Awaitable[object]]) -> None:
    """`verb` of every item, _WINDOW of them under way at once. The first error ends it."""
    for start in range(0, len(items), _WINDOW):
        await asyncio.gather(*(verb(item) for item in items[start : start + _WINDOW]))
