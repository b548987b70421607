"""`make bench-menus`: from a key to the prompt it leads to, in 100 menus at once, beside a menu in Asterisk's own
dialplan, in one run.

Each caller is a SIP phone that listens to the prompt for a while and then sends an RFC 4733 key. The clock runs from
the key being let go (its first RTP packet with the end bit) to the first RTP packet of the prompt that follows, which
is told by its very bytes. The callers share the machine's cores with what they measure.
"""

import argparse
import asyncio
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.report import machine, write
from lab import lab, rtp
from lab.configure import Handset
from lab.place import Place
from lab.softphone import Heard, Softphone
from lab.until import until
from store.secrets import seal
from subscribers.lines import Plan
from subscribers.records.phones import lend_handset
from tests.fixtures.lab import bare_switch, folder
from tests.fixtures.service import Service, begin, new_line
from voice.build import build
from voice.rows import Language

SOUNDS = Path(".lab/sounds")
TOP = "forward-menu"
BELOW = {
    "2": "forward-enter-target",
    "3": "forward-enter-ring-time",
    "4": "forward-list-menu",
    "8": "forward-hear-menu",
}
PEER = f"""[from-handset]
exten => 142,1,Answer()
 same => n,Goto(top,s,1)
[top]
exten => s,1,Background(denwaban/{TOP})
 same => n,WaitExten(10)
{"".join(f"exten => {key},1,Goto({prompt},s,1)" + chr(10) for key, prompt in BELOW.items())}""" + "".join(
    f"[{prompt}]\nexten => s,1,Background(denwaban/{prompt})\n same => n,WaitExten(10)\nexten => *,1,Goto(top,s,1)\n"
    for prompt in BELOW.values()
)
GIVEN_UP = 3.0
"""Seconds after which a prompt counts as missing."""


@dataclass(frozen=True, kw_only=True)
class Side:
    name: str
    place: Place
    handsets: tuple[Handset, ...]


class Caller:
    """Keys its way up and down the menu; `delays` in seconds, `missing` is how many prompts never came."""

    def __init__(self, marks: Mapping[str, Mapping[bytes, int]]) -> None:
        self.delays: list[float] = []
        self.missing = 0
        self._marks = marks
        self._wanted: Mapping[bytes, int] = {}
        self._since = 0.0
        self._came = asyncio.Event()

    def frame(self, heard: Heard) -> None:
        place = self._wanted.get(heard.payload)
        if place is None:
            return
        self._wanted = {}
        self.delays.append(heard.at - place * rtp.FRAME_SECONDS - self._since)
        self._came.set()

    async def call(self, side: Side, handset: Handset, keys: int, begin: float) -> None:
        at = side.place.addresses
        host = at.phones.rpartition(".")[0] + ".9"
        await asyncio.sleep(begin)
        phone = Softphone(
            host,
            (at.switch, at.sip),
            user=handset.sip_user,
            password=handset.password,
            on_frame=self.frame,
        )
        async with phone:
            await phone.call("142")
            await asyncio.sleep(random.uniform(1, 2))
            for count in range(keys):
                key = "*" if count % 2 else random.choice(list(BELOW))
                await self._press(phone, key, TOP if key == "*" else BELOW[key])
                await asyncio.sleep(random.uniform(1, 2))

    async def _press(self, phone: Softphone, key: str, prompt: str) -> None:
        self._came.clear()
        await phone.key(key, released=lambda: self._expect(prompt))
        try:
            await asyncio.wait_for(self._came.wait(), GIVEN_UP)
        except TimeoutError:
            self._wanted = {}
            self.missing += 1

    def _expect(self, prompt: str) -> None:
        self._since = asyncio.get_running_loop().time()
        self._wanted = self._marks[prompt]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--menus", type=int, default=100, help="calls at once")
    parser.add_argument("--keys", type=int, default=20, help="in each call")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each side, in turn")
    parser.add_argument("--dry", action="store_true", help="print only, write no result")
    given = parser.parse_args()
    build(SOUNDS)
    marks = {prompt: _marks(prompt) for prompt in (TOP, *BELOW.values())}
    found: dict[str, tuple[list[float], int]] = {}
    with ExitStack() as stack:
        sides = (stack.enter_context(_ours(given.menus)), stack.enter_context(_peer(given.menus)))
        for _ in range(given.rounds):
            for side in sides:
                delays, missing = asyncio.run(_run(side, marks, given.keys))
                before = found.get(side.name, ([], 0))
                found[side.name] = (before[0] + delays, before[1] + missing)
                print(_row(side.name, delays, missing), flush=True)
    text = _text(found, given.menus)
    print(text)
    if not given.dry:
        write("menus", "make bench-menus", text)


