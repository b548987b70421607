"""Calls from a lent handset: what the carrier saw, what was charged, what the caller heard (services §3)."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update

from agi.ended import Ended
from agi.ledger import ended_call
from agi.records import one_per_call, read
from agi.trunks import add_trunk, remove_trunk
from dialplan.trunks import Trunk
from lab.call import place as place_call
from lab.ends import Ends
from lab.story import Placed
from lab.until import until
from rating.ended import Source
from rating.ledger import call as recorded
from store.engine import reading
from subscribers.forwarding import ForwardMode
from subscribers.lines import Line
from subscribers.records.hash_dial import add_hash_number
from subscribers.records.lines import add_number, set_double_channel, suspend_line
from subscribers.records.onnet import add_group, add_mobile_extension, assign_number, join_group, release_number
from subscribers.records.options import change_options
from subscribers.tables import handsets
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


async def test_the_lines_default_withholds_and_186_shows_for_one_call(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    service.write(change_options, line.id, withhold=True)
    (hidden,) = (await dial(ends, line, "0312342450")).legs
    assert (hidden.shown, hidden.asserted, hidden.privacy) == ("anonymous", leased(line), "id")
    (shown,) = (await dial(ends, line, "1860312342450")).legs
    assert (shown.shown, shown.privacy) == (leased(line), "")


async def test_the_additional_number_chosen_for_the_handset_is_shown_and_its_line_pays(
    service: Service, ends: Ends
) -> None:
    line = service.with_handset()
    additional = f"034300{line.id:04}"
    service.write(add_number, line.id, additional, datetime.now(UTC))
    service.write(
        lambda conn: conn.execute(
            update(handsets).where(handsets.c.line_id == line.id).values(presents="+81" + additional[1:])
        )
    )
    (leg,) = (await dial(ends, line, "0312342550")).legs
    assert (leg.shown, leg.asserted) == (additional, additional)
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert booked.call.line_id == line.id


async def test_what_no_price_list_prices_is_not_dialled(service: Service, ends: Ends) -> None:
    unpriced = {digits: service.with_handset() for digits in ("104", "010442079460000", "05012342650")}
    for line in unpriced.values():
        service.write(change_options, line.id, international_allowed=True)
    for placed in await asyncio.gather(*(dial(ends, line, digits) for digits, line in unpriced.items())):
        assert (placed.caller.sip, placed.legs) == (403, ()), placed.to
    for line in unpriced.values():
        assert [one.call.outcome for one in await service.booked(line)] == ["cannot-be-dialled"]


@pytest.mark.parametrize("digits", ["117", "171", "0120342750"])
async def test_special_numbers_and_free_phone_numbers_reach_the_carrier_as_dialled(
    service: Service, ends: Ends, digits: str
) -> None:
    line = service.with_handset()
    (leg,) = (await dial(ends, line, digits)).legs
    assert (leg.number, leg.shown) == (digits, leased(line))
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert booked.charge.amount == (Decimal(0) if digits.startswith("0120") else Decimal(33))


async def test_an_on_net_number_reaches_the_other_lines_handset_free_of_charge(service: Service, ends: Ends) -> None:
    one, other = service.with_handset(), service.with_handset()
    service.write(add_group, "試験網")
    for line in (one, other):
        service.write(join_group, "試験網", line.id, datetime.now(UTC))
    service.write(assign_number, other.id, "8", "2345")
    (leg,) = (await dial(ends, one, "82345")).legs
    assert other.handset is not None
    assert (leg.where, leg.number, leg.shown) == ("phones", other.handset.sip_user, leased(one))
    (booked,) = await service.booked(one)
    assert booked.charge is not None
    assert (booked.charge.amount, booked.charge.row) == (Decimal(0), "on-net")
    (taken,) = await service.booked(other)
    assert taken.charge is None


async def test_on_net_digits_reach_nobody_outside_the_group(service: Service, ends: Ends) -> None:
    placed = await dial(ends, service.with_handset(), "82345")
    assert (placed.caller.sip, placed.legs) == (404, ())
    assert placed.caller.announcement is not None


async def test_a_mobile_extension_is_dialled_on_its_trunk(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    key = service.settings.store.key.get_secret_value()
    carrier = service.place.addresses.carrier
    office = Trunk(name="office-link", host=carrier, sources=(service.address(6),), capacity=100, priority=9)
    service.write(add_trunk, office, key)
    service.write(add_group, "移動網")
    service.write(join_group, "移動網", line.id, datetime.now(UTC))
    service.write(add_mobile_extension, "移動網", "73150", "office-link")
    try:
        there = "Endpoint:  office-link "
        await until(lambda: there in service.asterisk("pjsip show endpoints"), 10, "the trunk of mobile extensions")
        (leg,) = (await dial(ends, line, "73150")).legs
        assert (leg.number, leg.shown) == ("73150", leased(line))
        (booked,) = await service.booked(line)
        assert booked.charge is not None
        assert (booked.charge.amount, booked.charge.row) == (Decimal(0), "on-net")
    finally:
        service.write(release_number, "移動網", "73150")
        service.write(remove_trunk, "office-link")


async def test_hash_dial_reaches_the_number_its_owner_set(service: Service, ends: Ends) -> None:
    line = service.with_handset()
    service.write(add_hash_number, service.member, "#2468", "0312342850", None)
    (leg,) = (await dial(ends, line, "#2468")).legs
    assert (leg.number, leg.shown) == ("0312342850", leased(line))
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert booked.call.to_number == "+81312342850"
    placed = await dial(ends, line, "#2469")
    assert (placed.caller.sip, placed.legs) == (404, ())


async def test_one_channel_carries_one_call_out_or_forwarded_and_two_carry_both(service: Service, ends: Ends) -> None:
    line = service.with_handset("0312342950", mode=ForwardMode.UNCONDITIONAL)
    forwarded = asyncio.create_task(service.call(ends, "09044449001", line, talk=3.0))
    await until(
        lambda: "0312342950@carrier" in service.asterisk("core show channels concise"), 5, "the forwarded leg"
    )
    placed = await dial(ends, line, "0312343050")
    assert (placed.caller.sip, placed.legs) == (486, ())
    service.write(set_double_channel, line.id, True, datetime.now(UTC))
    placed = await dial(ends, line, "0312343050")
    assert placed.caller.sip == 200
    assert (await forwarded).caller.sip == 200


async def test_a_withheld_number_reaches_another_lines_handset_as_anonymous(service: Service, ends: Ends) -> None:
    one, other = service.with_handset(), service.with_handset()
    placed = await dial(ends, one, "184" + leased(other))
    assert placed.caller.sip == 200
    assert other.handset is not None
    # Nobody can tell whose call it is, the lab no more than the other phone.
    (leg,) = (each for each in ends.strays if each.number == other.handset.sip_user)
    assert "anonymous" in leg.from_header
    assert leased(one) not in leg.from_header + leg.asserted + leg.diversion + leg.history


async def test_asterisks_own_records_charge_every_call_as_the_hook_did(service: Service, ends: Ends) -> None:
    """Of these, and of every other that this service has had until now."""
    line = service.with_handset()
    for digits in ("0312343150", "1840312343150", "184119", "119"):
        await dial(ends, line, digits)
    await service.booked(line, 4)
    seen = set()
    for told in records(service):
        with reading(service.engine) as conn:
            kept = recorded(conn, told.call_id)
        if kept is None or kept.call.answered is None or kept.call.plan is None or told.answered is None:
            continue
        again = ended_call(told, kept.call.line_id, kept.call.plan, kept.call.leased_number, Source.CDR)
        same = ("service", "from_number", "withheld", "to_number", "from_kind", "to_kind", "leased_number")
        assert {name: getattr(again, name) for name in same} == {name: getattr(kept.call, name) for name in same}
        assert again.answered == pytest.approx(kept.call.answered, abs=Decimal("0.05"))
        seen.add((kept.charge.row if kept.charge is not None else None, kept.call.withheld))
    row = "out-fixed-fixed.fixed-phone"
    assert seen >= {(row, False), (row, True), ("emergency", False), ("emergency", True)}


def records(service: Service) -> list[Ended]:
    return list(one_per_call(read(service.settings.switch.records).records).values())
