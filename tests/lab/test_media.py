"""Sound, fax and picture through the switch, packet by packet (issue 4, part 6; seed 001: 高音質電話, テレビ電話)."""

import asyncio
import cmath
import math
import os

import pytest

from lab.rtp import FRAME_SECONDS
from tests.fakes import sdp
from tests.fakes.streams import Stream, datagram, payloads, primary
from tests.fakes.terminal import FMTP, Terminal
from tests.fixtures.media import Rig

pytestmark = pytest.mark.lab

PCMU, G722, H264 = (sdp.KINDS[name] for name in ("PCMU", "G722", "H264"))
HD = ("G722", "PCMU")


# ---- what is sent and heard ------------------------------------------------------------------------------------


async def passes(one: Stream, other: Stream, kind: int, size: int = 160) -> None:
    """Random packets one way: they arrive as they were sent, in order, and nothing else does.

    A bridge lets sound through a moment after the answer: packets that only say when go first.
    """
    first, sent = os.urandom(size), [os.urandom(size) for _ in range(10)]
    async with asyncio.timeout(5):
        while first not in payloads(other.heard, kind):
            one.speak(kind, first)
            await asyncio.sleep(FRAME_SECONDS)
    before = len(other.heard)
    for payload in sent:
        one.speak(kind, payload)
        await asyncio.sleep(FRAME_SECONDS)
    await other.until(lambda heard: sent[-1] in payloads(heard, kind) or len(heard) > before + 2 * len(sent))
    assert [payload for payload in payloads(other.heard[before:], kind) if payload != first] == sent


async def talk(one: Terminal, other: Terminal, kind: int) -> None:
    await passes(one.sound, other.sound, kind)
    await passes(other.sound, one.sound, kind)


async def fax_page(one: Terminal, other: Terminal) -> None:
    """Data both ways by UDPTL: what T.38 says (the primary IFP packets) arrives as it was sent, in order."""
    for end in (one, other):
        async with asyncio.timeout(5):
            await end.faxing.wait()
    for sender, hearer in ((one.image, other.image), (other.image, one.image)):
        sent = [os.urandom(40) for _ in range(10)]
        for number, ifp in enumerate(sent):
            sender.send(datagram(number, ifp))
            await asyncio.sleep(FRAME_SECONDS)
        await hearer.until(lambda heard: len(heard) >= 10)
        assert [primary(data) for data in hearer.heard] == sent


def linear(code: int) -> int:
    """G.711 µ-law to a sample."""
    code = ~code & 0xFF
    size = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return -size if code & 0x80 else size


def tone(hertz: int) -> bytes:
    """20 ms of it in µ-law; whole periods when it is a multiple of 50."""
    wave = [8000 * math.sin(2 * math.pi * hertz * n / 8000) for n in range(160)]
    return bytes(min(range(256), key=lambda code: abs(linear(code) - value)) for value in wave)


def share(sound: bytes, hertz: int) -> float:
    """How much of the power of µ-law sound is at that frequency."""
    wave = [linear(code) for code in sound]
    found = abs(sum(value * cmath.exp(-2j * cmath.pi * hertz * n / 8000) for n, value in enumerate(wave)))
    return 2 * found**2 / len(wave) / sum(value * value for value in wave)


# ---- sound -----------------------------------------------------------------------------------------------------


async def test_hd_sound_between_handsets_is_agreed_first_and_passes_untouched(rig: Rig) -> None:
    a, b = rig.handset(0, HD), rig.handset(1, HD)
    async with rig.call(a, b, rig.number(1)):
        assert sdp.codecs(a.described[0], "audio")[0] == sdp.codecs(b.described[0], "audio")[0] == "G722"
        await talk(a, b, G722)
        assert rig.transcoding() == []


async def test_hd_sound_is_agreed_also_when_the_caller_likes_it_less(rig: Rig) -> None:
    a, b = rig.handset(0, ("PCMU", "G722")), rig.handset(1, HD)
    async with rig.call(a, b, rig.number(1)):
        assert sdp.codecs(a.described[0], "audio")[0] == "G722"
        await talk(a, b, G722)


async def test_a_trunk_of_g711_is_offered_nothing_else_and_hears_a_video_phone_in_hd(rig: Rig) -> None:
    a, b = rig.handset(0, HD, video=True), rig.carrier("narrow")
    async with rig.call(a, b, "0398000001"):
        assert sdp.codecs(b.described[0], "audio") == ["PCMU", "PCMA", "telephone-event"]
        assert "m=video" not in b.described[0]
        note = tone(500)
        said = 0
        async with asyncio.timeout(5):
            while len(payloads(b.sound.heard, PCMU)) < 40:  # the handset says what it hears
                b.sound.speak(PCMU, note)
                await asyncio.sleep(FRAME_SECONDS)
                for payload in payloads(a.sound.heard, G722)[said:]:
                    a.sound.speak(G722, payload)
                    said += 1
        assert share(b"".join(payloads(b.sound.heard, PCMU)[-10:]), 500) > 0.9


