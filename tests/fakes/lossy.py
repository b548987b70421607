"""Two network namespaces joined by a bad link: it loses, doubles and delays packets, by a seeded chance.

`python -m tests.fakes.lossy SEED LOSS SERVER… -- CLIENT…` runs SERVER at 192.0.2.1, waits for its first line, runs
CLIENT at 192.0.2.2 and ends with its exit code. Both addresses exist in these namespaces only, which end with it.

The kernel's own netem is not in every kernel (not in the one this was written on), so the link is a TUN device at
either end and a loop in between. `unshare` makes the first namespace, without being root where that is allowed.
"""

import ctypes
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import subprocess
import sys
import threading
import time

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"
DOUBLED, LATE = 0.01, 0.05
LATE_SECONDS = 0.005

_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000


def inside() -> list[str]:
    """The words that run a command in a namespace of its own."""
    return ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]


def main() -> None:
    seed, loss, *words = sys.argv[1:]
    middle = words.index("--")
    one = _end(SERVER, CLIENT)
    server = subprocess.Popen(words[:middle], stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    other = _end(CLIENT, SERVER)
    threading.Thread(target=_carry, args=(one, other, float(loss), random.Random(int(seed))), daemon=True).start()
    ended = subprocess.run(words[middle + 1 :], check=False)
    server.terminate()
    server.wait()
    sys.exit(ended.returncode)


def _end(address: str, peer: str) -> int:
    """A TUN device in the namespace of this thread, as a file descriptor."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", b"bad0", _IFF_TUN | _IFF_NO_PI))
    for words in (["addr", "add", address, "peer", peer, "dev", "bad0"], ["link", "set", "dev", "bad0", "up"]):
        subprocess.run(["ip", *words], check=True)
    return tun


def _carry(one: int, other: int, loss: float, chance: random.Random) -> None:
    across = {one: other, other: one}
    late: list[tuple[float, int, int, bytes]] = []
    order = itertools.count()
    while True:
        wait = max(late[0][0] - time.monotonic(), 0) if late else None
        readable, _, _ = select.select([one, other], [], [], wait)
        for tun in readable:
            packet = os.read(tun, 2048)
            for _ in range(2 if chance.random() < DOUBLED else 1):
                if chance.random() < loss:
                    continue
                if chance.random() < LATE:
                    heapq.heappush(late, (time.monotonic() + LATE_SECONDS, next(order), across[tun], packet))
                else:
                    os.write(across[tun], packet)
        while late and late[0][0] <= time.monotonic():
            _, _, tun, packet = heapq.heappop(late)
            os.write(tun, packet)


if __name__ == "__main__":
    main()
