"""The sockets of the TFTP server: one that listens, one for each transfer. Linux."""

import socket
import struct
from contextlib import suppress
from typing import NamedTuple

RECEIVE_BUFFER = 4 << 20
"""Octets: the requests of a thousand devices that start at once wait here while the first ones are answered."""

_IP_PKTINFO = 8  # linux/in.h; the socket module has it from Python 3.14 on
_SO_RCVBUFFORCE = 33
_V4, _V6 = struct.Struct("=i4s4s"), struct.Struct("=16si")
_LONGEST = 2048
_SPACE = socket.CMSG_SPACE(_V6.size)

Address = tuple[str, int] | tuple[str, int, int, int]
"""As the socket module has it: host and port first."""


class Arrived(NamedTuple):
    """`local` is what a transfer's socket is bound to: the address that was asked, so that a host with several
    answers from that one, as devices expect.
    """

    datagram: bytes
    peer: Address
    local: Address


def listening(host: str, port: int) -> socket.socket:
    """Raises OSError. A host with a colon is IPv6."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        try:  # beyond net.core.rmem_max, which asks for a capability
            made.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
        except PermissionError:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            made.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


def arrived(listener: socket.socket) -> Arrived | None:
    """The next request, None for one to a broadcast or multicast address, which nobody answers (RFC 1123 section
    4.2.3.5). Raises BlockingIOError when none waits.
    """
    datagram, ancillary, _, peer = listener.recvmsg(_LONGEST, _SPACE)
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            _, ours, asked = _V4.unpack(data)
            return Arrived(datagram, peer, (socket.inet_ntoa(ours), 0)) if ours == asked else None
        if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
            asked, interface = _V6.unpack(data)
            scope = interface if asked[:1] == b"\xfe" else 0
            found = (socket.inet_ntop(socket.AF_INET6, asked), 0, 0, scope)
            return Arrived(datagram, peer, found) if asked[:1] != b"\xff" else None
    return None


def answering(local: Address) -> socket.socket:
    """A port of its own (the transfer's ID, RFC 1350 section 4), chosen by the system. Raises OSError: no port, or no
    file descriptor is left.

    It is not connected: a stranger's datagram could not be told so then.
    """
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        made.bind(local)
    except OSError:
        made.close()
        raise
    return made


def send(sock: socket.socket, datagrams: list[bytes], peer: Address) -> None:
    """What cannot be sent now is as lost as what the network loses: it is sent again in time."""
    with suppress(OSError):
        for datagram in datagrams:
            sock.sendto(datagram, peer)
