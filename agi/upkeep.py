"""Keeps Asterisk's copies in step with the store: survival copies, handsets and trunks, and the books themselves."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection

from agi.configuration import Fixed, configuration, write
from agi.ended import Ended
from agi.ledger import Tariff
from agi.manager import Manager
from agi.reconcile import Reconciler, keep_all
from agi.survival import Copies, all_copies, fresh_copies
from agi.trunks import list_trunks
from dialplan.errors import BadValue
from dialplan.trunks import Trunk
from store.units import Store

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""How long a change in the store may take to reach Asterisk's copies; calls decided by us see it at once."""

_TOGETHER = 50

_RELOADS = (("res_pjsip", "pjsip"), ("pbx_config", "extensions"))
"""Which module reads the files whose names begin so; the dialplan names the trunks of emergency calls. New trunks are
there before it names them."""


class Upkeep:
    """`counts`: copies, refreshes, reloads, reconciled, failures."""

    def __init__(
        self,
        *,
        store: Store,
        manager: Manager,
        fixed: Fixed,
        folder: Path,
        key: str,
        reconciler: Reconciler,
        tariff: Tariff,
        now: Callable[[], datetime],
        refresh_seconds: float,
        reconcile_seconds: float,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._store, self._manager, self._now = store, manager, now
        self._fixed, self._folder, self._key = fixed, folder, key
        self._reconciler, self._tariff = reconciler, tariff
        self._refresh_seconds, self._reconcile_seconds = refresh_seconds, reconcile_seconds
        self._trunks: tuple[Trunk, ...] = ()
        self._revision = 0
        self._configured = -1
        self._looked = now()
        self._stale = asyncio.Event()
        self._owed: list[Ended] = []

    def trunks(self) -> tuple[Trunk, ...]:
        """Those that calls go out by. Raises BadValue when there is none."""
        if not self._trunks:
            raise BadValue("trunks", "none", "at least one (`denwaban trunk add`)")
        return self._trunks

    def trusts(self, name: str) -> bool:
        """Whether the trunk of that name is a trusted one. A name no trunk has is not."""
        return any(trunk.name == name and trunk.trusted for trunk in self._trunks)

    async def load(self) -> None:
        """What decisions need before the first call."""
        self._trunks = await self._store.read(list_trunks, self._key)

    async def asterisk_connected(self) -> None:
        """Asterisk may have been restarted, with older copies or none."""
        self._stale.set()

    async def run(self) -> None:
        """Until cancelled. What fails is logged, counted, and tried again at the next look."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(self._refresh_seconds, self._refresh, self._stale))
            group.create_task(self._every(LOOK_SECONDS, self._follow, asyncio.Event()))
            group.create_task(self._every(self._reconcile_seconds, self._reconcile, asyncio.Event()))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]], at_once: asyncio.Event) -> None:
        while True:
            at_once.clear()
            try:
                await work()
            except Exception as error:
                self.counts["failures"] += 1
                log.warning("upkeep failed", work=work.__name__, why=str(error), kind=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(at_once.wait(), seconds)

    async def _refresh(self) -> None:
        """All copies anew; numbers that are nobody's any more lose theirs."""
        if not self._trunks or not self._manager.connected:
            return

        async def load() -> Copies:
            copies, self._revision = await self._store.read(all_copies, self._now(), self.trunks())
            return copies

        await self._manager.replace_routes(load)
        self.counts["refreshes"] += 1

    async def _follow(self) -> None:
        """What changed since the last look: trunks, handsets, forwarding, dates that came."""
        trunks = await self._store.read(list_trunks, self._key)
        now = self._now()
        if trunks != self._trunks:
            self._trunks, self._configured = trunks, -1
            self._stale.set()
        if not trunks or not self._manager.connected:
            return  # the next connection begins with a full refresh
        copies, revision = await self._store.read(fresh_copies, self._revision, self._looked, now, self.trunks())
        if revision != self._configured:
            await self._configure()
            self._configured = revision
        # An allow list of 12,000 callers takes seconds to write: the others need not wait for it.
        for number, routes in sorted(copies.items(), key=lambda one: len(one[1])):
            await self._manager.put_routes(number, routes)
            self.counts["copies"] += 1
        self._revision, self._looked = revision, now

    async def _configure(self) -> None:
        changed = await self._store.read(_written, self._fixed, self._key, self._folder)
        if not changed:
            return
        log.info("configuration written", files=changed)
        for module, beginning in _RELOADS:
            if any(name.startswith(beginning) for name in changed):
                await self._manager.reload(module)
                self.counts["reloads"] += 1

    async def _reconcile(self) -> None:
        calls, problems = await asyncio.to_thread(self._reconciler.next, self._now())
        for problem in problems:
            log.warning("call record cannot be read", problem=problem)
        self._owed += calls
        while self._owed:  # what the store could not take now is still owed at the next look
            report = await self._store.write(keep_all, self._owed[:_TOGETHER], self._tariff)
            del self._owed[:_TOGETHER]
            self.counts["reconciled"] += report.kept
            if report.kept:
                log.info("reconciled", read=report.read, kept=report.kept, charged=report.charged)


def _written(conn: Connection, fixed: Fixed, key: str, folder: Path) -> tuple[str, ...]:
    return write(configuration(conn, fixed, key), folder)
