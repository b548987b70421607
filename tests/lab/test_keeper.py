"""The keeper with real children: one that dies, one that hangs, one that never gets ready, one that behaves."""

import contextlib
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import keeper, pidfile
from lab.keeper import Limits, delay

ROOT = Path(__file__).parents[2]

SPEAK = """
import os, signal, socket, sys, time
def tell(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
        s.send(text.encode())
"""
BEHAVES = """
tell("READY=1")
print("child", os.getpid(), flush=True)
while True:
    tell("WATCHDOG=1")
    time.sleep(0.05)
"""
HANGS = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell("READY=1")
print("child", os.getpid(), flush=True)
time.sleep(3600)
"""
NEVER_READY = 'print("child", os.getpid(), flush=True)\ntime.sleep(3600)\n'
TRIGGERS = HANGS.replace("time.sleep(3600)", 'tell("WATCHDOG=trigger")\ntime.sleep(3600)')
DIES = 'tell("READY=1")\nprint("child", os.getpid(), flush=True)\nsys.exit(7)\n'


class Kept:
    """A keeper at work, and the lines that it and its child write."""

    def __init__(self, process: subprocess.Popen[bytes], run: Path) -> None:
        self.process, self.run = process, run
        self._unread = b""

    def line(self, containing: str, seconds: float = 20) -> str:
        assert self.process.stdout is not None
        out, deadline = self.process.stdout.fileno(), time.monotonic() + seconds
        while True:
            text, newline, rest = self._unread.partition(b"\n")
            if newline:
                self._unread = rest
                if containing in text.decode():
                    return text.decode()
                continue
            ready, _, _ = select.select([out], [], [], max(deadline - time.monotonic(), 0))
            more = os.read(out, 4096) if ready else b""
            if not more:
                pytest.fail(f"no line with {containing!r} came")
            self._unread += more

    def child(self) -> int:
        return int(self.line("child ").split()[1])


Start = Callable[..., Kept]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[bytes]] = []

    def begin(script: str, *options: str) -> Kept:
        child = tmp_path / "child.py"
        child.write_text(textwrap.dedent(SPEAK + script))
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.keeper", "--run", tmp_path, *options, "--", sys.executable, "-u", child],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        begun.append(process)
        return Kept(process, tmp_path)

    yield begin
    for process in begun:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
    orphan = pidfile.holder(tmp_path / keeper.CHILD_PID)
    if orphan is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)


def gone(pid: int) -> bool:
    """Ended, or a corpse that its parent has not buried yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_child_that_is_killed_is_started_again_at_once(start: Start) -> None:
    kept = start(BEHAVES)
    first = kept.child()
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    assert kept.line("ended: SIGKILL")
    assert kept.child() != first
    assert time.monotonic() - killed < 3


def test_a_child_that_stops_pinging_is_killed_even_if_it_ignores_terms(start: Start) -> None:
    kept = start(HANGS, "--watchdog=0.5", "--stop=0.2")
    first = kept.child()
    hung = time.monotonic()
    assert f"process {first} did not ping within 0.5 s: killed" in kept.line("did not ping")
    second = kept.child()
    assert second != first
    assert gone(first)
    assert 0.3 < time.monotonic() - hung < 4


def test_a_child_that_asks_for_it_is_killed_before_its_time(start: Start) -> None:
    kept = start(TRIGGERS, "--watchdog=3600", "--stop=0.2")
    first = kept.child()
    assert str(first) in kept.line("killed")


def test_a_child_that_is_never_ready_is_killed_after_the_start_limit(start: Start) -> None:
    kept = start(NEVER_READY, "--start=0.5", "--watchdog=3600")
    first = kept.child()
    assert f"process {first} was not ready within 0.5 s: killed" in kept.line("not ready")


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(start: Start) -> None:
    kept = start(DIES, "--first-delay=0.2")
    moments = []
    for _ in range(4):
        kept.line("ended: exit code 7")
        moments.append(time.monotonic())
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert gaps[0] >= 0.2
    assert gaps[1] >= 0.4
    assert gaps[2] >= 0.8


def test_a_command_that_does_not_exist_is_said_by_name(start: Start, tmp_path: Path) -> None:
    done = subprocess.Popen(
        [sys.executable, "-m", "lab.keeper", "--run", tmp_path, "--", "/no/such/command"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    kept = Kept(done, tmp_path)
    try:
        assert kept.line("/no/such/command cannot be started")
    finally:
        done.terminate()
        done.communicate(timeout=10)


def test_a_term_ends_keeper_and_child(start: Start) -> None:
    kept = start(BEHAVES)
    child = kept.child()
    kept.process.terminate()
    assert kept.process.wait(10) == 0
    assert gone(child)
    assert pidfile.holder(kept.run / keeper.KEEPER_PID) is None
    assert pidfile.holder(kept.run / keeper.CHILD_PID) is None
    assert keeper.state(kept.run) is None


def test_a_child_that_ignores_the_term_is_killed_after_the_stop_limit(start: Start) -> None:
    kept = start(HANGS, "--watchdog=3600", "--stop=0.3")
    child = kept.child()
    kept.process.terminate()
    assert kept.process.wait(10) == 0
    assert gone(child)


def test_the_state_tells_the_childs_id_and_how_the_last_one_ended(start: Start) -> None:
    kept = start(BEHAVES)
    first = kept.child()
    os.kill(first, signal.SIGKILL)
    kept.line("ended: SIGKILL")
    second = kept.child()
    told = keeper.state(kept.run)
    assert told is not None
    assert (told.pid, told.restarts, told.last_end) == (second, 1, "SIGKILL")
    assert pidfile.holder(kept.run / keeper.CHILD_PID) == second


def test_a_second_keeper_in_the_same_folder_gives_way(start: Start) -> None:
    kept = start(BEHAVES)
    kept.child()
    second = subprocess.run(
        [sys.executable, "-m", "lab.keeper", "--run", kept.run, "--", "true"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert second.returncode == 1
    assert f"process {kept.process.pid} keeps" in second.stderr


def test_the_orphan_of_a_killed_keeper_makes_way_for_the_next(start: Start) -> None:
    first = start(BEHAVES)
    orphan = first.child()
    first.process.kill()
    first.process.wait()
    assert not gone(orphan)
    assert pidfile.holder(first.run / keeper.CHILD_PID) == orphan
    second = start(BEHAVES)
    assert second.child() != orphan
    assert gone(orphan)


def test_a_state_is_not_believed_when_its_keeper_is_gone(tmp_path: Path) -> None:
    told = {"pid": 1, "ready": True, "since": 0.0, "restarts": 0, "last_end": ""}
    (tmp_path / keeper.STATE).write_text(json.dumps(told))
    (tmp_path / keeper.KEEPER_PID).write_text(f"{os.getpid()}\n")
    assert keeper.state(tmp_path) is None


@given(st.integers(min_value=0, max_value=10_000))
def test_the_wait_grows_to_its_limit_and_never_shrinks(failures: int) -> None:
    limits = Limits()
    assert limits.first_delay <= delay(failures, limits) <= delay(failures + 1, limits) <= limits.longest_delay


def test_the_wait_doubles() -> None:
    limits = Limits(first_delay=0.1, longest_delay=1.0)
    assert [delay(n, limits) for n in (1, 2, 3, 4, 5)] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0])
