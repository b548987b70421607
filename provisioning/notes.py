"""What is to be remembered of a request, written in groups: five hundred phones at once are a few commits.

A note is in the store half a second later. What the store cannot take now stays until it can, up to a limit.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from provisioning.fetch import Fetch
from provisioning.records.devices import set_address, set_firmware
from provisioning.records.fetches import record_fetches, record_sighting
from store.engine import StoreBusy
from store.units import Store

log = structlog.get_logger(__name__)

LINGER = 0.5
"""Seconds between a request and its being written, at most, while the store is quick."""
MOST = 20_000
STRANGERS = 100
"""Of strangers in one group: whoever asks a thousand times a second must not have it all written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """
    address   becomes the device's own, if there is one.
    firmware  what the device told that it runs, if it is news.
    guess     (maker's key, model) of a stranger who is to be seen by the technician; None for everybody else.
    """

    fetch: Fetch
    address: str | None = None
    firmware: str | None = None
    guess: tuple[str | None, str | None] | None = None


class Notes:
    """`counts`: written, dropped, failures."""

    def __init__(self, store: Store, linger: float = LINGER) -> None:
        self.counts: Counter[str] = Counter()
        self._store, self._linger = store, linger
        self._waiting: list[Note] = []
        self._strangers = self._singly = 0
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()

    def put(self, note: Note) -> None:
        """Never waits."""
        stranger = note.fetch.device_id is None
        if len(self._waiting) >= MOST or (stranger and self._strangers >= STRANGERS):
            self.counts["dropped"] += 1
            return
        self._strangers += stranger
        self._waiting.append(note)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; then `flush` what is left."""
        while True:
            await self._news.wait()
            await asyncio.sleep(self._linger)
            try:
                await self.flush()
            except Exception as error:
                self.counts["failures"] += 1
                log.warning("fetches not recorded yet", why=str(error)[:200], waiting=len(self._waiting))
                await asyncio.sleep(self._linger)

    async def close(self) -> None:
        """Writes what is left, if the store takes it."""
        try:
            await self.flush()
        except (StoreBusy, OperationalError) as error:
            log.warning("fetches not recorded", why=str(error)[:200], waiting=len(self._waiting))

    async def flush(self) -> None:
        """Returns when all that was put is written. Raises StoreBusy and OperationalError; everything is kept for the
        next time then.
        """
        async with self._writing:
            await self._flush()

    async def _flush(self) -> None:
        self._news.clear()
        batch, self._waiting, self._strangers = self._waiting, [], 0
        while batch:
            together = len(batch) if self._singly == 0 else 1
            try:
                await self._store.write(write, batch[:together])
                self.counts["written"] += together
            except (StoreBusy, OperationalError):
                self._waiting = batch + self._waiting
                self._strangers = sum(note.fetch.device_id is None for note in self._waiting)
                self._news.set()
                raise
            except Exception as error:
                if together > 1:  # one that cannot be written must not keep the others from it
                    self._singly = together
                    continue
                self.counts["dropped"] += 1
                log.exception("fetch not recorded", name=batch[0].fetch.name, why=str(error)[:200])
            self._singly = max(self._singly - 1, 0)
            del batch[:together]


def write(conn: Connection, notes: Sequence[Note]) -> None:
    record_fetches(conn, [note.fetch for note in notes])
    for note in notes:
        fetch = note.fetch
        if fetch.device_id is not None and note.address is not None:
            set_address(conn, fetch.device_id, note.address)
        if fetch.device_id is not None and note.firmware is not None:
            set_firmware(conn, fetch.device_id, note.firmware)
        if note.guess is not None and fetch.mac is not None:
            maker, model = note.guess
            record_sighting(
                conn, fetch.mac, name=fetch.name, address=fetch.address, at=fetch.at, maker=maker, model=model
            )
