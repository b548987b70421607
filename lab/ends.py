"""The two far ends of the lab's network while calls run: what they report, and how they are told to behave."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from dialplan.errors import BadValue
from lab import configure, match, story
from lab.ami import Ami
from lab.behaviour import Act
from lab.configure import Handset
from lab.errors import LabError
from lab.place import Place

FAR_ENDS = ("carrier", "phones")
HANDSET_ACTS = (Act.ANSWER, Act.BUSY, Act.SILENT)


@dataclass(slots=True, kw_only=True)
class Watched:
    """A call under way: everything reported about it so far."""

    asked: story.Asked
    over: asyncio.Future[None]
    own: list[story.Event] = field(default_factory=list)
    far: dict[tuple[str, str], tuple[story.Arrival, list[story.Event]]] = field(default_factory=dict)
    open: set[tuple[str, str]] = field(default_factory=set)

    def settle(self) -> None:
        if self.own and not self.open and not self.over.done():
            self.over.set_result(None)


class Ends:
    """Use as `async with Ends(place) as ends`. Raises LabError when an end is not up.

    `roles` leaves one out that was not started.
    """

    def __init__(self, place: Place, roles: Iterable[str] = FAR_ENDS) -> None:
        self.place = place
        self.handsets = {handset.sip_user: handset for handset in configure.handsets(place)}
        self.strays: list[story.Arrival] = []
        """Legs that belong to no call placed from here."""
        self._roles = tuple(roles)
        self._amis: dict[str, Ami] = {}
        self._calls: dict[str, Watched] = {}
        self._owner: dict[tuple[str, str], Watched] = {}
        self._registered: dict[str, str] = {}
        self._news = asyncio.Condition()
        self._tellers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        try:
            for role in self._roles:
                ami = Ami(
                    host=self.place.addresses.of(role),
                    port=self.place.addresses.ami,
                    secret=configure.password(self.place, role),
                    on_event=lambda event, role=role: self._told(role, event),  # type: ignore[misc]
                )
                await ami.connect()
                self._amis[role] = ami
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for ami in self._amis.values():
            ami.close()
        for task in self._tellers:
            task.cancel()

    def ami(self, role: str) -> Ami:
        try:
            return self._amis[role]
        except KeyError:
            raise LabError(f"the lab's {role} is not up (denwaban lab up)") from None

    async def settle(self) -> None:
        """Everything the far ends have seen so far has been taken in."""
        await asyncio.gather(*(ami.settle() for ami in self._amis.values()))

    # ---- how the far ends behave ----------------------------------------------------------------------------

    async def behave(self, sip_user: str, act: Act) -> None:
        """What a handset does with the next call: answer (after 0.2 s of ringing), busy or silent."""
        if act not in HANDSET_ACTS:
            raise BadValue(f"behaviour of handset {sip_user}", act, "answer, busy or silent")
        self._known(sip_user)
        await self.ami("phones").act("DBPut", Family="act", Key=sip_user, Val=str(act))

    async def unregister(self, sip_user: str) -> None:
        """Returns when the switch has taken the registration away."""
        self._known(sip_user)
        await self.ami("phones").act("PJSIPUnregister", Registration=sip_user)
        await self._until(sip_user, "Unregistered")

    async def register(self, sip_user: str, timeout: float = 10.0) -> None:
        """Returns when the switch has accepted it. Raises LabError with what it said instead."""
        self._known(sip_user)
        self._registered.pop(sip_user, None)
        await self.ami("phones").act("PJSIPRegister", Registration=sip_user)
        await self._until(sip_user, "Registered", timeout)

    async def hand_out(self, handsets: Iterable[Handset]) -> None:
        """Replaces the handsets while everything runs. Each registers by itself, as a phone plugged in does."""
        given = {handset.sip_user: handset for handset in handsets}
        for gone in set(self.handsets) - set(given):
            await self.unregister(gone)
        configure.give(self.place, given.values())
        configure.write(self.place, "phones")
        self.handsets = given
        for module in ("res_pjsip.so", "res_pjsip_outbound_registration.so"):
            await self.ami("phones").act("Reload", Module=module)

    async def keys(self, number: str, digits: str) -> None:
        """The far end at `number` (at the carrier, or a handset's SIP user) sends these keys when it has answered.

        Not while the caller sends his: Asterisk garbles keys that cross. `w` waits half a second.
        """
        role = "phones" if number in self.handsets else "carrier"
        await self._put(role, "keys", number, digits)

    async def hairpin(self, number: str, on: bool) -> None:
        """Whether the carrier carries calls to this leased number back to the switch."""
        await self._put("carrier", "hairpin", number, "1" if on else "")

    async def divert(self, number: str, by: str) -> None:
        """Calls to this number at the carrier are told that `by` has forwarded them (181); "" ends it."""
        await self._put("carrier", "divert", number, by)

    async def _put(self, role: str, family: str, key: str, value: str) -> None:
        if value:
            await self.ami(role).act("DBPut", Family=family, Key=key, Val=value)
        else:
            await self.ami(role).act("DBDelTree", Family=family, Key=key)

    def _known(self, sip_user: str) -> None:
        if sip_user not in self.handsets:
            raise BadValue(
                "handset", sip_user, f"one of {', '.join(sorted(self.handsets)) or 'none, the lab has no handsets'}"
            )

    async def registered(self, sip_user: str, timeout: float = 10.0) -> None:
        """Waits until the handset's own attempts have been accepted."""
        await self._until(sip_user, "Registered", timeout)

    async def _until(self, sip_user: str, status: str, timeout: float = 10.0) -> None:
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: self._registered.get(sip_user) == status)
        except TimeoutError:
            found = self._registered.get(sip_user, "no answer")
            raise LabError(f"handset {sip_user}: found {found} after {timeout:g} s, expected {status}") from None

    # ---- what they report -----------------------------------------------------------------------------------

    def watch(self, asked: story.Asked) -> Watched:
        watched = Watched(asked=asked, over=asyncio.get_running_loop().create_future())
        self._calls[asked.token] = watched
        return watched

    def forget(self, watched: Watched) -> None:
        self._calls.pop(watched.asked.token, None)
        for key in [key for key, owner in self._owner.items() if owner is watched]:
            del self._owner[key]

    def _told(self, role: str, event: story.Event) -> None:
        if event["Event"] == "Registry":
            self._note_registry(event)
            return
        call = event.get("Linkedid") or event.get("DestLinkedid", "")
        watched = self._calls.get(call)
        if watched is not None and watched.asked.role == role:
            self._follow(watched, role, event)
            watched.own.append(event)
            watched.settle()
            return
        if event["Event"] == "UserEvent" and event.get("UserEvent") == "Leg":
            self._arrived(role, event)
            return
        watched = self._owner.get((role, call))
        if watched is not None:
            watched.far[role, call][1].append(event)
            self._follow(watched, role, event)
            watched.settle()

    def _follow(self, watched: Watched, role: str, event: story.Event) -> None:
        channel = (role, event.get("Uniqueid", ""))
        if event["Event"] == "Newchannel":
            watched.open.add(channel)
        elif event["Event"] == "Hangup":
            watched.open.discard(channel)

    def _arrived(self, role: str, event: story.Event) -> None:
        first = story.arrival(role, event)
        running = [match.Running(asked=call.asked, legs=len(call.far)) for call in self._calls.values()]
        asked = match.pick(first, running)
        if asked is None:
            self.strays.append(first)
            return
        watched = self._calls[asked.token]
        key = (role, event["Linkedid"])
        watched.far[key] = (first, [])
        watched.open.add((role, first.channel))
        self._owner[key] = watched

    def _note_registry(self, event: story.Event) -> None:
        sip_user = event.get("Username", "").removeprefix("sip:").partition("@")[0]
        self._registered[sip_user] = event.get("Status", "")
        task = asyncio.ensure_future(self._spread())
        self._tellers.add(task)
        task.add_done_callback(self._tellers.discard)

    async def _spread(self) -> None:
        async with self._news:
            self._news.notify_all()
