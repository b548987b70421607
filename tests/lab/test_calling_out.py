"""Calls from a lent handset: what the carrier saw, what was charged, what the caller heard (services §3)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lab.call import place as place_call
from lab.ends import Ends
from lab.story import Placed
from subscribers.lines import Line
from subscribers.records.lines import suspend_line
from tests.fixtures.service import Service

pytestmark = pytest.mark.lab


async def dial(ends: Ends, line: Line, digits: str, talk: float = 0.3) -> Placed:
    assert line.handset is not None
    return await place_call(ends, line.handset.sip_user, digits, talk_seconds=talk)


def leased(line: Line) -> str:
    return "0" + line.number[3:]


async def test_the_leased_number_is_shown_and_asserted_and_the_call_is_charged(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    placed = await dial(ends, line, "0312342050")
    (leg,) = placed.legs
    assert (leg.number, leg.shown, leg.asserted, leg.privacy) == ("0312342050", leased(line), leased(line), "")
    assert leg.diverted_by == ""
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert (booked.charge.amount, booked.charge.row) == (Decimal(33), "out-fixed-fixed.fixed-phone")
    assert (booked.call.from_number, booked.call.to_number) == (line.number, "+81312342050")


async def test_184_withholds_the_number_and_still_asserts_it_to_the_carrier(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    placed = await dial(ends, line, "18409012342150")
    (leg,) = placed.legs
    assert (leg.shown, leg.asserted, leg.privacy) == ("anonymous", leased(line), "id")
    assert leased(line) not in leg.from_header
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert (booked.call.withheld, booked.charge.amount) == (True, Decimal("51.7"))


@pytest.mark.parametrize(
    ("digits", "refusal"), [("114", "cannot-be-dialled"), ("010442079460000", "international-closed")]
)
async def test_a_number_that_may_not_be_dialled_is_announced_and_costs_nothing(
    service: Service, ends: Ends, digits: str, refusal: str
) -> None:
    line = service.with_handset()
    placed = await dial(ends, line, digits)
    assert (placed.caller.sip, placed.caller.cause, placed.legs) == (403, 21, ())
    assert placed.caller.announcement is not None
    (booked,) = await service.booked(line)
    assert (booked.call.outcome, booked.charge, booked.unrated) == (refusal, None, None)


async def test_the_far_ends_own_reason_is_passed_on(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    placed = await dial(ends, line, "0312342217")
    assert (placed.caller.sip, placed.caller.cause) == (486, 17)
    (booked,) = await service.booked(line)
    assert (booked.call.outcome, booked.charge) == ("BUSY", None)


@pytest.mark.parametrize(("digits", "shown", "privacy"), [("110", "", ""), ("184119", "anonymous", "id")])
async def test_an_emergency_call_shows_the_number_unless_184_was_dialled_and_is_free(
    service: Service, ends: Ends, digits: str, shown: str, privacy: str
) -> None:
    line = service.with_handset()
    placed = await dial(ends, line, digits)
    (leg,) = placed.legs
    assert (leg.number, leg.shown, leg.privacy) == (digits[-3:], shown or leased(line), privacy)
    assert leg.asserted == leased(line)
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert (booked.call.to_number, booked.charge.amount) == (digits[-3:], Decimal(0))


async def test_a_suspended_line_calls_nobody_but_emergency_services(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    service.write(suspend_line, line.id, datetime.now(UTC))
    placed = await dial(ends, line, "0312342350")
    assert (placed.caller.sip, placed.legs) == (403, ())
    placed = await dial(ends, line, "118")
    assert [leg.number for leg in placed.legs] == ["118"]
