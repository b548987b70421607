"""The TFTP server: requests in, files out, nothing written. Bytes and transfers are in packets, terms and transfer.

A request becomes an exchange. Its answer is made in a task of its own, so that a slow one delays nobody; its transfer
has a port of its own. All exchanges share one clock.
"""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable

import structlog

from provisioning.fetch import Via
from provisioning.serving import Answer, NotFound, Request, Served
from provisioning.tftp.exchange import NOT_FOUND, Exchange, Finished, tell
from provisioning.tftp.netascii import to_netascii
from provisioning.tftp.packets import Error, Fault, Malformed, ReadRequest, WriteRequest, parse, serialise
from provisioning.tftp.sockets import Address, answering, arrived, listening, send
from provisioning.tftp.terms import settle_mode, settle_options
from provisioning.tftp.transfer import Transfer, foreign

log = structlog.get_logger(__name__)

_TICK = 0.05
_AT_ONCE = 64  # requests read before transfers get their turn
_LONGEST_ACK = 600  # an ERROR's text behind that is not read
_COMPLAINT_SECONDS = 10.0


class TftpServer:
    """
    max_transfers   exchanges at once; one more is not answered, and the device asks again.
    per_address     the same for one address: one host cannot take every place, and an office of five hundred phones
                    behind one address starts as fast as one without a router.
    answer_seconds  an answer that takes longer is given up.
    finished        called once at the end of every exchange.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        max_transfers: int = 1000,
        per_address: int = 500,
        answer_seconds: float = 10.0,
        finished: Callable[[Finished], None] | None = None,
    ) -> None:
        self._answer = answer
        self._finished = finished
        self.max_transfers = max_transfers
        self.per_address = per_address
        self.answer_seconds = answer_seconds
        self.counts: Counter[str] = Counter()
        """Exchanges by outcome, and what was not answered: "malformed", "no place", "write", "broadcast"."""
        self._listeners: list[socket.socket] = []
        self._exchanges: dict[Address, Exchange] = {}
        self._by_address: Counter[str] = Counter()
        self._complained: dict[str, float] = {}
        self._ticking: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def running(self) -> int:
        """Exchanges at this moment."""
        return len(self._exchanges)

    async def listen(self, host: str, port: int) -> int:
        """Returns the port listened on (that of the system's choice when `port` is 0). Raises OSError. May be called
        again for another address.
        """
        listener = listening(host, port)
        self._listeners.append(listener)
        asyncio.get_running_loop().add_reader(listener, self._asked, listener)
        found: int = listener.getsockname()[1]
        return found

    async def close(self, grace_seconds: float = 5.0) -> None:
        """Take no more requests, give what runs `grace_seconds`, then tell the devices left to ask again."""
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            loop.remove_reader(listener)
            listener.close()
        self._listeners.clear()
        try:
            async with asyncio.timeout(grace_seconds):
                await self._idle.wait()
        except TimeoutError:
            left = list(self._exchanges.values())
            for exchange in left:
                self._refuse(exchange, Error(Fault.UNDEFINED, "stopping, ask again"), "server stopped")
            await asyncio.gather(*(exchange.task for exchange in left if exchange.task), return_exceptions=True)
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    def _asked(self, listener: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                found = arrived(listener)
            except BlockingIOError:
                return
            except OSError as error:
                self._complain("receive", why=str(error))
                return
            if found is None:
                self.counts["broadcast"] += 1
            elif found.peer[1]:  # nobody can be answered at port 0
                self._request(found.datagram, found.peer, found.local)

    def _request(self, datagram: bytes, peer: Address, local: Address) -> None:
        running = self._exchanges.get(peer)
        if running is not None and running.datagram == datagram:
            return  # asked again before our first datagram arrived; the transfer's own clock sends that again
        try:
            message = parse(datagram)
        except Malformed as problem:
            self._complain("malformed", address=peer[0], why=str(problem))
            if problem.request:
                self._tell(local, peer, Error(Fault.ILLEGAL_OPERATION, "not a TFTP request"))
            return
        if isinstance(message, WriteRequest):
            self._complain("write", address=peer[0], name=message.name)
            self._tell(local, peer, Error(Fault.ACCESS_VIOLATION, "files are only read here"))
        elif not isinstance(message, ReadRequest):
            self._complain("malformed", address=peer[0], why=f"{type(message).__name__} where requests are expected")
        else:
            if running is not None:
                self._end(running, "the device asked for something else")
            self._begin(message, datagram, peer, local)

    def _begin(self, message: ReadRequest, datagram: bytes, peer: Address, local: Address) -> None:
        address = peer[0]
        if len(self._exchanges) >= self.max_transfers or self._by_address[address] >= self.per_address:
            self._complain("no place", address=address, name=message.name, transfers=len(self._exchanges))
            return
        request = Request(name=message.name, address=address, port=peer[1], via=Via.TFTP)
        exchange = Exchange(request, message, datagram, peer, local, time.monotonic())
        self._exchanges[peer] = exchange
        self._by_address[address] += 1
        self._idle.clear()
        error = settle_mode(message, 0)
        if error is not None:
            self._refuse(exchange, error, "mode refused", message.mode[:40])
            return
        exchange.task = asyncio.get_running_loop().create_task(self._serve(exchange))
        if self._ticking is None:
            self._tick_later()

    async def _serve(self, exchange: Exchange) -> None:
        request, again = exchange.request, Error(Fault.UNDEFINED, "not now, ask again")
        try:
            async with asyncio.timeout(self.answer_seconds) as clock:
                answer = await self._answer(request)
        except Exception:
            if self._exchanges.get(exchange.peer) is not exchange:
                return  # ended meanwhile
            if clock.expired():
                self._refuse(exchange, again, "no answer in time", f"{self.answer_seconds:g} s")
            else:
                log.exception("tftp answer failed", name=request.name, address=request.address)
                self._refuse(exchange, again, "answer failed")
            return
        if self._exchanges.get(exchange.peer) is not exchange:
            return
        if isinstance(answer, NotFound):
            self._refuse(exchange, Error(Fault.NOT_FOUND, "file not found"), NOT_FOUND, answer.reason)
        else:
            self._send(exchange, answer)

    def _send(self, exchange: Exchange, answer: Served) -> None:
        message, data = exchange.message, answer.data
        error = settle_mode(message, len(data))
        if error is not None:
            self._refuse(exchange, error, "mode refused", error.text)
            return
        if message.mode == "netascii":
            data = to_netascii(bytes(data))
        try:
            exchange.sock = sock = answering(exchange.local)
        except OSError as problem:
            self._end(exchange, "no socket", str(problem))
            return
        exchange.transfer = transfer = Transfer(data, settle_options(message.options, len(data)))
        asyncio.get_running_loop().add_reader(sock, self._heard, exchange, sock, transfer)
        send(sock, transfer.begin(time.monotonic()), exchange.peer)

    def _heard(self, exchange: Exchange, sock: socket.socket, transfer: Transfer) -> None:
        try:
            datagram, peer = sock.recvfrom(_LONGEST_ACK)
        except OSError:
            return
        if peer != exchange.peer:
            told = foreign(datagram)
            send(sock, [told] if told else [], peer)
            return
        send(sock, transfer.received(datagram, time.monotonic()), peer)
        if transfer.outcome is not None:
            self._end(exchange, transfer.outcome)

    def _tick_later(self) -> None:
        self._ticking = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        for exchange in list(self._exchanges.values()):
            transfer = exchange.transfer
            if transfer is None or exchange.sock is None or transfer.deadline > now:
                continue
            send(exchange.sock, transfer.waited(now), exchange.peer)
            if transfer.outcome is not None:
                self._end(exchange, transfer.outcome)
        self._ticking = None
        if self._exchanges:
            self._tick_later()

    def _tell(self, local: Address, peer: Address, error: Error) -> None:
        try:
            with answering(local) as sock:
                send(sock, [serialise(error)], peer)
        except OSError as problem:
            self._complain("no socket", why=str(problem))

    def _refuse(self, exchange: Exchange, error: Error, outcome: str, detail: str = "") -> None:
        if exchange.sock is not None:
            send(exchange.sock, [serialise(error)], exchange.peer)
        else:
            self._tell(exchange.local, exchange.peer, error)
        self._end(exchange, outcome, detail)

    def _end(self, exchange: Exchange, outcome: str, detail: str = "") -> None:
        del self._exchanges[exchange.peer]
        address = exchange.request.address
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        if not self._exchanges:
            self._idle.set()
        if exchange.task is not None and exchange.task is not asyncio.current_task():
            exchange.task.cancel()
        if exchange.sock is not None:
            asyncio.get_running_loop().remove_reader(exchange.sock)
            exchange.sock.close()
        self.counts[outcome] += 1
        end = exchange.finished(time.monotonic(), outcome, detail)
        tell(end)
        if self._finished is not None:
            try:
                self._finished(end)
            except Exception:
                log.exception("tftp transfer not noted", name=end.request.name, address=address)

    def _complain(self, kind: str, **what: object) -> None:
        """Once in a while: whoever sends a million datagrams does not fill the log."""
        self.counts[kind] += 1
        now = time.monotonic()
        if now - self._complained.get(kind, -_COMPLAINT_SECONDS) >= _COMPLAINT_SECONDS:
            self._complained[kind] = now
            log.warning("tftp request not served", kind=kind, count=self.counts[kind], **what)