async def _run(side: Side, marks: Mapping[str, Mapping[bytes, int]], keys: int) -> tuple[list[float], int]:
    callers = [Caller(marks) for _ in side.handsets]
    await asyncio.gather(
        *(
            caller.call(side, handset, keys, 0.05 * number)
            for number, (caller, handset) in enumerate(zip(callers, side.handsets, strict=True))
        )
    )
    return [delay for caller in callers for delay in caller.delays], sum(caller.missing for caller in callers)


def _marks(prompt: str) -> Mapping[bytes, int]:
    """The first frames of a prompt in which something is spoken, and where in it they are."""
    sound = (SOUNDS / Language.JAPANESE / f"{prompt}.ulaw").read_bytes()
    frames = [sound[at : at + rtp.FRAME] for at in range(0, rtp.FRAME * 20, rtp.FRAME)]
    return {frame: place for place, frame in enumerate(frames) if len(set(frame)) > 20}


@contextmanager
def _ours(menus: int) -> Iterator[Side]:
    with folder(94) as place:
        place = replace(place, sounds=SOUNDS.absolute())
        service = begin(place, {"metrics": {"port": 0}}, far_ends=False)
        key = service.settings.store.key.get_secret_value()
        handsets = tuple(_lend(service, key, number) for number in range(menus))
        asyncio.run(until(lambda: _known(service, menus), 30, f"{menus} handsets on the switch"))
        yield Side(name="Denwaban", place=place, handsets=handsets)
        service.engine.dispose()


def _lend(service: Service, key: str, number: int) -> Handset:
    line = service.write(new_line, service.member, f"034300{number:04}", Plan.FIXED_PHONE)
    password = secrets.token_urlsafe(12)
    service.write(lend_handset, line.id, sip_user=f"b{number:03}", sealed_password=seal(password, key))
    return Handset(sip_user=f"b{number:03}", password=password)


def _known(service: Service, menus: int) -> bool:
    return f"Objects found: {menus}" in service.asterisk("pjsip show auths")


@contextmanager
def _peer(menus: int) -> Iterator[Side]:
    handsets = tuple(
        Handset(sip_user=f"b{number:03}", password=secrets.token_urlsafe(12), number=f"034300{number:04}")
        for number in range(menus)
    )
    with folder(97) as place:
        place = replace(place, sounds=SOUNDS.absolute())
        ours = bare_switch(place, handsets)

        def prepare(root: Path, tables: Mapping[str, Mapping[str, Any]]) -> Path:
            made = ours(root, tables)
            (place.etc("switch") / "extensions.conf").write_text(PEER, encoding="ascii")
            return made

        lab.up(place, prepare=prepare, carrier=False, phones=False)
        yield Side(name="Background and WaitExten", place=place, handsets=handsets)


def _at(delays: Sequence[float], part: float) -> float:
    """Milliseconds."""
    return sorted(delays)[min(int(len(delays) * part), len(delays) - 1)] * 1000


def _row(name: str, delays: Sequence[float], missing: int) -> str:
    p50, p95, p99 = (_at(delays, part) for part in (0.5, 0.95, 0.99))
    return f"| {name} | {len(delays)} | {p50:.1f} | {p95:.1f} | {p99:.1f} | {_at(delays, 1):.1f} | {missing} |"


def _text(found: Mapping[str, tuple[list[float], int]], menus: int) -> str:
    (_, (ours, _)), (_, (peer, _)) = found.items()
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}. {menus} calls to 142 at once, each keying",
        "every 1 to 2 s. Milliseconds from the key being let go to the first packet of the prompt it leads to.",
        "Both sides play the same files on the same Asterisk; the peer's menu is written in its dialplan. The",
        "callers run on the same cores.",
        "",
        "| side | keys | p50 | p95 | p99 | longest | prompts missing |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_row(name, delays, missing) for name, (delays, missing) in found.items()),
        "",
        f"p95 is {_at(ours, 0.95) / _at(peer, 0.95):.2f} times the peer's; it may be at most 150 ms.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
