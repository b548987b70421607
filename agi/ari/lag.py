"""A hung application blocks callers (architecture, *Survival*): watch our own event loop, and end when it hangs."""

import asyncio
import faulthandler
import os
import threading
import time
from types import TracebackType
from typing import Self

from agi.ari.sdnotify import notify

EXIT_CODE = 70  # EX_SOFTWARE: the supervisor starts us again
BEAT_SECONDS = 0.25


class Standstill:
    """For how long the loop has been seen standing still (pure: the time between looks is given)."""

    def __init__(self) -> None:
        self._beats = -1
        self.seconds = 0.0

    def look(self, beats: int, elapsed: float) -> float:
        """`beats` counts the loop's heartbeats, `elapsed` is the time since the last look.

        A long gap between two looks means the watcher stood still as well (a stopped process, a starved
        machine): it says nothing about the loop, so no more than two beats of it count.
        """
        self.seconds = 0.0 if beats != self._beats else self.seconds + min(elapsed, 2 * BEAT_SECONDS)
        self._beats = beats
        return self.seconds


class LagWatch:
    """`async with LagWatch(): …` around the application.

    When the loop has not run for `limit` seconds, the stacks of all threads go to stderr and the process ends
    with exit code 70. A block inside C code that holds the GIL stops this thread too; then the missing
    WATCHDOG=1 makes systemd act.
    """

    def __init__(self, *, limit: float = 4.0, notify_socket: str | None = None) -> None:
        """`notify_socket`: the value of NOTIFY_SOCKET, for READY=1 and a WATCHDOG=1 every second."""
        self._limit = limit
        self._notify_socket = notify_socket
        self._beats = 0
        self._due = 0.0
        self._last = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lag-watch", daemon=True)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def lag(self) -> float:
        """Seconds by which the loop's last heartbeat came late, or by which the next one is late already."""
        return max(self._last, time.monotonic() - self._due, 0.0)

    def ready(self) -> None:
        """Tell the supervisor that calls can come."""
        notify(self._notify_socket, "READY=1")

    async def __aenter__(self) -> Self:
        self._due = time.monotonic()
        self._beat()
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()
        self._thread.join()

    def _beat(self) -> None:
        now = time.monotonic()
        self._last = max(now - self._due, 0.0)
        self._due = now + BEAT_SECONDS
        if self._beats % round(1 / BEAT_SECONDS) == 0:
            notify(self._notify_socket, "WATCHDOG=1")
        self._beats += 1
        self._timer = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    def _watch(self) -> None:
        standstill = Standstill()
        before = time.monotonic()
        while not self._stop.wait(BEAT_SECONDS):
            now = time.monotonic()
            blocked = standstill.look(self._beats, now - before)
            before = now
            if blocked >= self._limit:
                self._end(blocked)

    def _end(self, blocked: float) -> None:
        # Straight to the descriptor: logging may be what is stuck.
        report = f"event loop has not run for {blocked:.1f} s, expected under {self._limit:g} s: ending\n"
        os.write(2, report.encode())
        faulthandler.dump_traceback(file=2, all_threads=True)
        os._exit(EXIT_CODE)
