"""TFTP as bytes: one datagram, one message (RFC 1350 section 5, RFC 2347). No sockets, no clock.

Malformed   a datagram that is no TFTP message; `request` says whether it set out to be a request
"""

import struct
from enum import IntEnum

import msgspec

MAX_REQUEST = 512
"""Octets of a request, options and all (RFC 2347)."""

Options = tuple[tuple[str, str], ...]


class Malformed(Exception):
    """The text says what was found and what was expected. A stranger's request is told so; anything else is not
    answered, or two servers could go on telling each other for ever.
    """

    def __init__(self, text: str, *, request: bool = False) -> None:
        self.request = request
        super().__init__(text)


class Opcode(IntEnum):
    RRQ = 1
    WRQ = 2
    DATA = 3
    ACK = 4
    ERROR = 5
    OACK = 6


class Fault(IntEnum):
    """RFC 1350 section 5 (appendix), 8 from RFC 2347."""

    UNDEFINED = 0
    NOT_FOUND = 1
    ACCESS_VIOLATION = 2
    DISK_FULL = 3
    ILLEGAL_OPERATION = 4
    UNKNOWN_TRANSFER = 5
    FILE_EXISTS = 6
    NO_SUCH_USER = 7
    OPTION_REFUSED = 8


class ReadRequest(msgspec.Struct, frozen=True):
    """`name` is printable ASCII and not empty, `mode` in small letters. Options are as sent, in their order, whatever
    their values; a name sent twice is there once, with its first value.
    """

    name: str
    mode: str
    options: Options = ()


class WriteRequest(msgspec.Struct, frozen=True):
    name: str
    mode: str
    options: Options = ()


class Data(msgspec.Struct, frozen=True):
    """Block 65,535 is followed by block 0."""

    block: int
    data: bytes


class Ack(msgspec.Struct, frozen=True):
    block: int


class Error(msgspec.Struct, frozen=True):
    """`code` can be any 16-bit number when it was received; `text` has no control characters then."""

    code: int
    text: str


class OptionsAck(msgspec.Struct, frozen=True):
    options: Options


Message = ReadRequest | WriteRequest | Data | Ack | Error | OptionsAck

_TWO = struct.Struct("!HH")
_FIRST = struct.Struct("!H")


def parse(datagram: bytes) -> Message:
    """Raises Malformed, and nothing else. Octets behind the end of an ACK are ignored, as are options behind the
    first one that is not whole: devices pad their requests with zeros.
    """
    if len(datagram) < 4:
        raise Malformed(f"TFTP datagram: {datagram.hex() or 'empty'}, expected at least 4 octets")
    opcode, number = _TWO.unpack_from(datagram)
    if opcode == Opcode.ACK:
        return Ack(number)
    if opcode == Opcode.DATA:
        return Data(number, datagram[4:])
    if opcode == Opcode.ERROR:
        return Error(number, _shown(datagram[4:].partition(b"\0")[0]))
    if opcode == Opcode.RRQ:
        return ReadRequest(*_request(datagram))
    if opcode == Opcode.WRQ:
        return WriteRequest(*_request(datagram))
    if opcode == Opcode.OACK and (options := _options(datagram[2:].split(b"\0")[:-1])):
        return OptionsAck(options)
    raise Malformed(f"TFTP datagram: {datagram[:4].hex()}, expected an opcode of 1 to 6, options after 6")


def serialise(message: Message) -> bytes:
    match message:
        case Data(block, data):
            return _TWO.pack(Opcode.DATA, block) + data
        case Ack(block):
            return _TWO.pack(Opcode.ACK, block)
        case Error(code, text):
            return _TWO.pack(Opcode.ERROR, code) + _string(text)
        case OptionsAck(options):
            return _FIRST.pack(Opcode.OACK) + _strings(options)
        case ReadRequest(name, mode, options):
            return _FIRST.pack(Opcode.RRQ) + _string(name) + _string(mode) + _strings(options)
        case WriteRequest(name, mode, options):
            return _FIRST.pack(Opcode.WRQ) + _string(name) + _string(mode) + _strings(options)


def _request(datagram: bytes) -> tuple[str, str, Options]:
    if len(datagram) > MAX_REQUEST:
        raise Malformed(f"TFTP request: over {MAX_REQUEST} octets, expected at most those", request=True)
    name, *rest = datagram[2:].split(b"\0")
    if len(rest) < 2:
        raise Malformed("TFTP request: not ended, expected a name and a mode, each ended by a zero", request=True)
    if not name or not name.isascii() or not name.decode("ascii").isprintable():
        raise Malformed(f"TFTP name: {_shown(name)!r}, expected printable ASCII", request=True)
    return name.decode("ascii"), _shown(rest[0]).lower(), _options(rest[1:-1])


def _options(strings: list[bytes]) -> Options:
    found: dict[str, tuple[str, str]] = {}
    for name, value in zip(strings[::2], strings[1::2], strict=False):
        if not name:
            break
        shown = _shown(name)
        found.setdefault(shown.lower(), (shown, _shown(value)))
    return tuple(found.values())


def _shown(text: bytes) -> str:
    """A stranger's octets on one line of a log: what is not printable ASCII becomes a question mark."""
    plain = text.decode("ascii", "replace")
    return "".join(sign if " " <= sign <= "~" else "?" for sign in plain)


def _string(text: str) -> bytes:
    return text.encode("ascii", "replace").replace(b"\0", b"?") + b"\0"


def _strings(options: Options) -> bytes:
    return b"".join(_string(name) + _string(value) for name, value in options)
