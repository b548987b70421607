"""Polls every device in its turn, and takes what it hears through the state machine.

What the poller knows of a device's health changes only when whoever is told of the changes has taken them: if that
fails, the next turn finds the same changes again.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from provisioning.snmp import schedule
from provisioning.snmp.health import (
    UNHEARD,
    Change,
    ChangeKind,
    Health,
    Miss,
    Reading,
    Registrations,
    after,
    unasked,
    with_ports,
)
from provisioning.snmp.readings import Asked, Problem, questions, read, surveyed
from provisioning.snmp.target import NoAnswer, Poll, Target

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Without a target only its registrations are looked at. `name` is for the log.

    added_at, lines  what its health is about: a device that was lent anew is another one, and so is a port (the key)
                     with another line.
    """

    id: int
    name: str
    target: Target | None
    asked: Asked
    added_at: datetime | None = None
    lines: Mapping[int, int] = field(default_factory=dict)


OnChange = Callable[[Watched, Health, tuple[Change, ...]], Awaitable[None]]
Seen = Callable[[Watched], Registrations]


class Poller:
    """`health`, `problems` and the counters of `counts` (turns, missed, failed, problems, hints) are to be read from
    outside. To be used from one event loop.
    """

    def __init__(
        self,
        *,
        poll: Poll,
        seen: Seen,
        on_change: OnChange,
        now: Callable[[], datetime],
        every: float = schedule.EVERY,
    ) -> None:
        """`seen` gives what Asterisk knows of a device's ports now."""
        self.counts: Counter[str] = Counter()
        self.health: dict[int, Health] = {}
        self.problems: dict[int, tuple[Problem, ...]] = {}
        self._poll, self._seen, self._on_change, self._now, self._every = poll, seen, on_change, now, every
        self._watched: dict[int, Watched] = {}
        self._interfaces: dict[int, Mapping[int, int] | None] = {}
        self._turns: list[tuple[float, int, bool]] = []
        self._polled_at: dict[int, float] = {}
        self._busy: set[int] = set()
        self._hinted: dict[int, bool] = {}
        self._news = asyncio.Event()

    @property
    def watched(self) -> Mapping[int, Watched]:
        return self._watched

    @property
    def busy(self) -> Collection[int]:
        """The devices whose turn is under way."""
        return self._busy

    def watch(self, devices: Mapping[int, Watched], health: Mapping[int, Health]) -> None:
        """From now on these. `health` is what the store has of those not watched before, or lent anew since."""
        for gone in self._watched.keys() - devices.keys():
            for known in (self.health, self.problems, self._interfaces, self._polled_at):
                known.pop(gone, None)
        for device_id, one in devices.items():
            before = self._watched.get(device_id)
            if before is None or before.added_at != one.added_at:
                self.health[device_id] = health.get(device_id, UNHEARD)
            else:
                health_now = self._of_lines(before, one, self.health[device_id])
                self.health[device_id] = health_now if before.target == one.target else self._anew(health_now)
            if before is None or before.asked != one.asked:
                self._interfaces[device_id] = None
        self._watched = dict(devices)
        self._news.set()

    def hint(self, device_id: int, *, ask: bool = True) -> None:
        """It has said something, or somebody of it: look at once, but not again and again. Without `ask` only at its
        registrations: five hundred phones that register after a power cut are not five hundred polls.
        """
        if device_id not in self._watched:
            return
        if device_id not in self._hinted:
            self.counts["hints"] += 1
            self._news.set()
        self._hinted[device_id] = self._hinted.get(device_id, False) or ask

    async def run(self) -> None:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        planned: set[int] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                if self._news.is_set():
                    self._news.clear()
                    self._plan(planned, clock())
                while self._turns and self._turns[0][0] <= clock():
                    due, device_id, regular = heapq.heappop(self._turns)
                    ask = regular or self._hinted.pop(device_id, True)
                    if device_id not in self._watched:
                        if regular:
                            planned.discard(device_id)
                        continue
                    if regular:
                        turn = schedule.next_turn(device_id, max(due, clock() - self._every), self._every)
                        heapq.heappush(self._turns, (turn, device_id, True))
                    self._polled_at[device_id] = clock()
                    group.create_task(self.turn(device_id, ask=ask))
                pause = self._turns[0][0] - clock() if self._turns else None
                await _wait(self._news, pause)

    def _plan(self, planned: set[int], now: float) -> None:
        for device_id in self._watched.keys() - planned:
            planned.add(device_id)
            heapq.heappush(self._turns, (schedule.next_turn(device_id, now, self._every), device_id, True))
        waiting = {device_id for _, device_id, regular in self._turns if not regular}
        for device_id in self._hinted.keys() - waiting:
            due = schedule.hinted(self._polled_at.get(device_id), now)
            heapq.heappush(self._turns, (due, device_id, False))

    async def turn(self, device_id: int, *, ask: bool = True) -> None:
        """One look at one device. Raises nothing; while one is under way another does nothing."""
        one = self._watched.get(device_id)
        if one is None or device_id in self._busy:
            return
        self._busy.add(device_id)
        self.counts["turns"] += 1
        try:
            await self._look(one, ask)
        except Exception as error:
            self.counts["failed"] += 1
            log.warning("device not looked at", device=one.name, why=str(error)[:200], kind=type(error).__name__)
        finally:
            self._busy.discard(device_id)

    async def _look(self, one: Watched, ask: bool) -> None:
        heard = None
        if ask and one.target is not None:
            heard = await self._ask(one, one.target)
        if self._watched.get(one.id) != one:
            return  # no more lent, or otherwise, since it was asked
        now = self._now()
        health, changes = with_ports(self.health[one.id], one.asked.ports, now)
        if one.target is None:
            health, more = unasked(health, now)
            changes += more
        for each in (heard, self._seen(one)):
            if each is not None:
                health, more = after(health, each, now)
                changes += more
        if changes:
            await self._on_change(one, health, changes)
            if any(change.kind is ChangeKind.RESTARTED for change in changes):
                self._interfaces[one.id] = None
        watched = self._watched.get(one.id)
        if watched is not None and watched.added_at == one.added_at:
            self.health[one.id] = self._of_lines(one, watched, health)

    def _anew(self, health: Health) -> Health:
        """It is asked in another way from now on, which it may learn at its next fetch only: what has never answered
        so is not gone. What is down or dead stays that until it answers.
        """
        if health.snmp.down or any(port.told.down for port in health.ports.values()):
            return health
        return unasked(health, self._now())[0]

    def _of_lines(self, before: Watched, now: Watched, health: Health) -> Health:
        """Without what is known of ports that have another line now."""
        other = {number for number, line in before.lines.items() if now.lines.get(number, line) != line}
        return with_ports(health, health.ports.keys() - other, self._now())[0] if other else health

    async def _ask(self, one: Watched, target: Target) -> Reading | Miss:
        asked = replace(one.asked, interfaces=self._interfaces.get(one.id))
        answer = await self._poll(target, questions(asked))
        if isinstance(answer, NoAnswer):
            self.counts["missed"] += 1
            return Miss(why=answer.why)
        survey = surveyed(asked, answer)
        if survey is not None:
            self._interfaces[one.id] = survey
        reading, problems = read(asked, answer)
        if problems and problems != self.problems.get(one.id):
            self.counts["problems"] += len(problems)
            for problem in problems:
                log.warning("device answered strangely", device=one.name, problem=str(problem))
        self.problems[one.id] = problems
        return reading


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
