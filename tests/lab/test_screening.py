"""Who gets through to a line, by real calls: with the application, and with nothing but its copies in Asterisk."""

import asyncio
import os
import re
import signal
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import pytest
from sqlalchemy import Connection, update

from agi.trunks import trunks
from dialplan.numbers import national
from lab import keeper, pidfile
from lab.ends import Ends
from lab.story import Placed
from lab.until import until
from subscribers.lines import Line
from subscribers.records.allow import add_allowed, set_allow_size, turn_allow_list
from subscribers.records.find import get_line
from subscribers.records.nuisance import add_nuisance, delete_all_nuisance
from subscribers.records.phones import register_phone
from subscribers.records.select import add_select_number, set_number_request, set_select_mode
from subscribers.screening import SelectMode
from tests.fixtures.lab import folder
from tests.fixtures.service import STARTED, Service, begin

pytestmark = pytest.mark.lab

LISTED, STRANGER = "09055550001", "09055550002"


@pytest.fixture(scope="module")
def screened() -> Iterator[Service]:
    """A service of its own, since its application is stopped and its trunk mistrusted."""
    with folder(32) as place:
        running = begin(place, {"metrics": {"port": 0}})
        yield running
        running.engine.dispose()


@pytest.fixture
async def far(screened: Service) -> AsyncIterator[Ends]:
    async with Ends(screened.place) as both:
        yield both


def e164(number: str) -> str:
    return "+81" + number[1:]


def nuisance(service: Service, target: str) -> Line:
    line = service.line(target, double_channel=True)
    service.write(add_nuisance, line.id, e164(LISTED), withheld=True, at=STARTED)
    return line


def request(service: Service, target: str) -> Line:
    line = service.line(target, double_channel=True)
    service.write(set_number_request, line.id, True)
    return line


def allow(service: Service, target: str) -> Line:
    line = service.line(target, double_channel=True)
    service.write(set_allow_size, line.id, 20)
    service.write(add_allowed, line.id, [LISTED])
    service.write(turn_allow_list, line.id, True)
    return line


def select_forwarded(service: Service, target: str, mode: SelectMode = SelectMode.FORWARDED) -> Line:
    """Without a handset, so that a call left to ring reaches nobody."""
    line = service.line(target, double_channel=True)
    service.write(add_select_number, line.id, LISTED)
    service.write(set_select_mode, line.id, mode)
    return line


def select_ring(service: Service, target: str) -> Line:
    return select_forwarded(service, target, SelectMode.RING)


Ending = int | None
"""The SIP status a call was refused with."""
THROUGH, REJECTED, NOBODY = None, 403, 480


def ending(placed: Placed) -> Ending:
    if placed.caller.answered is not None:
        assert len(placed.legs) == 1
        return THROUGH
    assert placed.legs == ()
    assert placed.caller.announcement is not None
    return placed.caller.sip


EXPECTED = {
    # the listed caller, the same withholding the number, a stranger
    nuisance: (REJECTED, REJECTED, THROUGH),
    request: (THROUGH, REJECTED, THROUGH),
    allow: (THROUGH, THROUGH, REJECTED),
    select_forwarded: (THROUGH, THROUGH, NOBODY),
    select_ring: (NOBODY, THROUGH, THROUGH),
}


@pytest.mark.parametrize("decides", ["application", "copies"])
async def test_each_list_turns_away_whom_it_should(screened: Service, far: Ends, decides: str) -> None:
    """The same with the application and, killed, with its copies alone."""
    first = "0905666" if decides == "application" else "0905777"
    lines = {make: make(screened, f"{first}{n}050") for n, make in enumerate(EXPECTED)}
    await until(lambda: copied(screened, *lines.values()), 15, "survival copies")

    async def three_calls(line: Line) -> tuple[Ending, ...]:
        placed = [
            await screened.call(far, LISTED, line),
            await screened.call(far, LISTED, line, withhold=True),
            await screened.call(far, STRANGER, line),
        ]
        return tuple(ending(one) for one in placed)

    async with killed(screened) if decides == "copies" else nullcontext():
        found = await asyncio.gather(*(three_calls(line) for line in lines.values()))
    assert dict(zip(EXPECTED, found, strict=True)) == EXPECTED


async def test_a_number_written_with_its_country_code_is_recognised_in_the_copies(
    screened: Service, far: Ends
) -> None:
    line = nuisance(screened, "09058880050")
    await until(lambda: copied(screened, line), 15, "survival copies")
    async with killed(screened):
        placed = [await screened.call(far, number, line) for number in (e164(LISTED), e164(LISTED)[1:])]
        odd = await screened.call(far, "", line)
    assert [ending(one) for one in placed] == [REJECTED, REJECTED]
    assert ending(odd) is THROUGH