async def test_a_trunk_that_has_hd_and_picture_gets_both(rig: Rig) -> None:
    a, b = rig.handset(0, HD, video=True), rig.carrier("wide", HD, video=True)
    async with rig.call(a, b, "0399000001"):
        assert sdp.codecs(b.described[0], "audio")[:2] == ["G722", "PCMU"]
        assert sdp.codecs(b.described[0], "video") == ["H264"]
        await talk(a, b, G722)
        await passes(a.picture, b.picture, H264, 900)


@pytest.mark.parametrize("far", ["handset", "carrier"])
async def test_g711_passes_untouched_as_fax_by_sound_needs_it(rig: Rig, far: str) -> None:
    a = rig.handset(0)
    b, number = (rig.handset(1), rig.number(1)) if far == "handset" else (rig.carrier("narrow"), "0398000001")
    async with rig.call(a, b, number):
        await talk(a, b, PCMU)


# ---- fax -------------------------------------------------------------------------------------------------------


async def test_a_carrier_turns_a_handsets_call_into_t38_and_both_turn_it_back(rig: Rig) -> None:
    a, b = rig.handset(0), rig.carrier("narrow")
    async with rig.call(a, b, "0398000002"):
        assert await b.to_fax() == 200
        await fax_page(a, b)
        assert await b.to_sound() == 200
        assert await a.to_sound() == 200
        await talk(a, b, PCMU)


async def test_a_handset_turns_a_carriers_call_into_t38(rig: Rig) -> None:
    a, b = rig.handset(0), rig.carrier("narrow")
    async with rig.call(b, a, rig.number(0)):
        assert await a.to_fax() == 200
        await fax_page(a, b)


async def test_a_handset_turns_a_handsets_call_into_t38(rig: Rig) -> None:
    a, b = rig.handset(0), rig.handset(1)
    async with rig.call(a, b, rig.number(1)):
        assert await b.to_fax() == 200
        await fax_page(a, b)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_forwarded_call_turns_into_t38(rig: Rig, times: int) -> None:
    """Twice is from one leased number to another, inside the switch."""
    line = rig.service.line("0399000003")
    if times == 2:
        line = rig.service.line("0" + line.number[3:])
    a, b = rig.carrier("narrow"), rig.carrier("wide")
    async with rig.call(a, b, "0" + line.number[3:]):
        assert await b.to_fax() == 200
        await fax_page(a, b)


async def test_a_call_whose_handset_refuses_t38_goes_on_with_g711(rig: Rig) -> None:
    a, b = rig.handset(0, fax=False), rig.carrier("narrow")
    async with rig.call(a, b, "0398000002"):
        assert await b.to_fax() == 488
        await talk(a, b, PCMU)


async def test_a_call_whose_carrier_refuses_t38_goes_on_with_g711(rig: Rig) -> None:
    a, b = rig.handset(0), rig.carrier("narrow", fax=False)
    async with rig.call(b, a, rig.number(0)):
        assert await a.to_fax() == 488
        assert "m=image" in b.described[-1]
        await talk(a, b, PCMU)


# ---- picture ---------------------------------------------------------------------------------------------------


async def test_picture_passes_untouched_between_handsets_with_what_its_decoder_must_know(rig: Rig) -> None:
    a, b = rig.handset(0, HD, video=True), rig.handset(1, HD, video=True)
    async with rig.call(a, b, rig.number(1)):
        for told in (a.described[0], b.described[0]):
            assert sdp.codecs(told, "video") == ["H264"]
            assert sdp.fmtp(told, "H264") == set(FMTP.split(";"))
        await passes(a.picture, b.picture, H264, 900)
        await passes(b.picture, a.picture, H264, 900)
        await talk(a, b, G722)


@pytest.mark.parametrize("with_picture", ["caller", "called"])
async def test_a_video_phone_and_another_just_talk(rig: Rig, with_picture: str) -> None:
    a, b = (rig.handset(n, HD, video=with_picture == end) for n, end in enumerate(("caller", "called")))
    async with rig.call(a, b, rig.number(1)):
        assert ("m=video" in b.described[0]) == (with_picture == "caller")
        await talk(a, b, G722)
