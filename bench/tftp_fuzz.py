"""`python -m bench.tftp_fuzz --datagrams 1000000`: random and mutated datagrams to a real TFTP server; now and then,
and at the end, a good device fetches its file.

The datagrams come from a seeded chance, from addresses and ports of their own, half of them to the port that listens,
the others to the ports of running transfers. After every 200 the sender waits until the server has read them, so that
none is lost. The server is a process of its own, which must be alive and without an exception in its log.
"""

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.report import machine, write
from provisioning.tftp.packets import Ack, Data, Error, OptionsAck, ReadRequest, WriteRequest, serialise

HOST = "127.0.0.1"
GOOD, CONTENT = "good.cfg", bytes(range(256)) * 32
_NAMES = ("good.cfg", "../../etc/passwd", "", "a" * 300, "%s%n", "\x7f", "y000000000000.boot")
_OPTIONS = ("blksize", "tsize", "timeout", "windowsize", "rollover", "multicast", "", "BLKSIZE")
_VALUES = ("0", "8", "512", "1428", "65464", "65465", "-1", "abc", "", "9" * 30, "٣", "1e9", " 1", "\n")
_STRANGERS = 64
_EVERY, _BURST = 20_000, 200


def datagram(chance: random.Random) -> bytes:
    """Random octets, a well-formed message of strange content, or one of those with octets changed, cut or added."""
    kind = chance.randrange(10)
    if kind == 0:
        return chance.randbytes(chance.randrange(600))
    made = bytearray(_message(chance))
    for _ in range(chance.choice((0, 0, 1, 2, 8))):
        match chance.randrange(4):
            case 0 if made:
                made[chance.randrange(len(made))] = chance.randrange(256)
            case 1:
                del made[chance.randrange(len(made) + 1) :]
            case 2:
                made += chance.randbytes(chance.randrange(40))
            case _ if made:
                at = chance.randrange(len(made))
                made[at:at] = made[at : at + chance.randrange(20)]
    return bytes(made)


def _message(chance: random.Random) -> bytes:
    number = chance.choice((0, 1, 2, 65535, chance.randrange(65536)))
    options = tuple((chance.choice(_OPTIONS), chance.choice(_VALUES)) for _ in range(chance.randrange(5)))
    mode = chance.choice(("octet", "netascii", "mail", "", "OCTET", "x" * 200))
    match chance.randrange(6):
        case 0 | 1:
            return serialise(ReadRequest(chance.choice(_NAMES), mode, options))
        case 2:
            return serialise(WriteRequest(chance.choice(_NAMES), mode, options))
        case 3:
            return serialise(chance.choice((Ack(number), Data(number, chance.randbytes(chance.randrange(520))))))
        case 4:
            return serialise(Error(number, chance.choice(("", "stop", "\n\x1b[2J"))))
        case _:
            return serialise(OptionsAck(options))


def attack(port: int, count: int, seed: int) -> Iterator[int]:
    """Sends `count` datagrams; yields the number sent so far, now and then."""
    chance = random.Random(seed)
    strangers = []
    for number in range(_STRANGERS):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.bind((f"127.66.{number % 8}.{number // 8 + 1}", 0))
        strangers.append(sock)
    known: list[tuple[str, int]] = []  # ports of running transfers, as their answers told
    try:
        for sent in range(1, count + 1):
            sock = chance.choice(strangers)
            to = chance.choice(known) if known and chance.random() < 0.5 else (HOST, port)
            try:
                sock.sendto(datagram(chance), to)
                got, to = sock.recvfrom(2048)
                if got[1:2] in (b"\3", b"\6"):
                    known.append(to)
                    del known[:-16]
            except OSError:  # nothing was answered, or too much waits to be sent
                pass
            if sent % _BURST == 0:
                all_read(port)
            if sent % _EVERY == 0 or sent == count:
                yield sent
    finally:
        for sock in strangers:
            sock.close()


def all_read(port: int) -> None:
    """Returns when the server has read what was sent to it before: it answers a write request at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.99.0.2", 0))
        sock.settimeout(5.0)
        sock.sendto(serialise(WriteRequest("read", "octet")), (HOST, port))
        sock.recv(600)


def fetch(port: int) -> bytes:
    """As a good device does, asking again after a second without an answer. Raises TimeoutError after ten."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.99.0.1", 0))
        sock.settimeout(1.0)
        last, to, found, block = serialise(ReadRequest(GOOD, "octet")), (HOST, port), b"", 1
        missed = 0
        while True:
            sock.sendto(last, to)
            try:
                got, to = sock.recvfrom(2048)
            except TimeoutError:
                missed += 1
                if missed == 10:
                    raise
                continue
            if got == serialise(Data(block, got[4:])):
                found, last, block = found + got[4:], serialise(Ack(block)), block + 1
                if len(got) < 516:
                    sock.sendto(last, to)
                    return found


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, int]]:
    """Its process and port. What its log says of exceptions is in folder / "log"."""
    files = folder / "files"
    files.mkdir()
    (files / GOOD).write_bytes(CONTENT)
    command = [sys.executable, "-m", "tests.fixtures.tftp_folder", HOST, "0", str(files)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        port = int(process.stdout.readline())
        lines = subprocess.Popen(["grep", "-a", "Traceback"], stdin=process.stdout, stdout=log)
        try:
            yield process.pid, port
        finally:
            process.kill()
            lines.wait()


def resident(process: int) -> float:
    """MiB at this moment. Raises FileNotFoundError or IndexError when it has ended."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datagrams", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--dry", action="store_true", help="print only, write no result")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server(folder) as (process, port):
            began, fetches = time.monotonic(), 0
            before = resident(process)
            for sent in attack(port, given.datagrams, given.seed):
                if fetch(port) != CONTENT:
                    raise SystemExit(f"after {sent} datagrams: not the bytes of the file")
                fetches += 1
            seconds, after = time.monotonic() - began, resident(process)
        if log := (folder / "log").read_text("utf-8", "replace"):
            raise SystemExit(log)
    text = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}.\n\n"
        f"{given.datagrams:,} datagrams in {seconds:.0f} s (seed {given.seed}), {fetches} good fetches between them, "
        f"the last after all of them; resident {before:.0f} MiB before, {after:.0f} MiB after, no exception.\n"
    )
    print(text)
    if not given.dry:
        write("tftp-fuzz", f"python -m bench.tftp_fuzz --datagrams {given.datagrams} --seed {given.seed}", text)


if __name__ == "__main__":
    main()
