"""Limits and emergency calls with everything against them, on a service whose price list counts seconds."""

import asyncio
import os
import signal
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from agi.trunks import add_trunk, remove_trunk
from dialplan.trunks import Trunk
from lab import keeper, pidfile
from lab.ends import Ends
from lab.until import until
from rating.limits.overrides import set_limits
from rating.limits.tables import Name
from subscribers.lines import Line
from subscribers.records.lines import set_double_channel
from subscribers.records.options import change_options
from tests.fakes.carrier import failing
from tests.fixtures.service import STARTED, Service
from tests.lab.test_calling_out import dial, leased

pytestmark = pytest.mark.lab


def with_yen(service: Service, yen: int, line: Line | None = None) -> Line:
    """A line that may spend so much, on two channels."""
    line = line or service.with_handset()
    service.write(set_limits, line.id, {Name.DAILY: Decimal(yen), Name.NIGHT_DAILY: None})
    service.write(change_options, line.id, capped=True)
    found: Line = service.write(set_double_channel, line.id, True, STARTED)
    return found


def spent(service: Service, line: Line) -> Decimal:
    return sum((one.charge.amount for one in service.books(line) if one.charge is not None), Decimal(0))


async def test_the_core_ends_a_call_when_its_money_is_spent(counted: Service, far: Ends) -> None:
    line = with_yen(counted, 40)
    placed = await dial(far, line, "0312348050", talk=8.0)
    assert placed.caller.released_by == "far end"
    assert placed.talked < 4
    (booked,) = await counted.booked(line)
    assert booked.charge is not None
    assert Decimal(10) <= booked.charge.amount <= Decimal(40)


async def test_two_calls_at_once_never_spend_the_same_yen_and_the_next_is_refused(
    counted: Service, far: Ends
) -> None:
    line = with_yen(counted, 100)
    both = await asyncio.gather(*(dial(far, line, f"031234815{n}", talk=15.0) for n in range(2)))
    assert [placed.caller.sip for placed in both] == [200, 200]
    await counted.booked(line, 2)
    assert Decimal(60) <= spent(counted, line) <= Decimal(100)
    placed = await dial(far, line, "0312348250", talk=15.0)
    while placed.caller.answered is not None:  # what the cut-off left may still pay for a short call
        await counted.booked(line, 3)
        assert spent(counted, line) <= Decimal(100)
        placed = await dial(far, line, "0312348250", talk=15.0)
    assert (placed.caller.sip, placed.legs) == (403, ())
    assert placed.caller.announcement is not None
    assert "limit-reached" in {one.call.outcome for one in counted.books(line)}


async def test_a_forwarded_leg_of_a_line_with_limits_is_cut_too(counted: Service, far: Ends) -> None:
    line = with_yen(counted, 30, counted.line("0312348350"))
    placed = await counted.call(far, "09044448001", line, talk=8.0)
    assert placed.talked < 3
    (booked,) = await counted.booked(line)
    assert booked.charge is not None
    assert booked.charge.amount <= Decimal(30)
    placed = await counted.call(far, "09044448001", line, talk=8.0)
    while placed.caller.answered is not None:
        assert spent(counted, line) <= Decimal(30)
        placed = await counted.call(far, "09044448001", line, talk=8.0)
    assert (placed.caller.sip, placed.legs) == (403, ())


async def test_with_the_database_locked_no_call_that_costs_goes_out_and_emergency_calls_do(
    counted: Service, far: Ends
) -> None:
    line, forwarding = counted.with_handset(), counted.line("0312348450")
    await until(lambda: f"/{leased(forwarding)}/" in counted.asterisk("database show route"), 10, "the copy")
    file = counted.engine.url.database
    assert file is not None
    lock = sqlite3.connect(file, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        emergency, out, forwarded = await asyncio.gather(
            dial(far, line, "119"),
            dial(far, counted.with_handset(), "0312348550"),
            counted.call(far, "09044448002", forwarding),
        )
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert [leg.number for leg in emergency.legs] == ["119"]
    assert emergency.caller.answered is not None
    assert emergency.caller.answered < 1
    assert (out.legs, out.caller.answered) == ((), None)
    assert out.caller.announcement is not None
    assert [leg.number for leg in forwarded.legs] == ["0312348450"]


async def test_with_the_application_stopped_no_call_that_costs_goes_out_and_emergency_calls_do(
    counted: Service, far: Ends
) -> None:
    line = counted.with_handset()
    supervisor = pidfile.holder(counted.place.run / keeper.KEEPER_PID)
    assert supervisor is not None
    before = counted.application()
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(before, signal.SIGKILL)
        await until(lambda: not counted.connected(), 10, "the application gone")
        emergency = await dial(far, line, "110")
        out = await dial(far, line, "0312348650")
    finally:
        os.kill(supervisor, signal.SIGCONT)
    assert [leg.number for leg in emergency.legs] == ["110"]
    assert (out.legs, out.caller.answered, out.caller.sip) == ((), None, 603)
    assert out.caller.announcement is not None
    await until(lambda: counted.application() not in (0, before), 20, "another process")
    await until(counted.connected, 20, "the application back on the switch")


async def test_an_emergency_call_makes_room_where_every_channel_is_in_use(counted: Service, far: Ends) -> None:
    key, single = counted.settings.store.key.get_secret_value(), counted.address(9)
    counted.write(remove_trunk, "carrier")
    counted.write(add_trunk, Trunk(name="single", host=single, sources=(single,), qualify_seconds=0), key)
    try:
        await until(lambda: _trunks(counted) == {"single"}, 10, "the single trunk on the switch")
        async with failing(single, 503, channels=1) as carrier:
            talker, caller = counted.with_handset(), counted.with_handset()
            talking = asyncio.create_task(dial(far, talker, "0312348750", talk=60.0))
            await until(lambda: len(carrier.up) == 1, 5, "the only channel in use")
            emergency = await dial(far, caller, "118", talk=0.5)
            dropped = await talking
        assert emergency.caller.answered is not None
        assert emergency.caller.answered < 2
        assert dropped.talked < 10
        assert [one.first.split("@")[0] for one in carrier.invited][-1] == "INVITE sip:118"
    finally:
        counted.write(remove_trunk, "single")
        counted.write(add_trunk, counted.place.trunk(), key)


def _trunks(service: Service) -> set[str]:
    text = Path(service.place.etc("switch") / "extensions.conf").read_text(encoding="utf-8")
    loaded = service.asterisk("dialplan show emergency")
    return {name for name in ("carrier", "single") if f"@{name})" in text and f"@{name})" in loaded}
