"""Telling systemd we are ready and alive (sd_notify(3)); nothing happens where no supervisor listens."""

import socket
from contextlib import suppress


def notify(address: str | None, state: str) -> bool:
    """Send `READY=1`, `WATCHDOG=1` or the like to `address`, the value of NOTIFY_SOCKET. True when it was sent.

    A supervisor that does not take it must never stop us, so failures are only reported.
    """
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        out.sendto(state.encode(), address)
        return True
    return False
