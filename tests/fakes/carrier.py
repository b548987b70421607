"""A carrier that fails on command: it answers every INVITE with one status, which no real one does when asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from lab.sip import Message, offer, parse, write


@dataclass
class FailingCarrier(asyncio.DatagramProtocol):
    """`status` None answers nothing at all, OPTIONS neither. `progress`: 183 with sound first. `invited` are the
    INVITEs that came, without retransmissions.
    """

    host: str
    status: int | None
    progress: bool = False
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
        if self.status is None or message.method == "ACK":
            return
        if message.method != "INVITE":
            self._answer(message, 200, address)
            return
        if self.progress:
            self._answer(message, 183, address, offer(self.host, 40_000))
        self._answer(message, self.status, address)

    def _answer(self, request: Message, status: int, address: tuple[str, int], body: str = "") -> None:
        headers = {name.title(): request.headers[name] for name in ("via", "from", "call-id", "cseq")}
        headers["To"] = request.headers["to"] + ";tag=failing"
        headers["Contact"] = f"<sip:{self.host}:5060>"
        if body:
            headers["Content-Type"] = "application/sdp"
        self._transport.sendto(write(f"SIP/2.0 {status} Said", headers, body), address)


@asynccontextmanager
async def failing(host: str, status: int | None, *, progress: bool = False) -> AsyncIterator[FailingCarrier]:
    loop = asyncio.get_running_loop()
    transport, carrier = await loop.create_datagram_endpoint(
        lambda: FailingCarrier(host, status, progress), local_addr=(host, 5060)
    )
    try:
        yield carrier
    finally:
        transport.close()
