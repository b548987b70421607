"""What a conversation survives, and what its caller hears: every frame compared with the prompt files."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from lab import keeper, pidfile, rtp
from lab.call import place
from lab.configure import handsets
from lab.ends import Ends
from lab.softphone import Heard, Softphone
from lab.until import until
from store.engine import reading
from subscribers.forwarding import Forwarding
from subscribers.lines import Line
from subscribers.records.find import get_line
from tests.fixtures.service import Service

pytestmark = pytest.mark.lab

MOBILE = "09088880022"


class Ear:
    """Which prompts a phone has heard, in order, from the frames of their files."""

    def __init__(self, prompts: Path, language: str = "ja") -> None:
        self._marks: dict[bytes, list[tuple[str, int]]] = {}
        self._lengths: dict[str, int] = {}
        for file in (prompts / language).glob("*.ulaw"):
            frames = frames_of(file.read_bytes())
            self._lengths[file.stem] = len(frames)
            for at, frame in enumerate(frames):
                self._marks.setdefault(frame, []).append((file.stem, at))

    def heard(self, frames: Sequence[Heard]) -> list[tuple[str, float]]:
        """Each prompt of which frames in a row were heard, with the part of it that was (1.0 is all of it)."""
        found: list[tuple[str, list[int]]] = []
        for frame in frames:
            places = self._marks.get(frame.payload, [])
            if not places or frame.payload == rtp.SILENCE:
                continue
            last = found[-1] if found else None
            further = [] if last is None else [at for key, at in places if key == last[0] and at > last[1][-1]]
            if last is not None and further:
                last[1].append(further[0])
            elif len(places) == 1:
                found.append((places[0][0], [places[0][1]]))
        return [(key, (at[-1] + 1) / self._lengths[key]) for key, at in found]


def _ended_with(heard: list[tuple[str, float]], prompt: str) -> bool:
    return bool(heard) and heard[-1][0] == prompt and heard[-1][1] > 0.9


def frames_of(sound: bytes) -> list[bytes]:
    return [sound[at : at + rtp.FRAME] for at in range(0, len(sound) - rtp.FRAME + 1, rtp.FRAME)]


@pytest.fixture
def line(menus: Service) -> Line:
    """A line nobody has used yet, with a handset."""
    return menus.handset_lines.pop()


def listening(menus: Service, line: Line, *, events: bool = True) -> Softphone:
    """The line's handset, but one that listens."""
    assert line.handset is not None
    user = line.handset.sip_user
    password = next(one.password for one in handsets(menus.place) if one.sip_user == user)
    at = menus.place.addresses
    host = at.phones.rpartition(".")[0] + ".9"
    return Softphone(host, (at.switch, at.sip), user=user, password=password, events=events)


@pytest.fixture
async def phone(menus: Service, line: Line) -> AsyncIterator[Softphone]:
    async with listening(menus, line) as made:
        yield made


def stored(menus: Service, line: Line) -> Forwarding:
    with reading(menus.engine) as conn:
        return get_line(conn, line.id).forwarding


async def test_the_subscriber_hears_every_prompt_of_a_142_session_in_order(
    menus: Service, prompts: Path, line: Line, phone: Softphone
) -> None:
    ear = Ear(prompts)

    async def whole(prompt: str) -> None:
        """Until it is what was heard last, to its end."""
        await until(lambda: _ended_with(ear.heard(phone.heard), prompt), 40, prompt)

    await phone.call("142")
    await whole("forward-menu")
    await phone.key("2")
    await whole("forward-enter-target")
    await phone.keys(f"{MOBILE}#")
    await whole("confirm")
    await phone.key("1")
    await asyncio.wait_for(phone.ended.wait(), 20)
    digits = [f"digit-{digit}" for digit in MOBILE]
    expected = [
        "forward-menu",
        "forward-enter-target",
        "forward-target-is",
        *digits,
        "is-suffix",
        "confirm",
        "forward-entry-1-registered",
        "goodbye",
    ]
    heard = ear.heard(phone.heard)
    assert [prompt for prompt, _ in heard] == expected
    assert all(part > 0.9 for _, part in heard)
    assert stored(menus, line).entries[0] == "+819088880022"


async def test_keys_by_sip_info_are_keys(menus: Service, line: Line) -> None:
    """From a phone that has no RFC 4733."""
    assert line.handset is not None
    async with listening(menus, line, events=False) as phone:
        await phone.call("142")
        for key in f"2{MOBILE}#1":
            await phone.info(key)
            await asyncio.sleep(0.15)  # a finger; a key lasts 100 ms and the next would run into it
        await until(lambda: stored(menus, line).entries[0] == "+819088880022", 10, "list entry 1")


async def test_a_menu_that_the_application_dies_in_apologises_and_ends(
    menus: Service, prompts: Path, line: Line, phone: Softphone
) -> None:
    await phone.call("142")
    await phone.keys(f"2{MOBILE}#")
    await until(lambda: bool(Ear(prompts).heard(phone.heard)), 10, "the number read back")
    before = menus.application()
    os.kill(before, signal.SIGKILL)
    await asyncio.wait_for(phone.ended.wait(), 40)
    assert Ear(prompts).heard(phone.heard)[-1][0] == "broken-off"
    assert stored(menus, line).entries[0] is None
    assert menus.application() != before


async def test_while_the_application_is_away_a_code_is_told_to_try_later(
    menus: Service, menu_ends: Ends, line: Line
) -> None:
    assert line.handset is not None
    before = menus.application()
    supervisor = pidfile.holder(menus.place.run / keeper.KEEPER_PID)
    assert supervisor is not None
    os.kill(supervisor, signal.SIGSTOP)  # or it would start another
    try:
        os.kill(before, signal.SIGKILL)
        await until(lambda: not menus.connected(), 10, "the application's connection")
        placed = await place(menu_ends, line.handset.sip_user, "142", dtmf="0")
    finally:
        os.kill(supervisor, signal.SIGCONT)
    assert placed.caller.answered is None
    assert placed.caller.announcement is not None
    assert placed.caller.released_by == "far end"
    await until(lambda: menus.application() not in (0, before) and menus.connected(), 20, "another application")
