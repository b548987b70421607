"""Keeps one command running, as systemd keeps a service of Type=notify with WatchdogSec and Restart=always.

python -m lab.keeper --run FOLDER -- command …
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab import pidfile

KEEPER_PID, CHILD_PID, STATE = "keeper.pid", "serve.pid", "serve.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds. `watchdog` between two pings; `start` until READY=1; `stop` between SIGTERM and SIGKILL."""

    watchdog: float = 5.0
    start: float = 30.0
    stop: float = 10.0
    first_delay: float = 0.1
    longest_delay: float = 10.0
    steady: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is told to the outside. `since` is Unix time; `last_end` says how the one before ended."""

    pid: int
    ready: bool
    since: float
    restarts: int
    last_end: str


def delay(failures: int, limits: Limits) -> float:
    """Seconds to wait before the next start, after so many ends in a row that came before `steady` seconds."""
    return min(limits.first_delay * 2.0 ** min(max(failures - 1, 0), 30), limits.longest_delay)


class _Notices(asyncio.DatagramProtocol):
    """sd_notify(3): datagrams of NAME=VALUE lines."""

    def __init__(self) -> None:
        self.ready = False
        self.last: float = time.monotonic()
        self.news = asyncio.Event()
        self.stuck = False

    def datagram_received(self, data: bytes, addr: object) -> None:
        lines = data.decode(errors="replace").splitlines()
        if "READY=1" in lines:
            self.ready = True
        if "READY=1" in lines or "WATCHDOG=1" in lines:
            self.last = time.monotonic()
        if "WATCHDOG=trigger" in lines:
            self.stuck = True
        self.news.set()


class Keeper:
    def __init__(self, run: Path, command: Sequence[str], limits: Limits) -> None:
        self._run, self._command, self._limits = run, list(command), limits
        self._stopping = asyncio.Event()
        self._restarts = 0
        self._last_end = ""

    def stop(self) -> None:
        self._stopping.set()

    async def keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            await self._one()
            failures = 1 if time.monotonic() - began >= self._limits.steady else failures + 1
            if not self._stopping.is_set():
                self._restarts += 1
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay(failures, self._limits))

    async def _one(self) -> None:
        fd = pidfile.claim(self._run / CHILD_PID)
        if fd is None:
            # An orphan of a keeper that was killed still answers calls and holds the ports.
            orphan = pidfile.holder(self._run / CHILD_PID)
            if orphan is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            self._last_end = f"an orphan, process {orphan}, was killed"
            return
        address = f"\0denwaban-keeper-{os.getpid()}-{self._restarts}"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(address)
        listener.setblocking(False)
        transport, notices = await asyncio.get_running_loop().create_datagram_endpoint(_Notices, sock=listener)
        environment = os.environ | {
            "NOTIFY_SOCKET": "@" + address[1:],
            "WATCHDOG_USEC": str(round(self._limits.watchdog * 1_000_000)),
        }
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command, env=environment, pass_fds=(fd,), stdin=asyncio.subprocess.DEVNULL
            )
        except OSError as why:
            self._say(f"{self._command[0]} cannot be started: {why}")
            self._last_end = str(why)
            os.close(fd)
            transport.close()
            return
        pidfile.write(fd, child.pid)
        os.close(fd)  # the child's copy holds the lock from here on
        try:
            await self._watch(child, notices)
        finally:
            transport.close()
            self._tell(0, ready=False)

    async def _watch(self, child: asyncio.subprocess.Process, notices: _Notices) -> None:
        self._tell(child.pid, ready=False)
        ended = asyncio.ensure_future(child.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        told_ready = False
        try:
            while True:
                allowed = self._limits.watchdog if notices.ready else self._limits.start
                left = notices.last + allowed - time.monotonic()
                news = asyncio.ensure_future(notices.news.wait())
                await asyncio.wait({ended, stopping, news}, timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                notices.news.clear()
                if ended.done():
                    break
                if self._stopping.is_set():
                    await self._end(child, ended)
                    break
                if notices.ready and not told_ready:
                    told_ready = True
                    self._tell(child.pid, ready=True)
                overdue = notices.last + allowed <= time.monotonic()
                if notices.stuck or overdue:
                    kind = "was not ready" if not notices.ready else "did not ping"
                    self._say(f"process {child.pid} {kind} within {allowed:g} s: killed")
                    child.kill()
                    await ended
                    break
        finally:
            stopping.cancel()
        code = child.returncode
        self._last_end = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
        if not self._stopping.is_set():
            self._say(f"process {child.pid} ended: {self._last_end}")

    async def _end(self, child: asyncio.subprocess.Process, ended: "asyncio.Future[int]") -> None:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        done, _ = await asyncio.wait({ended}, timeout=self._limits.stop)
        if not done:
            child.kill()
            await ended

    def _tell(self, pid: int, *, ready: bool) -> None:
        state = State(pid=pid, ready=ready, since=time.time(), restarts=self._restarts, last_end=self._last_end)
        fresh = self._run / (STATE + ".new")
        fresh.write_text(json.dumps(asdict(state)), encoding="ascii")
        fresh.replace(self._run / STATE)

    def _say(self, text: str) -> None:
        print(f"keeper: {text}", file=sys.stderr, flush=True)


def state(run: Path) -> State | None:
    """None when no keeper is at work in this folder."""
    if pidfile.holder(run / KEEPER_PID) is None:
        return None
    try:
        return State(**json.loads((run / STATE).read_text(encoding="ascii")))
    except FileNotFoundError:
        return None


async def _main(run: Path, command: Sequence[str], limits: Limits) -> int:
    fd = pidfile.claim(run / KEEPER_PID)
    if fd is None:
        print(f"keeper: process {pidfile.holder(run / KEEPER_PID)} keeps {run} already", file=sys.stderr)
        return 1
    pidfile.write(fd, os.getpid())
    (run / STATE).unlink(missing_ok=True)
    keeper = Keeper(run, command, limits)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, keeper.stop)
    await keeper.keep()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lab.keeper", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--run", type=Path, required=True, help="folder for process ids and the state")
    for name, value in asdict(Limits()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=value, metavar="SECONDS")
    parser.add_argument("--detach", action="store_true", help="return at once and go on in the background")
    parser.add_argument("command", nargs="+")
    given = vars(parser.parse_args(arguments))
    run, command = given.pop("run"), given.pop("command")
    run.mkdir(parents=True, exist_ok=True)
    if given.pop("detach"):
        if os.fork():
            return 0
        os.setsid()
    return asyncio.run(_main(run, command, Limits(**given)))


if __name__ == "__main__":
    sys.exit(main())
