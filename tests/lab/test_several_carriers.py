"""Several carriers: one that fails is passed over before the caller hears anything; a full one is left alone."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agi.trunks import add_trunk, remove_trunk
from dialplan.trunks import Trunk
from lab.behaviour import Act
from lab.ends import Ends
from lab.until import until
from subscribers.forwarding import ForwardMode
from tests.fakes.carrier import failing
from tests.fixtures.service import Service
from tests.lab.test_calling_out import dial, leased

pytestmark = pytest.mark.lab

FAILS, DEAD, NARROW, STRICT, ACCOUNT = "0397", "0398", "0396", "0395", "0394"
"""Beginnings of numbers that only the trunk of that kind carries, apart from the lab's own carrier behind it."""


@pytest.fixture(scope="module", autouse=True)
def trunks(service: Service) -> Iterator[None]:
    key = service.settings.store.key.get_secret_value()
    carrier, nine, dead = service.place.addresses.carrier, service.address(9), service.address(8)
    fails = Trunk(name="fails", host=nine, sources=(nine,), priority=0, prefixes=(FAILS,), qualify_seconds=0)
    added = [
        fails,
        Trunk(name="dead", host=dead, sources=(dead,), priority=0, prefixes=(DEAD,), qualify_seconds=1),
        Trunk(name="narrow", host=carrier, sources=(service.address(7),), priority=0, prefixes=(NARROW,), capacity=1),
        replace(fails, name="strict", sources=(service.address(6),), prefixes=(STRICT,), shows=("03",)),
        replace(
            fails, name="account", sources=(service.address(5),), prefixes=(ACCOUNT,), username="ours", password="p"
        ),
    ]
    for trunk in added:
        service.write(add_trunk, trunk, key)

    def all_there(wanted: bool) -> bool:
        shown = service.asterisk("pjsip show endpoints")
        return all((f"Endpoint:  {trunk.name} " in shown) is wanted for trunk in added)

    asyncio.run(until(lambda: all_there(True), 10, "the trunks on the switch"))
    unreachable = "the dead trunk known to be dead"
    asyncio.run(until(lambda: "Unavail" in service.asterisk("pjsip show contacts"), 10, unreachable))
    yield
    for trunk in added:
        service.write(remove_trunk, trunk.name)
    asyncio.run(until(lambda: all_there(False), 10, "the trunks gone from the switch"))


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 505, 408])
async def test_a_carrier_that_cannot_take_the_call_is_passed_over_unheard(
    service: Service, ends: Ends, status: int
) -> None:
    line = service.with_handset()
    async with failing(service.address(9), status) as first:
        placed = await dial(ends, line, FAILS + "342050")
    (leg,) = placed.legs
    assert len(first.invited) == 1
    assert f"sip:{leased(line)}@" in first.invited[0].headers["p-asserted-identity"]
    assert (leg.number, leg.asserted, placed.caller.sip) == (FAILS + "342050", leased(line), 200)
    assert placed.caller.early_media is None
    (booked,) = await service.booked(line)
    assert booked.charge is not None


@pytest.mark.parametrize("status", [404, 403, 484, 603])
async def test_what_the_far_end_itself_answers_is_not_asked_of_another_carrier(
    service: Service, ends: Ends, status: int
) -> None:
    async with failing(service.address(9), status):
        placed = await dial(ends, service.with_handset(), FAILS + "342050")
    assert (placed.legs, placed.caller.answered) == ((), None)


async def test_once_the_caller_has_heard_the_carrier_no_other_is_tried(service: Service, ends: Ends) -> None:
    async with failing(service.address(9), 503, progress=True):
        placed = await dial(ends, service.with_handset(), FAILS + "342050")
    assert placed.caller.early_media is not None
    assert (placed.legs, placed.caller.sip) == ((), 503)


async def test_a_peer_that_answers_no_options_costs_no_waiting(service: Service, ends: Ends) -> None:
    placed = await dial(ends, service.with_handset(), DEAD + "342050")
    (leg,) = placed.legs
    assert leg.number == DEAD + "342050"
    assert leg.reached < 1.0  # INVITE's own time-out would be half a minute


async def test_a_forwarded_call_is_passed_over_to_the_next_carrier_with_its_diversion(
    service: Service, ends: Ends
) -> None:
    line = service.line(FAILS + "342050")
    async with failing(service.address(9), 503) as first:
        placed = await service.call(ends, "09044447001", line)
    (leg,) = placed.legs
    assert len(first.invited) == 1
    assert (leg.shown, leg.diverted_by) == ("09044447001", leased(line))
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert (booked.charge.row, booked.call.outcome) == ("forward-fixed.in-out", "ANSWER")


