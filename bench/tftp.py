"""`make bench-tftp`: 500 phones that start at once and fetch 8 KB each, beside tftpd-hpa, in one run.

tftpd-hpa sends files; Denwaban is `denwaban provision serve`, which looks each phone up in its store, makes the same
bytes in the maker's room, and writes every fetch into the store. The phones are one process for both sides
(bench/tftp_client.py), with an address each. tftpd-hpa is measured as it comes, and with what helps it most: a socket
with a buffer of 4 MB handed to it as inetd does, so that it never loses a request.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.report import machine, write
from bench.tftp_files import files, prepare
from provisioning.tftp.sockets import RECEIVE_BUFFER, listening

HOST = "127.0.0.1"
TICK = os.sysconf("SC_CLK_TCK")
OPTIONS = {"no options, 512 octets a block": [], "blksize 1428, tsize": ["tsize", "0", "blksize", "1428"]}
OURS = "Denwaban, from its store"
PEER, ASSISTED = "tftpd-hpa, as it comes", "tftpd-hpa, given a 4 MB socket"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds; `cpu` is the server's own."""

    wall: float
    p99: float
    cpu: float
    again: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each side, in turn")
    parser.add_argument("--dry", action="store_true", help="print only, write no result")
    given = parser.parse_args()
    found: dict[tuple[str, str], list[Measured]] = {}
    on = machine()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as home,
        contextlib.ExitStack() as stack,
    ):
        os.chmod(folder, 0o755)  # noqa: S103 - tftpd-hpa reads it as nobody
        port = _free()
        settings = prepare(Path(home), port, given.clients)
        for name, data in files(settings, given.clients).items():
            (Path(folder) / name).write_bytes(data)
            size = len(data)
        sides = {
            PEER: stack.enter_context(_alone(folder)),
            ASSISTED: stack.enter_context(_assisted(folder)),
            OURS: stack.enter_context(_ours(settings, port)),
        }
        for options, asked in OPTIONS.items():
            for _ in range(given.rounds):
                for side, (process, port) in sides.items():
                    measured = _run(process, port, folder, given.clients, asked)
                    found.setdefault((options, side), []).append(measured)
                    print(f"{options:32} {side:32} {measured}", flush=True)
        memory = {side: _peak(process) for side, (process, _) in sides.items()}
    text = _text(found, memory, given.clients, size, on)
    print(text)
    if not given.dry:
        write("tftp", "make bench-tftp", text)


@contextlib.contextmanager
def _ours(settings: Path, port: int) -> Iterator[tuple[int, int]]:
    with tempfile.TemporaryFile() as lines:  # its log is written, as it would be in service
        command = [sys.executable, "-m", "console", "--settings", str(settings), "provision", "serve"]
        with subprocess.Popen(command, stderr=lines) as process:
            try:
                _answers(port)
                yield process.pid, port
            finally:
                process.terminate()


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[tuple[int, int]]:
    port = _free()
    command = ["in.tftpd", "--foreground", "--address", f"{HOST}:{port}", "--secure", folder]
    with subprocess.Popen(command) as process:
        try:
            _answers(port)
            yield process.pid, port
        finally:
            process.terminate()


@contextlib.contextmanager
def _assisted(folder: str) -> Iterator[tuple[int, int]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.bind((HOST, 0))
        with subprocess.Popen(["in.tftpd", "--secure", folder], stdin=sock.fileno()) as process:
            try:
                _answers(sock.getsockname()[1])
                yield process.pid, sock.getsockname()[1]
            finally:
                process.terminate()


def _free() -> int:
    with listening(HOST, 0) as taken:
        found: int = taken.getsockname()[1]
    return found


def _answers(port: int) -> None:
    """Returns when it answers a request at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.settimeout(0.2)
        for _ in range(50):
            sock.sendto(b"\0\1nothing\0octet\0", (HOST, port))
            with contextlib.suppress(TimeoutError):
                sock.recv(600)
                return
    raise SystemExit(f"nobody answers on port {port}")


def _run(process: int, port: int, folder: str, clients: int, options: list[str]) -> Measured:
    before = _cpu(process)
    command = [sys.executable, "-m", "bench.tftp_client", HOST, str(port), folder, str(clients), *options]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    said = json.loads(ran.stdout)
    time.sleep(2)  # what follows the last block, such as writing its fetch down, is not the next side's time
    took = said["took"]
    return Measured(
        wall=said["wall"],
        p99=took[min(int(len(took) * 0.99), len(took) - 1)],
        cpu=_cpu(process) - before,
        again=said["again"],
    )


def _cpu(process: int) -> float:
    """Seconds of CPU, all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:13]) / TICK


def _peak(process: int) -> float:
    """MiB resident at most."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _text(
    found: dict[tuple[str, str], list[Measured]], memory: dict[str, float], clients: int, size: int, on: str
) -> str:
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {on}. {clients} clients at once, {size:,} octets",
        "each; medians of the runs, the sides in turn. tftpd-hpa forks for each transfer and does not wait for them:",
        "their CPU cannot be told, nor is their memory in the figure, which is the listening process's.",
        "",
        "| asked for | side | wall | p99 | server CPU | asked again | peak resident |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    ratios = []
    for options in OPTIONS:
        for side in (PEER, ASSISTED, OURS):
            runs = found[options, side]
            cpu = f"{_median(runs, 'cpu'):.2f} s" if side == OURS else "–"
            lines.append(
                f"| {options} | {side} | {_median(runs, 'wall'):.3f} s | {_median(runs, 'p99'):.3f} s "
                f"| {cpu} | {_median(runs, 'again'):.0f} | {memory[side]:.0f} MiB |"
            )
        for side in (PEER, ASSISTED):
            wall, p99 = (
                _median(found[options, OURS], what) / _median(found[options, side], what) for what in ("wall", "p99")
            )
            ratios.append(f"- {options}, beside {side}: wall {wall:.2f} x, p99 {p99:.2f} x.")
    wanted = "Wanted: wall and p99 at most 1.0 x tftpd-hpa, at most 100 MiB resident."
    return "\n".join([*lines, "", *ratios, "", wanted, ""])


def _median(runs: list[Measured], what: str) -> float:
    return statistics.median(float(getattr(one, what)) for one in runs)


if __name__ == "__main__":
    main()
