"""Many phones that start at once: each its own address and port, all in one process. Prints what it took as JSON.

`python -m bench.tftp_client HOST PORT FOLDER CLIENTS [OPTION VALUE …]`; client n fetches the file that FOLDER holds
as `name(n)` and compares it. Standard library only, and as little Python for each datagram as can be: it shares the
machine with what it measures.
"""

import json
import select
import socket
import struct
import sys
import time
from pathlib import Path

AGAIN = 1.0
"""Seconds after which a phone asks again."""
_GIVEN_UP = 60.0


def name(client: int) -> str:
    return f"001565{client:06x}.cfg"


def address(client: int) -> str:
    return f"127.77.{client // 250}.{client % 250 + 1}"


class Phone:
    __slots__ = ("began", "block", "got", "last", "sent_at", "size", "sock", "to", "took")

    def __init__(self, client: int, to: tuple[str, int], options: bytes) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.bind((address(client), 0))
        self.to = to
        self.last = b"\0\1" + name(client).encode() + b"\0octet\0" + options
        self.got: list[bytes] = []
        self.block, self.size, self.took = 1, 512, 0.0
        self.began = self.sent_at = 0.0

    def send(self, now: float) -> None:
        self.sent_at = now
        self.sock.sendto(self.last, self.to)

    def heard(self, now: float) -> bool:
        """Whether the file is whole. Raises ValueError for an ERROR."""
        datagram, self.to = self.sock.recvfrom(2048)
        kind = datagram[1]
        if kind == 3 and datagram[2:4] == struct.pack("!H", self.block & 0xFFFF):
            self.got.append(datagram[4:])
            self.block += 1
            self.last = b"\0\4" + datagram[2:4]
            self.send(now)
            if len(datagram) - 4 < self.size:
                self.took = now - self.began
                return True
        elif kind == 6:
            granted = datagram[2:].split(b"\0")
            self.size = int(granted[granted.index(b"blksize") + 1])
            self.last = b"\0\4\0\0"
            self.send(now)
        elif kind == 5:
            raise ValueError(f"{self.last!r} was answered by {datagram!r}")
        return False


def main() -> None:
    host, port, folder, clients, *options = sys.argv[1:]
    asked = b"".join(option.encode() + b"\0" for option in options)
    phones = [Phone(client, (host, int(port)), asked) for client in range(int(clients))]
    poll = select.epoll()
    by_fd = {phone.sock.fileno(): phone for phone in phones}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    clock = time.monotonic
    began = clock()
    again = 0
    for phone in phones:
        phone.began = clock()
        phone.send(phone.began)
    waiting, checked = len(phones), began
    while waiting:
        for fd, _ in poll.poll(0.1, 512):
            if by_fd[fd].heard(clock()):
                poll.unregister(fd)
                waiting -= 1
        now = clock()
        if now - checked > 0.1:
            checked = now
            if now - began > _GIVEN_UP:
                raise SystemExit(f"{waiting} of {clients} clients have no file after {_GIVEN_UP:g} s")
            for phone in phones:
                if not phone.took and now - phone.sent_at > AGAIN:
                    phone.send(now)
                    again += 1
    wall = clock() - began
    for client, phone in enumerate(phones):
        if b"".join(phone.got) != (Path(folder) / name(client)).read_bytes():
            raise SystemExit(f"{name(client)}: not the bytes of the file")
    print(json.dumps({"wall": wall, "took": sorted(phone.took for phone in phones), "again": again}))


if __name__ == "__main__":
    main()
