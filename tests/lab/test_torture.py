"""RFC 4475's torture messages, as they are and damaged further, from a carrier's address and from a stranger's."""

import asyncio
import json
import random
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agi.trunks import add_trunk, remove_trunk
from dialplan.trunks import Trunk
from lab import sip
from lab.ends import Ends
from lab.engine import find as container_engine
from lab.until import until
from store.engine import reading
from subscribers.records.find import get_line
from tests.fixtures.service import Service
from tests.fixtures.wire import wire
from tests.lab.test_attacks import at, unharmed

pytestmark = pytest.mark.lab

MESSAGES = {file.stem: file.read_bytes() for file in sorted((Path(__file__).parent / "torture").glob("*.dat"))}
SEED, MUTATIONS, AT_ONCE = 4475, 2_000, 50


@pytest.fixture(scope="module")
def trunk(service: Service) -> Iterator[str]:
    """The address of a trunk, whose port for SIP is free to listen on."""
    address = at(service, 73)
    known = Trunk(name="torture", host=address, sources=(address,), prefixes=("0393",), qualify_seconds=0)
    service.write(add_trunk, known, service.settings.store.key.get_secret_value())

    def there() -> bool:
        return "Endpoint:  torture " in service.asterisk("pjsip show endpoints")

    asyncio.run(until(there, 10, "the trunk on the switch"))
    yield address
    service.write(remove_trunk, "torture")
    asyncio.run(until(lambda: not there(), 10, "the trunk gone from the switch"))


@asynccontextmanager
async def steady(service: Service, ends: Ends) -> AsyncIterator[list[dict[str, Any]]]:
    """Neither switch nor application dies, or fails at anything, in the block; other calls get through. The value is
    the application's log of the block, once it is over.
    """
    log = service.place.run / "serve.log"
    before, written, told = _processes(service), log.stat().st_size, list[dict[str, Any]]()
    async with unharmed(service, ends):
        yield told
    assert _processes(service) == before
    lines = log.read_bytes()[written:].decode(errors="replace").splitlines()
    told += [json.loads(line) for line in lines if line.startswith("{")]
    assert not [line for line in lines if not line.startswith("{")]  # a traceback, say
    assert not [one for one in told if one["level"] in ("error", "critical") or one["event"] == "flow failed"]


def _processes(service: Service) -> tuple[int, int, str]:
    state = container_engine().state(service.place.container("switch"))
    assert state is not None
    started = service.asterisk("core show settings").partition("Startup time:")[2].partition("\n")[0]
    assert started.strip()
    return state.pid, service.application(), started


def addressed(message: bytes, number: str, host: str, mark: str = "again") -> bytes:
    """The same request, but for a number of ours and in a transaction of its own: what is odd about the rest of it
    then goes on to our application.
    """
    first, _, rest = message.partition(b"\n")
    first = re.sub(rb"\A(\S+)\s+\S+", rb"\1 sip:" + number.encode() + rb"@127.0.0.1", first, count=1)
    rest = re.sub(rb"(?im)^(call-id|i)\s*:\s*", rb"\g<0>" + mark.encode() + b".", rest, count=1)
    own = f"Via: SIP/2.0/UDP {host}:5060;branch=z9hG4bK{mark}{zlib.crc32(message):08x}\r\n"
    return first + b"\n" + own.encode() + rest