@pytest.mark.parametrize(
    ("act", "mode", "reason"),
    [
        (Act.SILENT, ForwardMode.NO_ANSWER, "no-answer"),
        (Act.BUSY, ForwardMode.BUSY, "user-busy"),
        (None, ForwardMode.UNCONDITIONAL, "unconditional"),
    ],
)
async def test_the_next_carrier_is_told_of_one_diversion_for_its_true_reason_whatever_the_handset_did_before(
    service: Service, ends: Ends, act: Act | None, mode: ForwardMode, reason: str
) -> None:
    """That a handset rang, or the first carrier failed, is neither an answer of the carrier's nor a diversion."""
    line = service.with_handset(FAILS + "342050", mode=mode)
    assert line.handset is not None
    if act is not None:
        await ends.behave(line.handset.sip_user, act)
    async with failing(service.address(9), 503) as first:
        placed = await service.call(ends, "09044447002", line)
    assert len(first.invited) == 1
    diversions = [first.invited[0].headers["diversion"], placed.legs[-1].diversion]
    assert placed.legs[-1].where == "carrier"
    for diversion in diversions:
        assert f"reason={reason}" in diversion
        assert diversion.count("reason=") == 1


async def test_a_number_that_one_carrier_may_not_show_is_shown_by_the_next(service: Service, ends: Ends) -> None:
    line = service.line(STRICT + "342050")
    async with failing(service.address(9), 503) as first:
        placed = await service.call(ends, "09044447003", line)
    assert f"sip:{leased(line)}@" in first.invited[0].headers["from"]
    (leg,) = placed.legs
    assert (leg.shown, leg.diverted_by) == ("09044447003", leased(line))
    (booked,) = await service.booked(line)
    assert booked.call.from_number == "+819044447003"


async def test_a_withheld_number_stays_withheld_at_the_next_carrier(service: Service, ends: Ends) -> None:
    line = service.line(STRICT + "342050")
    async with failing(service.address(9), 503):
        placed = await service.call(ends, "09044447004", line, withhold=True)
    (leg,) = placed.legs
    assert (leg.shown, leg.privacy) == ("anonymous", "id")
    assert "09044447004" not in leg.from_header + leg.diversion
    (booked,) = await service.booked(line)
    assert booked.call.withheld


async def test_a_trunk_takes_no_more_calls_than_its_capacity_and_the_next_one_does(
    service: Service, ends: Ends
) -> None:
    one, two = service.with_handset(), service.with_handset()
    first = asyncio.create_task(dial(ends, one, NARROW + "342050", talk=3.0))
    await until(lambda: "PJSIP/narrow-" in service.asterisk("core show channels concise"), 5, "a call on the trunk")
    second = asyncio.create_task(dial(ends, two, NARROW + "342051", talk=3.0))
    await until(lambda: service.asterisk("core show channels concise").count("0342") >= 4, 5, "two calls")
    running = service.asterisk("core show channels concise")
    assert {line.split("!")[0].rsplit("-", 1)[0] for line in running.splitlines() if "AppDial" in line} == {
        "PJSIP/narrow",
        "PJSIP/carrier",
    }
    for placed in await asyncio.gather(first, second):
        assert placed.caller.sip == 200


async def test_a_number_that_is_withheld_is_nowhere_but_where_it_is_asserted(service: Service, ends: Ends) -> None:
    """In all of the INVITE, whoever calls: a handset, or a stranger whose call is forwarded."""
    out, forwarding = service.with_handset(), service.line(FAILS + "342051")
    stranger = "09044447005"
    async with failing(service.address(9), 404) as first:
        await dial(ends, out, "184" + FAILS + "342052")
        await service.call(ends, stranger, forwarding, withhold=True)
    assert len(first.invited) == 2
    for invite, secret in zip(first.invited, (leased(out), stranger), strict=True):
        told = {name for name, value in invite.headers.items() if secret in value}
        assert told == {"p-asserted-identity"}
        assert secret not in invite.body
        assert invite.headers["privacy"] == "id"


async def test_a_carrier_that_asks_for_a_password_is_shown_the_same_numbers_as_any_other(
    service: Service, ends: Ends
) -> None:
    """The user name is for the password alone: in From it would stand for the caller, withheld or not."""
    line, forwarding = service.with_handset(), service.line(ACCOUNT + "342051")
    async with failing(service.address(9), 404) as first:
        await dial(ends, line, ACCOUNT + "342052")
        await dial(ends, line, "184" + ACCOUNT + "342052")
        await service.call(ends, "09044447006", forwarding)
    users = [one.headers["from"].partition("sip:")[2].partition("@")[0] for one in first.invited]
    assert users == [leased(line), "anonymous", "09044447006"]
