"""What outlives what: kill the application, hang it, restart Asterisk, with real calls running."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from agi.reconcile import SETTLING
from dialplan.numbers import national
from lab import keeper, lab, pidfile
from lab.ends import Ends
from lab.until import until
from subscribers.lines import Line
from subscribers.records.forwarding import set_forward_entry
from tests.fixtures.lab import folder
from tests.fixtures.service import Service, begin

pytestmark = pytest.mark.lab

RECONCILE_SECONDS = 1.0


@pytest.fixture(scope="module")
def mortal() -> Iterator[Service]:
    """A service of its own, since these tests end it."""
    with folder(93) as place:
        running = begin(place, {"serve": {"reconcile": RECONCILE_SECONDS}, "metrics": {"port": 0}})
        yield running
        running.engine.dispose()


@pytest.fixture
async def far(mortal: Service) -> AsyncIterator[Ends]:
    async with Ends(mortal.place) as both:
        yield both


async def copied(service: Service, *lines: Line) -> None:
    """The switch holds the copies of what these lines now do."""

    def there() -> bool:
        held = service.asterisk("database show route").splitlines()
        return all(
            any(f"/{national(line.number)}" in row and f"PJSIP/{target_of(line)}@" in row for row in held)
            for line in lines
        )

    await until(there, 15, "survival copies")


def target_of(line: Line) -> str:
    assert line.forwarding.target is not None
    return national(line.forwarding.target)


@contextmanager
def nobody_restarts(service: Service) -> Iterator[None]:
    """Within, the supervisor stands still: a killed application stays dead."""
    supervisor = pidfile.holder(service.place.run / keeper.KEEPER_PID)
    assert supervisor is not None
    os.kill(supervisor, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


async def kill(process: int) -> None:
    """kill -9, and its sockets are closed. Its parent may be standing still and leave it a zombie."""
    os.kill(process, signal.SIGKILL)
    await until(lambda: _state(process) in ("Z", "X", ""), 5, f"end of process {process}")


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return ""


async def back(service: Service, before: int) -> None:
    """Another process than `before` serves."""
    await until(lambda: service.application() not in (0, before), 20, "another process")
    await until(service.connected, 20, "the application back on the switch")


async def test_twenty_calls_outlive_the_application_new_ones_are_forwarded_and_all_are_charged_once(
    mortal: Service, far: Ends
) -> None:
    running = [mortal.line(f"09051{i:04}50") for i in range(20)]
    fresh = [mortal.line(f"09052{i:04}50") for i in range(5)]
    moved = mortal.line("09053000050")
    calls = [
        asyncio.create_task(mortal.call(far, f"09061{i:04}00", line, talk=25.0)) for i, line in enumerate(running)
    ]
    await until(lambda: _legs_up(mortal) >= 40, 10, "twenty calls connected")
    moved = mortal.write(set_forward_entry, moved.id, 1, "09053000150")
    await copied(mortal, *fresh, moved)
    killed = mortal.application()
    with nobody_restarts(mortal):
        await kill(killed)
        assert _legs_up(mortal) == 40
        new = await asyncio.gather(
            *(mortal.call(far, f"09062{i:04}00", line, talk=1.0) for i, line in enumerate(fresh)),
            mortal.call(far, "09063000000", moved, talk=1.0),
        )
        old = await asyncio.gather(*calls)
    for line, placed in zip([*fresh], new[:-1], strict=True):
        (leg,) = placed.legs
        assert (leg.number, leg.diverted_by) == (target_of(line), national(line.number))
        assert placed.caller.answered is not None
    assert [leg.number for leg in new[-1].legs] == ["09053000150"]
    assert [round(placed.talked) for placed in old] == [25] * 20
    assert all(placed.caller.released_by == "caller" for placed in old)
    await back(mortal, killed)
    for line in [*running, *fresh, moved]:
        (booked,) = await mortal.booked(line, seconds=20 + SETTLING.total_seconds())
        assert booked.charge is not None, line
        assert booked.charge.amount == Decimal("35.2")
        assert booked.call.source == "cdr"


async def test_a_call_that_waits_for_its_decision_is_decided_after_the_restart(mortal: Service, far: Ends) -> None:
    line = mortal.line("09054000050")
    await copied(mortal, line)
    deaf = mortal.application()
    with nobody_restarts(mortal):
        os.kill(deaf, signal.SIGSTOP)  # connected, and deaf: the next call must wait
        waiting = asyncio.create_task(mortal.call(far, "09064000000", line, talk=1.0))
        await until(lambda: "Stasis" in mortal.asterisk("core show channels concise"), 5, "a call in Stasis")
        await kill(deaf)
        assert "Stasis" in mortal.asterisk("core show channels concise")
    await back(mortal, deaf)
    placed = await waiting
    assert [leg.number for leg in placed.legs] == ["09054000050"]
    (booked,) = await mortal.booked(line)
    assert booked.charge is not None
    assert '"adopted":true' in lab.logs(mortal.place, "serve")


async def test_a_hung_application_is_running_again_within_ten_seconds(mortal: Service, far: Ends) -> None:
    before = mortal.application()
    hung = time.monotonic()
    os.kill(before, signal.SIGUSR2)  # tests/fixtures/hang.py
    await back(mortal, before)
    assert time.monotonic() - hung <= 10.0
    line = mortal.line("09055000050")
    placed = await mortal.call(far, "09065000000", line)
    assert placed.caller.answered is not None


async def test_the_application_is_back_within_two_seconds_of_a_restarted_asterisk(mortal: Service, far: Ends) -> None:
    line = mortal.line("09056000050")
    await copied(mortal, line)
    restarting = asyncio.create_task(asyncio.to_thread(lab.restart, mortal.place, "switch"))
    await until(lambda: not mortal.connected(), 15, "the switch gone")
    answering = await _ari_answers(mortal)
    await until(mortal.connected, 10, "the application back on the restarted switch")
    assert time.monotonic() - answering <= 2.0
    await restarting
    await copied(mortal, line)
    placed = await mortal.call(far, "09066000000", line)
    assert [leg.number for leg in placed.legs] == ["09056000050"]


def _legs_up(service: Service) -> int:
    return sum(
        row.split("!")[4] == "Up" for row in service.asterisk("core show channels concise").splitlines() if "!" in row
    )


async def _ari_answers(service: Service) -> float:
    """The moment ARI answers again."""
    ari = service.settings.ari
    auth = aiohttp.encode_basic_auth(ari.user, ari.password.get_secret_value())
    url = f"http://{ari.host}:{ari.port}/ari/asterisk/ping"

    async with aiohttp.ClientSession(headers={"Authorization": auth}) as session, asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return time.monotonic()
