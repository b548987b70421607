"""A phone, fax or carrier whose codecs and packets a test chooses, and which keeps every packet and SDP it is sent:
for what neither a softphone nor the lab's Asterisk does on command. One call at a time, answered at once.
"""

import asyncio
from typing import Self, cast
from uuid import uuid4

from lab import sip
from tests.fakes import sdp
from tests.fakes.streams import Stream

_WITHIN = 10.0
FMTP = "profile-level-id=42801F;packetization-mode=1"


class Terminal(asyncio.DatagramProtocol):
    """Use as `async with Terminal(…)`. With `user` it is a handset that registers; without, a carrier on port 5060.

    `codecs` are what it offers, best first, and answers, in the offer's order; `video` and `fax` what else it takes.
    `described` are the SDP bodies it was sent, oldest first.
    """

    def __init__(
        self,
        host: str,
        server: tuple[str, int],
        *,
        user: str = "",
        password: str = "",
        number: str = "",
        codecs: tuple[str, ...] = ("PCMU",),
        video: bool = False,
        fax: bool = True,
    ) -> None:
        self.described: list[str] = []
        self.sound, self.picture, self.image = Stream(), Stream(), Stream()
        self.talking, self.faxing, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._host, self._server, self._user, self._password = host, server, user, password
        # Without events Asterisk listens for keys in the sound itself, which is then not quite what it was.
        self._codecs, self._video, self._fax = (*codecs, "telephone-event"), video, fax
        self._who = user or number or "carrier"
        self._answers: asyncio.Queue[sip.Message] = asyncio.Queue()
        self._cseq, self._version = 0, 0
        self._call_id = self._from = self._to = self._target = ""

    async def __aenter__(self) -> Self:
        await _open(self, self._host, 0 if self._user else 5060)
        for stream in (self.sound, self.picture, self.image):
            await _open(stream, self._host, 0)
        if self._user:
            await self._register()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            if self.talking.is_set() and not self.ended.is_set():
                await self.hang_up()
        finally:
            self._transport.close()
            for stream in (self.sound, self.picture, self.image):
                stream.close()

    async def call(self, number: str) -> None:
        """Returns when it is answered. Fails with what was said instead."""
        host, port = self._server
        self._target = f"sip:{number}@{host}:{port}"
        self._begin(f"<{self._target}>", self._host)
        answer = await self._invite(self._offer())
        assert answer.status == 200, f"call to {number}: found {answer.first}, expected 200"
        self.talking.set()

    async def to_fax(self) -> int:
        """Asks for T.38 in the running call; the status it was answered with."""
        answer = await self._invite(self._body(sdp.fax(self.image.port)))
        assert answer.status is not None
        return answer.status

    async def to_sound(self) -> int:
        """Asks for sound again; the status it was answered with."""
        answer = await self._invite(self._body(sdp.sound(self.sound.port, self._codecs)))
        assert answer.status is not None
        return answer.status

    async def hang_up(self) -> None:
        await self._ask("BYE")
        self.ended.set()

    # ---- signalling, asking -----------------------------------------------------------------------------------

    async def _register(self) -> None:
        host, port = self._server
        self._target = f"sip:{host}:{port}"
        self._begin(f"<sip:{self._user}@{host}>", host)
        answer = await self._ask("REGISTER", Expires="120")
        assert answer.status == 200, f"registration of {self._user}: found {answer.first}, expected 200"

    def _begin(self, to: str, domain: str) -> None:
        self._call_id, self._to = uuid4().hex, to
        self._from = f"<sip:{self._who}@{domain}>;tag={uuid4().hex[:8]}"

    async def _invite(self, body: str) -> sip.Message:
        answer = await self._ask("INVITE", body)
        if answer.status == 200:
            self._to = answer.headers["to"]
            self._target = _uri(answer.headers["contact"])
            self._send("ACK", f"z9hG4bK{uuid4().hex[:12]}")
            self._take(answer.body)
        return answer

    async def _ask(self, method: str, body: str = "", **more: str) -> sip.Message:
        """The final answer; a challenge is answered first. Raises TimeoutError."""
        answer = await self._once(method, body, more)
        if answer.status in (401, 407):
            asked, said = (
                ("www-authenticate", "Authorization")
                if answer.status == 401
                else ("proxy-authenticate", "Proxy-Authorization")
            )
            proof = sip.authorisation(answer.headers[asked], self._user, self._password, method, self._target)
            answer = await self._once(method, body, more | {said: proof})
        return answer

    async def _once(self, method: str, body: str, more: dict[str, str]) -> sip.Message:
        self._cseq += 1
        branch = f"z9hG4bK{uuid4().hex[:12]}"
        self._send(method, branch, body, more)
        async with asyncio.timeout(_WITHIN):
            while True:
                answer = await self._answers.get()
                if answer.headers["cseq"] == f"{self._cseq} {method}" and (answer.status or 0) >= 200:
                    break
        if method == "INVITE" and answer.status != 200:
            self._send("ACK", branch, to=answer.headers["to"])
        return answer

    def _send(
        self, method: str, branch: str, body: str = "", more: dict[str, str] | None = None, to: str = ""
    ) -> None:
        headers = {
            "Via": f"SIP/2.0/UDP {self._host}:{self._port};branch={branch};rport",
            "Max-Forwards": "70",
            "From": self._from,
            "To": to or self._to,
            "Call-ID": self._call_id,
            "CSeq": f"{self._cseq} {method}",
            "Contact": f"<sip:{self._who}@{self._host}:{self._port}>",
        }
        if not self._user:
            headers["P-Asserted-Identity"] = f"<sip:{self._who}@{self._host}>"
        if body:
            headers["Content-Type"] = "application/sdp"
        self._transport.sendto(
            sip.write(f"{method} {self._target} SIP/2.0", headers | (more or {}), body), self._server
        )

    # ---- signalling, answering --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._port: int = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, _: tuple[str, int]) -> None:
        message = sip.parse(data)
        if message.status is not None:
            self._answers.put_nowait(message)
        elif message.method == "INVITE":
            self._invited(message)
        elif message.method == "ACK":
            self.talking.set()
        else:
            self._answer(message, 200)
            if message.method == "BYE":
                self.ended.set()

    def _invited(self, message: sip.Message) -> None:
        if message.headers["call-id"] != self._call_id:
            self._call_id, self._to = message.headers["call-id"], message.headers["from"]
            self._from = f"{message.headers['to']};tag={uuid4().hex[:8]}"
            self._target = _uri(message.headers["contact"])
        wants_fax = "image" in sdp.streams(message.body)
        if wants_fax and not self._fax:
            self.described.append(message.body)
            self._answer(message, 488)
            return
        self._take(message.body)
        self._answer(message, 200, self._body(sdp.fax(self.image.port)) if wants_fax else self._reply(message.body))

    def _answer(self, request: sip.Message, status: int, body: str = "") -> None:
        headers = {name.title(): request.headers[name] for name in ("via", "from", "call-id", "cseq")}
        known = request.headers["call-id"] == self._call_id
        headers["To"] = self._from if known else request.headers["to"] + ";tag=none"
        headers["Contact"] = f"<sip:{self._who}@{self._host}:{self._port}>"
        if body:
            headers["Content-Type"] = "application/sdp"
        self._transport.sendto(sip.write(f"SIP/2.0 {status} Said", headers, body), self._server)

    # ---- media ------------------------------------------------------------------------------------------------

    def _offer(self) -> str:
        streams = [sdp.sound(self.sound.port, self._codecs)]
        if self._video:
            streams.append(sdp.picture(self.picture.port, FMTP))
        return self._body(*streams)

    def _reply(self, offer: str) -> str:
        """Every medium of the offer has its place in the answer (RFC 3264), in the offer's order."""
        mine = [codec for codec in sdp.codecs(offer, "audio") if codec in self._codecs]
        streams = [sdp.sound(self.sound.port, mine)]
        if "m=video" in offer:
            streams.append(sdp.picture(self.picture.port if self._video else 0, FMTP))
        return self._body(*streams)

    def _body(self, *streams: list[str]) -> str:
        self._version += 1
        return sdp.body(self._host, *streams, version=self._version)

    def _take(self, body: str) -> None:
        self.described.append(body)
        told = sdp.streams(body)
        for medium, stream in (("audio", self.sound), ("video", self.picture), ("image", self.image)):
            if medium in told:
                stream.far = told[medium]
        if "image" in told:
            self.faxing.set()


def _uri(contact: str) -> str:
    return contact.partition("<")[2].partition(">")[0]


async def _open(end: asyncio.DatagramProtocol, host: str, port: int) -> None:
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: end, local_addr=(host, port))
