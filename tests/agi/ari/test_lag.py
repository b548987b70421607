import asyncio
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

from agi.ari.lag import BEAT_SECONDS, EXIT_CODE, LagWatch, Standstill
from agi.ari.sdnotify import notify


def child(body: str) -> "subprocess.CompletedProcess[str]":
    program = textwrap.dedent(
        """
        import asyncio, sys, time
        from agi.ari.lag import LagWatch
        def blocks_here():
            {body}
        async def main():
            async with LagWatch(limit=1.0):
                await asyncio.sleep(0.3)
                blocks_here()
                await asyncio.sleep(0.6)
            print("ended by itself")
        asyncio.run(main())
        """
    ).format(body=body)
    root = str(Path(__file__).parents[3])
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_blocked_loop_ends_the_process_and_shows_where() -> None:
    for body in ("time.sleep(20)", "end = time.monotonic() + 20\n    while time.monotonic() < end: pass"):
        ended = child(body)
        assert ended.returncode == EXIT_CODE, ended
        assert "event loop has not run for" in ended.stderr
        assert "in blocks_here" in ended.stderr
        assert ended.stdout == ""


def test_a_short_block_is_survived() -> None:
    ended = child("time.sleep(0.5)")
    assert (ended.returncode, ended.stdout) == (0, "ended by itself\n"), ended


def test_only_a_loop_that_stands_still_adds_up() -> None:
    standstill = Standstill()
    assert [standstill.look(beats, 0.25) for beats in (1, 1, 1, 2, 2)] == [0.0, 0.25, 0.5, 0.0, 0.25]


def test_a_gap_of_the_watcher_itself_is_not_held_against_the_loop() -> None:
    standstill = Standstill()
    standstill.look(1, 0.25)
    assert standstill.look(1, 3600.0) == 2 * BEAT_SECONDS


async def test_the_lag_is_what_the_loop_was_late() -> None:
    import time

    async with LagWatch(limit=30.0) as watch:
        assert watch.lag < BEAT_SECONDS
        time.sleep(BEAT_SECONDS + 0.3)  # noqa: ASYNC251 - the block under test
        assert watch.lag >= 0.3


async def test_systemd_hears_that_we_are_ready_and_alive(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(path)
        supervisor.setblocking(False)
        loop = asyncio.get_running_loop()
        async with LagWatch(notify_socket=path) as watch:
            assert await loop.sock_recv(supervisor, 100) == b"WATCHDOG=1"
            watch.ready()
            assert await loop.sock_recv(supervisor, 100) == b"READY=1"
            assert await asyncio.wait_for(loop.sock_recv(supervisor, 100), 5) == b"WATCHDOG=1"


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind("\0denwaban-test-notify")
        assert notify("@denwaban-test-notify", "READY=1")
        assert supervisor.recv(100) == b"READY=1"


def test_no_supervisor_is_no_error(tmp_path: Path) -> None:
    assert not notify(None, "READY=1")
    assert not notify("", "READY=1")
    assert not notify(str(tmp_path / "nobody"), "READY=1")
