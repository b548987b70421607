"""Units of work for the asynchronous server: a function of a connection, run whole in another thread."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from .engine import busy_explained, read_connection

P = ParamSpec("P")
T = TypeVar("T")


class StoreClosed(Exception):
    """Work was asked of a store that has been closed."""


_ENOUGH = 10
"""Units worth a commit of their own: with so many at hand the writer waits for no more."""


class _OneFailed(Exception):
    """A unit raised; the group is taken back and run again, each unit for itself."""


@dataclass(slots=True, eq=False)
class _Unit:
    run: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """In the event loop: hands over what the writer found, unless nobody waits for it any more."""
        if self.future.done():
            return
        if isinstance(self.error, StopIteration):
            # A future refuses to carry it; unsaid, it would leave the caller waiting for ever.
            self.future.set_exception(RuntimeError(f"unit of work raised {self.error!r}"))
        elif self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Store:
    """Readers run side by side; all writes go through one thread, which commits what has queued in one go.

    To be used from one event loop.

    Commits cost a wait for the disk. One writer that takes what has piled up in the meantime shares that wait
    between all of them, and never contends with itself for SQLite's single write lock.
    """

    def __init__(
        self, engine: Engine, *, readers: int = 2, queue: int = 1000, together: int = 200, linger: float = 0.05
    ) -> None:
        """`queue` units wait at most, further callers wait to queue; `together` share a transaction at most.

        The writer waits up to `linger` seconds for a few more to share it with: at 50 calls a second that saves more
        than half of the commits, and nobody notices that a call which is over is charged 50 ms later.
        """
        self._engine = engine
        self._linger = linger
        self._glances = engine.dialect.name == "sqlite"
        self._together = together
        self._mine = threading.local()
        self._connections: list[Connection] = []
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-reader")
        self._room = asyncio.Semaphore(queue)
        self._queue: deque[_Unit] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._lingering = False
        self._urgent = False
        self._writer = threading.Thread(target=self._write_all, name="store-writer", daemon=True)
        self._writer.start()

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """What `fn(conn, *args)` returns; it must not write. Raises what it raises, and StoreBusy."""
        if self._closed:
            raise StoreClosed("store: closed, expected no further reads")
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self._read(lambda conn: fn(conn, *args, **kw))
        )

    async def glance(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """`read`, for a look-up by key while a caller waits.

        On SQLite it runs here and now: a reader waits for no lock (WAL), and the look-up is shorter than the way to
        another thread and back. A server is asked from a thread, as by `read`.
        """
        if not self._glances:
            return await self.read(fn, *args, **kw)
        if self._closed:
            raise StoreClosed("store: closed, expected no further reads")
        return self._read(lambda conn: fn(conn, *args, **kw))

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """What `fn(conn, *args)` returned, once it is committed.

        Other units may share the transaction; when `fn` raises, its own changes alone are taken back. `fn` may be
        run a second time, after its first run was taken back, when another one of its group raised. Raises
        what it raises, StoreBusy, or the database's error when the commit failed. `fn` must not commit. A caller
        that is cancelled does not know whether the change was made.
        """
        return await self._queued(lambda conn: fn(conn, *args, **kw), urgent=False)

    async def write_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """`write`, for a change that a caller waits for: the writer waits for no company."""
        return await self._queued(lambda conn: fn(conn, *args, **kw), urgent=True)

    async def _queued(self, run: Callable[[Connection], T], *, urgent: bool) -> T:
        async with self._room:
            loop = asyncio.get_running_loop()
            unit = _Unit(run, loop, loop.create_future())
            with self._wake:
                if self._closed:
                    raise StoreClosed("store: closed, expected no further writes")
                self._queue.append(unit)
                self._urgent = self._urgent or urgent
                if not self._lingering or self._urgent or len(self._queue) >= _ENOUGH:
                    self._wake.notify()
            result: T = await unit.future
            return result

    async def close(self) -> None:
        """Finishes what was asked for, then stops the threads. The engine stays the caller's to dispose of."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._writer.join()
        self._readers.shutdown(wait=True)
        for conn in self._connections:
            conn.close()
        self._connections.clear()

    def _read(self, run: Callable[[Connection], T]) -> T:
        with busy_explained(self._engine):
            try:
                return self._read_once(run)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # The server was restarted since this thread last read; reading again does no harm.
            return self._read_once(run)

    def _read_once(self, run: Callable[[Connection], T]) -> T:
        conn: Connection | None = getattr(self._mine, "conn", None)
        if conn is None:
            conn = self._mine.conn = read_connection(self._engine)
            self._connections.append(conn)
        try:
            return run(conn)
        finally:
            if conn.invalidated:
                self._mine.conn = None
                self._connections.remove(conn)
                conn.close()
            else:
                conn.rollback()

    def _write_all(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._closed:
                    self._wake.wait()
                if not self._queue:
                    return
                self._lingering = True
                self._wake.wait_for(self._no_more_waiting, self._linger)
                self._lingering = False
                self._urgent = False
                units = [self._queue.popleft() for _ in range(min(len(self._queue), self._together))]
            try:
                self._write(units)
            except Exception as error:
                for unit in units:
                    unit.error = unit.error or error
            # The loop may have ended, and with it everybody who waited.
            with suppress(RuntimeError):
                units[0].loop.call_soon_threadsafe(_settle, units)

    def _no_more_waiting(self) -> bool:
        return self._closed or self._urgent or len(self._queue) >= _ENOUGH

    def _write(self, units: list[_Unit]) -> None:
        """One transaction; an exception out of here means that nothing of it was kept."""
        try:
            with busy_explained(self._engine), self._engine.connect() as conn, conn.begin():
                for unit in units:
                    try:
                        unit.result = unit.run(conn)
                    except Exception as error:
                        raise _OneFailed from error
        except _OneFailed:
            # A savepoint for each would have told which, and cost every transaction what only the rare failure needs.
            with busy_explained(self._engine):
                self._write_one_by_one(units)

    def _write_one_by_one(self, units: list[_Unit]) -> None:
        with self._engine.connect() as conn, conn.begin():
            for unit in units:
                savepoint = conn.begin_nested()
                try:
                    with busy_explained(self._engine):
                        unit.result = unit.run(conn)
                    savepoint.commit()
                except BaseException as error:
                    # When the connection itself is lost, so is the work of the units before this one: then the
                    # rollback fails too, and with it the whole transaction.
                    savepoint.rollback()
                    unit.error = error


def _settle(units: list[_Unit]) -> None:
    for unit in units:
        unit.settle()
