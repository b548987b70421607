"""A carrier that fails on command, or has so many channels and no more: no real one does that when asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from lab.sip import Message, offer, parse, write

_TAG = ";tag=failing"


@dataclass
class FailingCarrier(asyncio.DatagramProtocol):
    """`status` None answers nothing at all, OPTIONS neither; without `options` it is only they that are not answered.
    `progress`: 183 with sound first. While fewer calls than `channels` are up, it answers; `up` are their Call-IDs.
    `invited` are the INVITEs that came, without retransmissions.
    """

    host: str
    status: int | None
    progress: bool = False
    channels: int = 0
    options: bool = True
    up: set[str] = field(default_factory=set)
    invited: list[Message] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        message = parse(data)
        if message.status is not None:
            return
        if message.method == "INVITE" and message.headers["via"] not in self._seen:
            self._seen.add(message.headers["via"])
            self.invited.append(message)
        if self.status is None or message.method == "ACK" or (message.method == "OPTIONS" and not self.options):
            return
        if message.method != "INVITE":
            if message.method == "BYE":
                self.up.discard(message.headers["call-id"])
            self._answer(message, 200, address)
            return
        if len(self.up | {message.headers["call-id"]}) <= self.channels:
            self.up.add(message.headers["call-id"])
            self._answer(message, 200, address, offer(self.host, 40_000))
            return
        if self.progress:
            self._answer(message, 183, address, offer(self.host, 40_000))
        self._answer(message, self.status, address)

    def _answer(self, request: Message, status: int, address: tuple[str, int], body: str = "") -> None:
        headers = {name.title(): request.headers[name] for name in ("via", "from", "call-id", "cseq")}
        headers["To"] = request.headers["to"] if "tag=" in request.headers["to"] else request.headers["to"] + _TAG
        headers["Contact"] = f"<sip:{self.host}:5060>"
        if body:
            headers["Content-Type"] = "application/sdp"
        self._transport.sendto(write(f"SIP/2.0 {status} Said", headers, body), address)


@asynccontextmanager
async def failing(
    host: str, status: int | None, *, progress: bool = False, channels: int = 0, options: bool = True
) -> AsyncIterator[FailingCarrier]:
    loop = asyncio.get_running_loop()
    transport, carrier = await loop.create_datagram_endpoint(
        lambda: FailingCarrier(host, status, progress, channels, options), local_addr=(host, 5060)
    )
    try:
        yield carrier
    finally:
        transport.close()
