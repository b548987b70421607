"""Emergency calls with the carriers against them: full, not answering OPTIONS, for other calls only (services §3)."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from agi.records import read
from agi.trunks import add_trunk, remove_trunk
from dialplan.trunks import Trunk
from lab.ends import Ends
from lab.until import until
from tests.fakes.carrier import FailingCarrier, failing
from tests.fixtures.lab import folder
from tests.fixtures.service import Service, begin
from tests.lab.test_calling_out import dial, leased

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def alone() -> Iterator[Service]:
    """A service of its own, whose trunks these tests take away."""
    with folder(103) as place:
        running = begin(place, {"metrics": {"port": 0}})
        yield running
        running.engine.dispose()


@pytest.fixture
async def far(alone: Service) -> AsyncIterator[Ends]:
    async with Ends(alone.place) as both:
        yield both


@asynccontextmanager
async def trunks(service: Service, wanted: Sequence[Trunk]) -> AsyncIterator[None]:
    """The switch has these trunks and no others."""
    key = service.settings.store.key.get_secret_value()

    async def there(names: set[str]) -> None:
        def loaded() -> bool:
            shown = service.asterisk("pjsip show endpoints")
            emergency = service.asterisk("dialplan show emergency")
            every = {"carrier", *(trunk.name for trunk in wanted)}
            tried = {name for name in every if f"@{name})" in emergency}
            return {name for name in every if f"Endpoint:  {name} " in shown} == names and tried == names

        await until(loaded, 10, f"the trunks {names} on the switch")

    service.write(remove_trunk, "carrier")
    for trunk in wanted:
        service.write(add_trunk, trunk, key)
    try:
        await there({trunk.name for trunk in wanted})
        yield
    finally:
        for trunk in wanted:
            service.write(remove_trunk, trunk.name)
        service.write(add_trunk, service.place.trunk(), key)
        await there({"carrier"})


@asynccontextmanager
async def single(service: Service, channels: int) -> AsyncIterator[FailingCarrier]:
    """One trunk, to a carrier with so many channels."""
    host = service.address(9)
    async with (
        trunks(service, [Trunk(name="single", host=host, sources=(host,), qualify_seconds=0)]),
        failing(host, 503, channels=channels) as carrier,
    ):
        yield carrier


def called(carrier: FailingCarrier) -> list[str]:
    return [one.first.split("sip:")[1].split("@")[0] for one in carrier.invited]


async def test_room_is_made_among_many_calls_and_no_emergency_call_is_dropped(alone: Service, far: Ends) -> None:
    async with single(alone, 3) as carrier:
        first = asyncio.create_task(dial(far, alone.with_handset(), "119", talk=6.0))
        await until(lambda: len(carrier.up) == 1, 5, "an emergency call")
        talkers = [asyncio.create_task(dial(far, alone.with_handset(), f"031234875{n}", talk=60.0)) for n in range(2)]
        await until(lambda: len(carrier.up) == 3, 5, "every channel in use")
        others = [asyncio.create_task(dial(far, alone.with_handset(), "110", talk=1.0)) for _ in range(2)]
        for placed in await asyncio.gather(*others):
            assert placed.caller.answered is not None
            assert placed.caller.answered < 2
        for placed in await asyncio.gather(*talkers):
            assert placed.talked < 10
        assert (await first).talked > 5


async def test_where_nothing_but_emergency_calls_are_up_none_is_dropped_and_the_caller_is_told(
    alone: Service, far: Ends
) -> None:
    async with single(alone, 2) as carrier:
        up = [asyncio.create_task(dial(far, alone.with_handset(), "119", talk=4.0)) for _ in range(2)]
        await until(lambda: len(carrier.up) == 2, 5, "every channel in use")
        refused = await dial(far, alone.with_handset(), "118")
        assert (refused.caller.answered, refused.caller.sip) == (None, 503)
        for placed in await asyncio.gather(*up):
            assert placed.talked > 3


async def test_a_carrier_that_answers_no_options_is_called_all_the_same_after_those_that_do(
    alone: Service, far: Ends
) -> None:
    """Nobody is dropped for it, and one that refuses is not asked twice."""
    mute, refusing = alone.address(8), alone.address(9)
    both = [
        Trunk(name="mute", host=mute, sources=(mute,), qualify_seconds=1, priority=1),
        Trunk(name="refusing", host=refusing, sources=(refusing,), qualify_seconds=0, priority=2),
    ]
    async with (
        trunks(alone, both),
        failing(mute, 503, channels=1, options=False) as last,
        failing(refusing, 404) as first,
    ):
        unreachable = "the mute trunk known to be unreachable"
        await until(lambda: "Unavail" in alone.asterisk("pjsip show contacts"), 10, unreachable)
        line = alone.with_handset()
        placed = await dial(far, line, "119")
    assert placed.caller.answered is not None
    assert (called(first), called(last)) == (["119"], ["119"])
    assert f"sip:{leased(line)}@" in last.invited[0].headers["from"]
    (booked,) = await alone.booked(line)
    assert (booked.call.to_number, booked.call.outcome) == ("119", "ANSWER")
    recorded = [one for one in read(alone.settings.switch.records).records if one.call_id == booked.call.call_id]
    assert [one.target for one in recorded if one.answered is not None] == ["119"]


async def test_where_no_carrier_can_be_reached_the_call_ends_and_the_caller_is_told(
    alone: Service, far: Ends
) -> None:
    busy, dead = alone.address(9), alone.address(8)
    both = [
        Trunk(name="busy", host=busy, sources=(busy,), qualify_seconds=0),
        Trunk(name="dead", host=dead, sources=(dead,), qualify_seconds=1),
    ]
    async with trunks(alone, both), failing(busy, 486) as first, failing(dead, 480, options=False) as second:
        await until(lambda: "Unavail" in alone.asterisk("pjsip show contacts"), 10, "the dead trunk known to be dead")
        placed = await dial(far, alone.with_handset(), "110")
    assert (placed.caller.answered, len(first.invited), len(second.invited)) == (None, 1, 1)
    assert placed.caller.ended < 5
