"""One file on its way to one device: datagrams and time in, datagrams out (RFC 1350, 1123 section 4.2.3, 7440). Pure.

Time is that of any clock that only goes forward, in seconds.

Nothing is sent twice for a duplicate: a block is sent again when its time is up, never because its ACK came again
(the Sorcerer's Apprentice, RFC 1123 section 4.2.3.1). In a window of several blocks an ACK of less than all of them
reports a gap, and the rest is sent again from there (RFC 7440 section 4); an ACK of nothing new does so once, and
only where nothing was sent twice just before.
"""

import struct
from enum import StrEnum

from provisioning.tftp.packets import Ack, Error, Fault, Malformed, OptionsAck, parse, serialise
from provisioning.tftp.terms import Terms

FIRST_WAIT = 1.0
"""Seconds before the first datagram is sent again, while nothing is known of the path."""
LEAST_WAIT, MOST_WAIT = 0.1, 8.0
UNHEARD = 15.0
"""Seconds after which a peer that has never answered is given up: its address may be forged."""
SILENT = 30.0
"""The same for one that has answered; it may be erasing its flash memory."""
LAST_ACK = 10.0
"""The same when only the ACK of the end is missing: it is sent once and can be lost, the device has the file then."""

_HEADER = struct.Struct("!HH")


class Outcome(StrEnum):
    SENT = "sent"
    UNCONFIRMED = "sent, its last ACK missing"
    SILENT = "given up, no answer"
    BROKEN_OFF = "broken off by the device"


class Transfer:
    """`begin` once, then `received` for each datagram of this peer and `waited` when `deadline` has passed. Each
    returns what is to be sent, in order. It is over when `outcome` is there.
    """

    __slots__ = (
        "_acked",
        "_blocks",
        "_calm",
        "_content",
        "_sent",
        "_sent_at",
        "_sent_once",
        "_silent_at",
        "_smoothed",
        "_variation",
        "_wait",
        "deadline",
        "detail",
        "outcome",
        "resent",
        "terms",
    )

    def __init__(self, content: bytes | memoryview, terms: Terms) -> None:
        self.terms = terms
        self._content = memoryview(content)
        self._blocks = len(content) // terms.block + 1  # the last is shorter than the others, or empty
        # Blocks are counted from 1 and on behind 65,535. Block 0 is the OACK where there is one.
        self._acked = -1 if terms.granted else 0
        self._sent = self._acked
        self._smoothed: float | None = None
        self._variation = 0.0
        self._sent_at, self._sent_once, self._calm = 0.0, True, True
        self._wait = FIRST_WAIT
        self._silent_at = self.deadline = 0.0
        self.outcome: Outcome | None = None
        self.detail = ""
        self.resent = 0
        """Datagrams sent again."""

    @property
    def confirmed(self) -> int:
        """Octets of the content that the peer has acknowledged."""
        return min(max(self._acked, 0) * self.terms.block, len(self._content))

    def begin(self, now: float) -> list[bytes]:
        self._silent_at = now + UNHEARD
        return self._window(now)

    def received(self, datagram: bytes, now: float) -> list[bytes]:
        """Never raises. What is neither an ACK nor an ERROR is ignored: a forger could end a transfer with it."""
        if self.outcome is not None:
            return []
        try:
            message = parse(datagram)
        except Malformed:
            return []
        if isinstance(message, Ack):
            return self._acknowledged(message.block, now)
        if isinstance(message, Error):
            self.outcome, self.detail = Outcome.BROKEN_OFF, f"{message.code} {message.text}".strip()
        return []

    def waited(self, now: float) -> list[bytes]:
        """What is due at `now`: nothing before the deadline."""
        if self.outcome is not None or now < self.deadline:
            return []
        if now >= self._silent_at:
            heard = self._acked >= 0 if self.terms.granted else self._acked >= 1
            self.outcome = Outcome.UNCONFIRMED if heard and self._sent == self._blocks else Outcome.SILENT
            return []
        if self._acked < 0 or self.terms.seconds is None:
            self._wait = min(self._wait * 2, MOST_WAIT)
        return self._again(now)

    def _acknowledged(self, number: int, now: float) -> list[bytes]:
        ahead = (number - self._acked) & 0xFFFF
        if self._acked < 0 and number != 0:
            return []  # an ACK of data before the options are
        if ahead == 0 and self.terms.window > 1 and self._sent_once and self._calm:
            return self._again(now)  # the first block of the window is missing
        if not 1 <= ahead <= self._sent - self._acked:
            return []
        self._acked += ahead
        if self._acked == self._blocks:
            self.outcome = Outcome.SENT
            return []
        whole = self._acked == self._sent
        self._measure(now, timed=whole)
        last = self._acked + self.terms.window >= self._blocks
        self._silent_at = now + max(LAST_ACK if last else SILENT, 3 * self._wait)
        if not whole:
            return self._again(now)
        # Blocks that came twice make a device report where it is, before it has this window's first block.
        self._calm = self._sent_once
        return self._window(now)

    def _measure(self, now: float, *, timed: bool) -> None:
        """RFC 6298 section 2, as RFC 1123 section 4.2.3.2 asks for. Nothing that was sent twice is measured."""
        if timed and self._sent_once:
            took = now - self._sent_at
            if self._smoothed is None:
                self._smoothed, self._variation = took, took / 2
            else:
                self._variation += (abs(took - self._smoothed) - self._variation) / 4
                self._smoothed += (took - self._smoothed) / 8
        if self.terms.seconds is not None:
            self._wait = float(self.terms.seconds)
        elif self._smoothed is not None:
            self._wait = min(max(self._smoothed + 4 * self._variation, LEAST_WAIT), MOST_WAIT)

    def _again(self, now: float) -> list[bytes]:
        self.resent += self._sent - self._acked
        self._sent = self._acked
        return self._window(now, once=False)

    def _window(self, now: float, *, once: bool = True) -> list[bytes]:
        self._sent_at, self._sent_once = now, once
        self.deadline = min(now + self._wait, self._silent_at)
        if self._acked < 0:
            self._sent = 0
            return [serialise(OptionsAck(self.terms.granted))]
        size = self.terms.block
        first, self._sent = self._sent, min(self._acked + self.terms.window, self._blocks)
        return [
            _HEADER.pack(3, (block + 1) & 0xFFFF) + self._content[block * size : (block + 1) * size]
            for block in range(first, self._sent)
        ]


def foreign(datagram: bytes) -> bytes | None:
    """What a stranger is told who writes to somebody else's transfer (RFC 1350 section 4): nothing for an ERROR."""
    if datagram[:2] == b"\0\x05":
        return None
    return serialise(Error(Fault.UNKNOWN_TRANSFER, "unknown transfer ID"))