async def test_an_entry_that_is_deleted_is_gone_from_the_copies(screened: Service, far: Ends) -> None:
    line = nuisance(screened, "09058890050")
    await until(lambda: copied(screened, line), 15, "survival copies")
    screened.write(delete_all_nuisance, line.id)
    await until(lambda: national(line.number) in held(screened) and not blocked(screened, line), 15, "the copy gone")
    async with killed(screened):
        assert ending(await screened.call(far, LISTED, line)) is THROUGH


async def test_a_registered_phone_is_believed_only_as_far_as_its_trunk(screened: Service, far: Ends) -> None:
    """The menu answers; without it nobody can be reached on this line."""
    line = screened.line()
    screened.write(register_phone, line.id, LISTED)
    invite = partial(answer_to, screened, national(line.number))
    asserted = f"P-Asserted-Identity: <sip:{LISTED}@carrier.example>"
    another = f"P-Asserted-Identity: <sip:{STRANGER}@carrier.example>"
    in_name = f'P-Asserted-Identity: "<sip:{LISTED}@x>" <sip:{STRANGER}@carrier.example>'
    assert await invite(asserted) == 200
    for claimed in ((), (another,), (in_name,), (asserted, "Privacy: id")):
        assert await invite(*claimed) == 480, claimed
    screened.write(trust, False)
    await until(lambda: "trust_id_inbound                   : false" in screened.asterisk(_ENDPOINT), 15, "mistrust")
    assert await invite(asserted) == 480
    screened.write(trust, True)
    await until(lambda: "trust_id_inbound                   : true" in screened.asterisk(_ENDPOINT), 15, "trust")
    assert await invite(asserted) == 200


_ENDPOINT = "pjsip show endpoint carrier"


def trust(conn: Connection, trusted: bool) -> None:
    conn.execute(update(trunks).values(trusted=trusted))


def held(service: Service) -> str:
    return service.asterisk("database show route")


def copied(service: Service, *lines: Line) -> bool:
    """As they are now: with the change each had after it was made."""
    rows = held(service)
    for line in lines:
        found: Line = service.write(get_line, line.id)
        own = LISTED if found.screening.has_lists else "withheld" if found.screening.number_request else "any"
        if f"/{national(line.number)}/{own}" not in rows:
            return False
    return True


def blocked(service: Service, line: Line) -> bool:
    return f"/{national(line.number)}/{LISTED}" in held(service)


@asynccontextmanager
async def killed(service: Service) -> AsyncIterator[None]:
    """Within, the application is dead and its supervisor stands still; at the end another one serves."""
    supervisor = pidfile.holder(service.place.run / keeper.KEEPER_PID)
    before = service.application()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(before, signal.SIGKILL)
        await until(lambda: not service.connected(), 10, "the application gone")
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)
    await until(lambda: service.application() not in (0, before), 20, "another process")
    await until(service.connected, 20, "the application back on the switch")


async def answer_to(service: Service, number: str, *headers: str) -> int:
    """The final answer to an INVITE from the carrier's address, with these headers and LISTED in its From."""
    return await asyncio.to_thread(_answer_to, service, number, headers)


def _answer_to(service: Service, number: str, headers: tuple[str, ...]) -> int:
    at = service.place.addresses
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((at.carrier, 0))
        udp.settimeout(20)
        me = f"{at.carrier}:{udp.getsockname()[1]}"
        call = uuid.uuid4().hex
        uri = f"sip:{number}@{at.switch}:{at.sip}"

        def send(method: str, to: str, *more: str, body: str = "", branch: str = "") -> None:
            sequence = 2 if method == "BYE" else 1
            lines = [
                f"{method} {uri} SIP/2.0",
                f"Via: SIP/2.0/UDP {me};branch=z9hG4bK{branch or uuid.uuid4().hex}",
                f"From: <sip:{LISTED}@carrier.example>;tag={call}",
                to,
                f"Call-ID: {call}",
                f"CSeq: {sequence} {method}",
                f"Contact: <sip:{me}>",
                "Max-Forwards: 70",
                *more,
                f"Content-Length: {len(body)}",
            ]
            udp.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), (at.switch, at.sip))

        sdp = f"v=0\r\no=- 1 1 IN IP4 {at.carrier}\r\ns=-\r\nc=IN IP4 {at.carrier}\r\nt=0 0\r\n"
        sdp += "m=audio 19998 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        send("INVITE", f"To: <{uri}>", *headers, "Content-Type: application/sdp", body=sdp, branch=call)
        while True:
            text = udp.recv(65536).decode()
            if not text.startswith("SIP/2.0 ") or text.startswith("SIP/2.0 1"):
                continue
            status = int(text[8:11])
            (to,) = re.findall(r"^To:.*?(?=\r)", text, re.MULTILINE)
            send("ACK", to, branch="" if status == 200 else call)
            if status == 200:
                send("BYE", to)
            return status
