"""What a request is granted: mode and options (RFC 1350 section 1, RFC 2347, 2348, 2349, 7440). Pure.

An option that is unknown, broken or out of its range is left out of the acknowledgement, as RFC 2347 has it: the
transfer goes on without it, and a device with a faulty option still gets its file.
"""

import re
from dataclasses import dataclass

from provisioning.tftp.packets import Error, Fault, Options, ReadRequest

DEFAULT_BLOCK, DEFAULT_WINDOW = 512, 1
MAX_BLOCK = 1428
"""Octets of data granted in a datagram, whatever more is asked for, on loopback too. It makes 1,460 with the headers
of TFTP, UDP and IP: what passes whole through Ethernet and through the 1,460-octet tunnels of IPv4 over IPv6 that are
common in Japan. Larger ones are cut up by IP, and the boot loaders of many devices cannot put the pieces together; a
server behind a router cannot see how wide the way is. RFC 2348 lets a server grant less than was asked.
"""
MAX_WINDOW = 32
"""Blocks granted in a row. 32 of the largest fill a third of the 212,992 octets of receive buffer that Linux gives a
socket, where each counts as 2,304; a device has less."""
MAX_NETASCII = 1 << 20
"""Octets of a file that is sent line by line; it is held twice while it is. Firmware is not text."""

_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`block` octets of data, `window` blocks for one ACK; `seconds` before something is sent again, None: as the
    path turns out to need. `granted` is what the OACK says; empty: none is sent.
    """

    block: int = DEFAULT_BLOCK
    window: int = DEFAULT_WINDOW
    seconds: int | None = None
    granted: Options = ()


def settle_mode(request: ReadRequest, size: int) -> Error | None:
    """Why the mode cannot be had for a file of `size` octets; None when it can."""
    if request.mode == "octet" or (request.mode == "netascii" and size <= MAX_NETASCII):
        return None
    if request.mode == "netascii":
        return Error(Fault.UNDEFINED, f"too large for netascii ({MAX_NETASCII} octets), ask in octet mode")
    return Error(Fault.ILLEGAL_OPERATION, "mode must be octet or netascii")


def settle_options(asked: Options, size: int) -> Terms:
    """`size` is that of the data as it will be sent, after any conversion to netascii."""
    block, window, seconds = DEFAULT_BLOCK, DEFAULT_WINDOW, None
    granted: list[tuple[str, str]] = []
    for name, text in asked:
        value = int(text) if _DIGITS.fullmatch(text) else -1
        match name.lower():
            case "blksize" if 8 <= value <= 65464:
                block = min(value, MAX_BLOCK)
                granted.append((name, str(block)))
            case "windowsize" if 1 <= value <= 65535:
                window = min(value, MAX_WINDOW)
                granted.append((name, str(window)))
            case "timeout" if 1 <= value <= 255:
                seconds = value
                granted.append((name, text))  # must be the value that was asked for (RFC 2349)
            case "tsize" if value >= 0 and size > 0:  # curl takes a size of 0 for a fault
                granted.append((name, str(size)))
    return Terms(block=block, window=window, seconds=seconds, granted=tuple(granted))
