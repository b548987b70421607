"""Media to and from the bytes that a test chose: RTP (RFC 3550) and UDPTL (T.38, 9.1)."""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

_WITHIN = 10.0


@dataclass
class Stream(asyncio.DatagramProtocol):
    """A socket for one medium: what it sends goes to `far`, what comes is kept whole in `heard`."""

    far: tuple[str, int] | None = None
    heard: list[bytes] = field(default_factory=list)
    port: int = 0
    _number: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, _: tuple[str, int]) -> None:
        self.heard.append(data)
        self._news.set()

    def speak(self, kind: int, payload: bytes) -> None:
        """The next RTP packet of this stream."""
        self._number += 1
        self.send(struct.pack("!BBHII", 0x80, kind, self._number, self._number * 160, 0xD0E0F000 + kind) + payload)

    def send(self, packet: bytes) -> None:
        assert self.far is not None, "the other side has told no address for this medium"
        self._transport.sendto(packet, self.far)

    async def until(self, enough: Callable[[list[bytes]], bool]) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(_WITHIN):
            while not enough(self.heard):
                self._news.clear()
                await self._news.wait()

    def close(self) -> None:
        self._transport.close()


def payloads(heard: list[bytes], kind: int) -> list[bytes]:
    """Of the RTP packets of that payload type."""
    return [data[12:] for data in heard if data[1] & 0x7F == kind]


def datagram(number: int, ifp: bytes) -> bytes:
    """UDPTL with a primary IFP packet of up to 127 bytes, and no redundant ones."""
    return struct.pack("!HB", number, len(ifp)) + ifp + b"\0\0"


def primary(data: bytes) -> bytes:
    """The primary IFP packet of UDPTL."""
    return data[3 : 3 + data[2]]
