"""A request, what has become of it, and how its end is told."""

import asyncio
import socket
from dataclasses import dataclass

import structlog

from provisioning.serving import Request
from provisioning.tftp.packets import ReadRequest
from provisioning.tftp.sockets import Address
from provisioning.tftp.transfer import Outcome, Transfer

log = structlog.get_logger(__name__)

NOT_FOUND = "not found"
_ORDINARY = (Outcome.SENT, Outcome.UNCONFIRMED, NOT_FOUND)  # devices ask for many files that need not be there


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """
    bytes    acknowledged by the device.
    resent   datagrams that were sent again.
    outcome  one of a few fixed words; `detail` is what there is to say besides, or "".
    served   the whole file was sent; only the ACK of its end may be missing.
    """

    request: Request
    bytes: int
    seconds: float
    resent: int
    outcome: str
    detail: str
    served: bool


class Exchange:
    """`began` in the time of the monotonic clock. `sock` and `transfer` come together, when the answer is there."""

    __slots__ = ("began", "datagram", "local", "message", "peer", "request", "sock", "task", "transfer")

    def __init__(
        self, request: Request, message: ReadRequest, datagram: bytes, peer: Address, local: Address, began: float
    ) -> None:
        self.request, self.message, self.datagram = request, message, datagram
        self.peer, self.local, self.began = peer, local, began
        self.task: asyncio.Task[None] | None = None
        self.transfer: Transfer | None = None
        self.sock: socket.socket | None = None

    def finished(self, now: float, outcome: str, detail: str) -> Finished:
        transfer = self.transfer
        return Finished(
            request=self.request,
            bytes=transfer.confirmed if transfer else 0,
            seconds=round(now - self.began, 3),
            resent=transfer.resent if transfer else 0,
            outcome=outcome,
            detail=detail or (transfer.detail if transfer else ""),
            served=outcome in (Outcome.SENT, Outcome.UNCONFIRMED),
        )


def tell(end: Finished) -> None:
    """One line for each exchange, whatever became of it."""
    write = log.info if end.outcome in _ORDINARY else log.warning
    write(
        "tftp transfer",
        name=end.request.name,
        address=end.request.address,
        port=end.request.port,
        bytes=end.bytes,
        seconds=end.seconds,
        resent=end.resent,
        outcome=end.outcome,
        detail=end.detail,
    )
