"""A phone that calls, keys and keeps what it hears, frame by frame: for what AMI events cannot tell.

It sends no sound but the first frames, by which the far end learns where it is.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from lab import rtp, sip
from lab.errors import LabError

_ANSWERED_WITHIN = 10.0
_RETRANSMIT = 0.5
_LEARNING = 10  # frames
_GAP = 0.1  # between keys, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A frame, and when it came by the event loop's clock."""

    at: float
    sequence: int
    payload: bytes


class Softphone:
    """One call at a time. Use as `async with Softphone(…) as phone: await phone.call("142")`.

    Without `user` it is somebody whom the switch knows by the address `host`: a trunk.
    """

    def __init__(
        self,
        host: str,
        server: tuple[str, int],
        *,
        user: str = "",
        password: str = "",
        number: str = "",
        events: bool = True,
        on_frame: Callable[[Heard], None] | None = None,
    ) -> None:
        """`number` is the caller's of a trunk; `events` False offers no RFC 4733. `on_frame` takes frames instead of
        `heard`.
        """
        self.heard: list[Heard] = []
        self.ended = asyncio.Event()
        self._host, self._server = host, server
        self._user, self._password, self._number, self._events = user, password, number, events
        self._take = on_frame or self.heard.append
        self._answers: asyncio.Queue[sip.Message] = asyncio.Queue()
        self._call_id, self._tag = uuid4().hex, uuid4().hex[:8]
        self._to, self._uri, self._target, self._cseq = "", "", "", 0
        self._sip, self._rtp = _socket(host), _socket(host)
        self._far: tuple[str, int] | None = None
        self._sequence, self._timestamp, self._source = 1, 0, uuid4().int & 0xFFFFFFFF

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._sip, self._signalling)
        loop.add_reader(self._rtp, self._sound)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._far is not None and not self.ended.is_set():
            with suppress(TimeoutError):
                await self.hang_up()
        loop = asyncio.get_running_loop()
        for one in (self._sip, self._rtp):
            loop.remove_reader(one)
            one.close()

    async def call(self, number: str) -> None:
        """Returns when it is answered. Raises LabError when it is not."""
        host, port = self._server
        self._uri = self._target = f"sip:{number}@{host}:{port}"
        self._to = f"<{self._uri}>"
        body = sip.offer(self._host, self._rtp.getsockname()[1], events=self._events)
        answer = await self._ask("INVITE", body, "application/sdp")
        if answer.status in (401, 407):
            self._acknowledge(answer)
            name = "authorization" if answer.status == 401 else "proxy-authorization"
            challenge = answer.headers["www-authenticate" if answer.status == 401 else "proxy-authenticate"]
            proof = sip.authorisation(challenge, self._user, self._password, "INVITE", self._uri)
            answer = await self._ask("INVITE", body, "application/sdp", **{name: proof})
        self._to = answer.headers.get("to", self._to)
        if answer.status == 200:
            self._target = answer.headers["contact"].partition("<")[2].partition(">")[0]
        self._acknowledge(answer)
        if answer.status != 200:
            raise LabError(f"call to {number}: found {answer.first}, expected 200")
        self._far = sip.media(answer.body)
        for _ in range(_LEARNING):
            self._send_sound(rtp.sound(self._sequence, self._timestamp, self._source))
            self._advance(1, rtp.FRAME)
            await asyncio.sleep(rtp.FRAME_SECONDS)

    async def key(self, which: str, released: Callable[[], None] | None = None) -> float:
        """An RFC 4733 key of 100 ms; when it was let go, by the event loop's clock. `released` is called then."""
        loop = asyncio.get_running_loop()
        let_go = 0.0
        for packet, last in rtp.key(which, self._sequence, self._timestamp, self._source):
            if last and not let_go:
                let_go = loop.time()
                if released is not None:
                    released()
            self._send_sound(packet)
            self._advance(1, 0)
            if not last:
                await asyncio.sleep(rtp.FRAME_SECONDS)
        self._advance(0, 8 * rtp.FRAME)
        return let_go

    async def info(self, which: str) -> None:
        """The same key as a SIP INFO of application/dtmf-relay."""
        answer = await self._ask("INFO", f"Signal={which}\r\nDuration=100\r\n", "application/dtmf-relay")
        if answer.status != 200:
            raise LabError(f"INFO with a key: found {answer.first}, expected 200")

    async def keys(self, keys: str) -> None:
        for which in keys:
            await self.key(which)
            await asyncio.sleep(_GAP)

    async def hang_up(self) -> None:
        await self._ask("BYE")
        self.ended.set()

    # ---- signalling -----------------------------------------------------------------------------------------

    async def _ask(self, method: str, body: str = "", kind: str = "", **more: str) -> sip.Message:
        """The final answer. Raises TimeoutError."""
        self._cseq += 1
        headers = self._headers(method, f"z9hG4bK{uuid4().hex[:12]}") | more
        if body:
            headers["Content-Type"] = kind
        self._sent = sip.write(f"{method} {self._target} SIP/2.0", headers, body)
        async with asyncio.timeout(_ANSWERED_WITHIN):
            provisional = False
            while True:
                if not provisional:
                    self._sip.sendto(self._sent, self._server)
                with suppress(TimeoutError):
                    answer = await asyncio.wait_for(self._answers.get(), _RETRANSMIT)
                    if answer.headers.get("cseq") != f"{self._cseq} {method}":
                        continue
                    if (answer.status or 0) >= 200:
                        return answer
                    provisional = True

    def _acknowledge(self, answer: sip.Message) -> None:
        """RFC 3261 17.1.1.3: a refusal in the same transaction, an acceptance in one of its own."""
        branch = answer.headers["via"].partition("branch=")[2].partition(";")[0]
        if answer.status == 200:
            branch = f"z9hG4bK{uuid4().hex[:12]}"
        headers = self._headers("ACK", branch) | {"To": answer.headers["to"]}
        self._sip.sendto(sip.write(f"ACK {self._target} SIP/2.0", headers), self._server)

    def _headers(self, method: str, branch: str) -> dict[str, str]:
        host, port = self._sip.getsockname()
        who = self._user or self._number or "anonymous"
        headers = {
            "Via": f"SIP/2.0/UDP {host}:{port};branch={branch};rport",
            "Max-Forwards": "70",
            "From": f"<sip:{who}@{host}>;tag={self._tag}",
            "To": self._to,
            "Call-ID": self._call_id,
            "CSeq": f"{self._cseq} {method}",
            "Contact": f"<sip:{who}@{host}:{port}>",
        }
        if self._number and not self._user:
            headers["P-Asserted-Identity"] = f"<sip:{self._number}@{host}>"
        return headers

    def _signalling(self) -> None:
        message = sip.parse(self._sip.recv(65_535))
        if message.status is not None:
            self._answers.put_nowait(message)
            return
        same = ("via", "from", "to", "call-id", "cseq")
        answered = sip.write("SIP/2.0 200 OK", {name: message.headers[name] for name in same})
        self._sip.sendto(answered, self._server)
        if message.method == "BYE":
            self.ended.set()

    # ---- sound ----------------------------------------------------------------------------------------------

    def _sound(self) -> None:
        now = asyncio.get_running_loop().time()
        with suppress(BlockingIOError, ValueError):
            while True:
                packet = rtp.parse(self._rtp.recv(2048))
                if packet.kind == sip.PCMU:
                    self._take(Heard(at=now, sequence=packet.sequence, payload=packet.payload))

    def _send_sound(self, packet: bytes) -> None:
        assert self._far is not None
        self._rtp.sendto(packet, self._far)

    def _advance(self, packets: int, samples: int) -> None:
        self._sequence += packets
        self._timestamp += samples


def _socket(host: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind((host, 0))
    return made