def damaged(message: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, lost, doubled, torn off or moved; a message never grows beyond a datagram."""
    found = bytearray(message)
    for _ in range(chance.randint(1, 4)):
        at_, length = chance.randrange(len(found) or 1), chance.randint(1, 40)
        match chance.randrange(7):
            case 0:
                found[at_ : at_ + 1] = chance.randbytes(1)
            case 1:
                del found[at_ : at_ + length]
            case 2:
                found[at_:at_] = found[at_ : at_ + length] * chance.choice((1, 2, 100))
            case 3:
                del found[at_:]
            case 4:
                found[at_:at_] = chance.choice(_ODD)
            case 5:
                lines = bytes(found).split(b"\r\n")
                chance.shuffle(lines)
                found = bytearray(b"\r\n".join(lines))
            case 6:
                found = bytearray(re.sub(rb"\d+", lambda _: chance.choice(_NUMBERS), bytes(found), count=length))
    return bytes(found[:8_000])


_ODD = (b"\0", b"\r\n", b"\r\n\r\n", b'"', b"%00", b"%0a", b"<", b";", b",", b"\xff\xfe", b"${EXTEN}", b"A" * 2_000)
_NUMBERS = (b"0", b"-1", b"4294967296", b"99999999999999999999", b"1e9")


@pytest.mark.parametrize("sender", ["trunk", "stranger"])
async def test_torture_messages_do_no_harm(service: Service, ends: Ends, trunk: str, sender: str) -> None:
    line = service.line()
    source = trunk if sender == "trunk" else at(service, 67)
    async with steady(service, ends) as told, wire(service.place, source, 5060) as one:
        for message in MESSAGES.values():
            one.send(message)
            one.send(addressed(message, f"0{line.number[3:]}", source))
        heard = await one.settle()
    answers = {answer for answers in heard.values() for answer in answers}
    verdicts = [one["refusal"] for one in told if one["event"] == "decided" and one["line"] == line.id]
    if sender == "trunk":
        assert {method for method, status in answers if 200 <= status < 400} <= {"OPTIONS"}
        assert set(verdicts) == {"cannot-be-reached"}
        assert len(verdicts) > 5
    else:
        assert min(status for _, status in answers) >= 400
        assert not verdicts
    assert len(heard) > 20
    with reading(service.engine) as conn:
        assert get_line(conn, line.id) == line


async def test_torture_messages_damaged_further_do_no_harm(service: Service, ends: Ends, trunk: str) -> None:
    chance, stranger = random.Random(SEED), at(service, 67)
    sound = [message for message in MESSAGES.values() if b"maddr" not in message]  # nothing is to leave this machine
    async with (
        steady(service, ends) as told,
        wire(service.place, trunk, 5060) as known,
        wire(service.place, stranger, 5060) as unknown,
    ):
        for sent in range(MUTATIONS):
            message = chance.choice(sound) if chance.random() < 0.7 else ORDINARY
            if message is ORDINARY or chance.random() < 0.5:
                message = addressed(message, UNKNOWN, trunk, f"damaged{sent}")
            (known, unknown)[sent % 2].send(damaged(message, chance))
            if sent % AT_ONCE == AT_ONCE - 1:
                await known.settle()
    verdicts = [one for one in told if one["event"] in ("decided", "refused") and one.get("trunk") == "torture"]
    assert len(verdicts) > 20
    assert {one.get("refusal", "refused") for one in verdicts} <= {"not-in-use", "refused"}


async def test_calls_that_asterisk_cannot_tell_us_of_do_not_wait_for_ever(service: Service, trunk: str) -> None:
    """It has no words for a dialled number or a Call-ID that is not UTF-8: the channel just stands in Stasis."""
    damage = {"first": (b"0399990000@", b"0399990000%ff@"), "second": (b"ordinary", b"ordinary\xff\xfe")}
    async with wire(service.place, trunk, 5060) as one:
        for mark, (sound, broken) in damage.items():
            one.send(addressed(ORDINARY, UNKNOWN, trunk, mark).replace(sound, broken))
        while damage:
            answer = await one.answer()
            mark = answer.headers["call-id"].partition(".")[0]
            if damage.pop(mark, None) is not None:  # others are of a test before, and said once more
                assert answer.status == 404


UNKNOWN = "0399990000"
"""Nobody's: what reaches our application goes no further."""

ORDINARY = sip.write(
    f"INVITE sip:{UNKNOWN}@127.0.0.1 SIP/2.0",
    {
        "From": '"090 1111 2222" <sip:09011112222@carrier.example;user=phone>;tag=t1',
        "To": f"<sip:{UNKNOWN}@127.0.0.1>",
        "Call-ID": "ordinary",
        "CSeq": "1 INVITE",
        "Max-Forwards": "70",
        "Contact": "<sip:09011112222@127.0.0.1>",
        "P-Asserted-Identity": "<sip:+819011112222@carrier.example>",
        "Privacy": "none",
        "Diversion": "<sip:0312340000@carrier.example>;reason=unconditional;counter=1",
        "History-Info": "<sip:0312340000@carrier.example>;index=1",
        "Content-Type": "application/sdp",
    },
    sip.offer("127.0.0.1", 30_000),
)
"""What a carrier sends of a diverted call: most of what it says, our application reads."""
