"""RTP packets of 20 ms µ-law and RFC 4733 key events, in bytes. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lab.sip import PCMU, TELEPHONE_EVENT

FRAME = 160
"""Samples, and bytes of µ-law, in 20 ms at 8 kHz."""
FRAME_SECONDS = 0.02
SILENCE = b"\xff" * FRAME

_KEYS = "0123456789*#ABCD"
_VOLUME = 10  # -dBm0
_ENDINGS = 3  # RFC 4733 2.5.1.4: the end is sent three times


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    kind: int
    sequence: int
    timestamp: int
    payload: bytes


def parse(datagram: bytes) -> Packet:
    """Raises ValueError for what is no RTP."""
    if len(datagram) < 12 or datagram[0] >> 6 != 2:
        raise ValueError(f"RTP packet: found {len(datagram)} bytes, expected a header of version 2")
    flags, kind, sequence, timestamp = struct.unpack_from("!BBHI", datagram)
    start = 12 + 4 * (flags & 0x0F)
    return Packet(kind=kind & 0x7F, sequence=sequence, timestamp=timestamp, payload=datagram[start:])


def sound(sequence: int, timestamp: int, source: int, payload: bytes = SILENCE) -> bytes:
    return _header(PCMU, False, sequence, timestamp, source) + payload


def key(which: str, sequence: int, timestamp: int, source: int, frames: int = 5) -> Iterator[tuple[bytes, bool]]:
    """The packets of one key, 20 ms apart, and whether each says that it was let go; `frames` is how long it is held.

    All have the timestamp of its beginning (RFC 4733 2.3), and the sequence goes on with each.
    """
    event = _KEYS.index(which)
    for count in range(frames + _ENDINGS):
        let_go = count >= frames
        held = min(count + 1, frames) * FRAME
        body = struct.pack("!BBH", event, (0x80 if let_go else 0) | _VOLUME, held)
        header = _header(TELEPHONE_EVENT, count == 0, (sequence + count) & 0xFFFF, timestamp, source)
        yield header + body, let_go


def _header(kind: int, marker: bool, sequence: int, timestamp: int, source: int) -> bytes:
    return struct.pack(
        "!BBHII", 0x80, kind | (0x80 if marker else 0), sequence & 0xFFFF, timestamp & 0xFFFFFFFF, source
    )
