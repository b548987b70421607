"""The rules of a forwarded leg and of refused calls, by real calls."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from lab.call import place as place_call
from lab.ends import Ends
from lab.until import until
from subscribers.lines import Line
from subscribers.records.lines import LineOptions, suspend_line
from subscribers.tables import forward_entries
from tests.fixtures.service import Service

pytestmark = pytest.mark.lab

LATER = datetime.now(UTC) + timedelta(days=40)


async def test_a_withheld_caller_stays_withheld_and_is_still_asserted_to_the_carrier(
    service: Service, ends: Ends
) -> None:
    line = service.line("09012340150")
    placed = await service.call(ends, "09044440001", line, withhold=True)
    (leg,) = placed.legs
    assert (leg.shown, leg.asserted, leg.privacy) == ("anonymous", "09044440001", "id")
    assert "09044440001" not in leg.from_header
    assert leg.diverted_by == "0" + line.number[3:]
    (booked,) = await service.booked(line)
    assert booked.call.withheld
    assert booked.charge is not None
    assert booked.charge.amount == Decimal("35.2")


async def test_a_line_may_show_its_leased_number_instead_of_the_caller(service: Service, ends: Ends) -> None:
    line = service.line("09012340250", options=LineOptions(present_leased=True))
    placed = await service.call(ends, "09044440002", line, withhold=True)
    (leg,) = placed.legs
    assert (leg.shown, leg.privacy) == ("0" + line.number[3:], "")
    assert "09044440002" not in leg.from_header
    (booked,) = await service.booked(line)
    assert (booked.call.from_number, booked.call.withheld) == ("+819044440002", True)


async def test_a_fixed_target_costs_the_fixed_price(service: Service, ends: Ends) -> None:
    line = service.line("0312340350")
    placed = await service.call(ends, "09044440003", line)
    assert [leg.number for leg in placed.legs] == ["0312340350"]
    (booked,) = await service.booked(line)
    assert booked.charge is not None
    assert (booked.charge.amount, booked.charge.row) == (Decimal("16.5"), "forward-fixed.in-out")


@pytest.mark.parametrize(
    ("target", "sip", "cause"),
    [("09012340117", 486, 17), ("09012340121", 403, 21), ("09012340101", 404, 1), ("09012340134", 503, 34)],
)
async def test_why_the_far_end_refused_is_passed_on_and_costs_nothing(
    service: Service, ends: Ends, target: str, sip: int, cause: int
) -> None:
    line = service.line(target)
    placed = await service.call(ends, "09044440004", line)
    assert (placed.caller.sip, placed.caller.cause) == (sip, cause)
    (booked,) = await service.booked(line)
    assert (booked.charge, booked.unrated, booked.call.answered) == (None, None, None)


async def test_a_pending_line_is_not_in_use_yet(service: Service, ends: Ends) -> None:
    placed = await service.call(ends, "09044440006", service.line("09012340650", starts_at=LATER))
    assert (placed.caller.sip, placed.caller.cause, placed.legs) == (404, 1, ())


async def test_a_suspended_line_is_announced_as_suspended(service: Service, ends: Ends) -> None:
    line = service.line("09012340750")
    service.write(suspend_line, line.id, datetime.now(UTC))
    placed = await service.call(ends, "09044440007", line)
    assert (placed.caller.sip, placed.caller.cause, placed.legs) == (403, 21, ())
    assert placed.caller.announcement is not None
    (booked,) = await service.booked(line)
    assert (booked.call.outcome, booked.charge) == ("suspended", None)


async def test_without_forwarding_and_without_a_handset_nobody_can_be_reached(service: Service, ends: Ends) -> None:
    line = service.line()
    placed = await service.call(ends, "09044440008", line)
    assert (placed.caller.sip, placed.legs) == (480, ())
    assert placed.caller.announcement is not None
    (booked,) = await service.booked(line)
    assert (booked.call.outcome, booked.call.cause) == ("cannot-be-reached", 20)


@pytest.mark.parametrize("target", ["+81110", "+81120123456", "+81570123456", "+16502530000"])
async def test_a_refused_target_that_got_into_the_store_is_never_dialled(
    service: Service, ends: Ends, target: str
) -> None:
    line = service.line("09012340950")
    service.write(
        lambda conn: conn.execute(
            update(forward_entries).where(forward_entries.c.line_id == line.id).values(number=target)
        )
    )
    placed = await service.call(ends, "09044440009", line)
    assert (placed.caller.sip, placed.caller.cause, placed.legs) == (403, 21, ())


async def test_one_leased_number_forwards_to_another_and_each_pays_its_own_leg(service: Service, ends: Ends) -> None:
    second = service.line("09012341050")
    first = service.line("0" + second.number[3:])
    placed = await service.call(ends, "09044440010", first)
    (leg,) = placed.legs
    assert (leg.number, leg.shown) == ("09012341050", "09044440010")
    assert leg.diverted_by == "0" + second.number[3:]
    (one,), (other,) = await service.booked(first), await service.booked(second)
    assert one.charge is not None
    assert other.charge is not None
    assert (one.charge.amount, other.charge.amount) == (Decimal("16.5"), Decimal("35.2"))


async def test_a_loop_of_leased_numbers_ends_and_costs_nothing(service: Service, ends: Ends) -> None:
    ring = [service.line(double_channel=True) for _ in range(7)]
    for line, following in zip(ring, [*ring[1:], ring[0]], strict=True):
        service.forwarding(line, "0" + following.number[3:])
    placed = await service.call(ends, "09044440011", ring[0])
    assert (placed.caller.answered, placed.legs) == (None, ())
    assert placed.caller.announcement is not None
    booked = [(await service.booked(line))[0] for line in ring[:6]]
    assert [entry.charge for entry in booked] == [None] * 6
    assert (booked[5].call.outcome, booked[5].call.cause) == ("forward-loop", 25)
    assert service.books(ring[6]) == ()


async def test_a_line_forwards_as_many_calls_at_once_as_it_has_channels(service: Service, ends: Ends) -> None:
    one, two = service.line("09012341250"), service.line("09012341350", double_channel=True)

    async def calls(line: Line, number: int) -> list[tuple[bool, int | None]]:
        placed = await asyncio.gather(*(service.call(ends, f"0904444{number}{i}", line, talk=2.0) for i in range(3)))
        return sorted((each.caller.answered is not None, each.caller.cause) for each in placed)

    assert await calls(one, 120) == [(False, 17), (False, 17), (True, 16)]
    assert await calls(two, 130) == [(False, 17), (True, 16), (True, 16)]


async def test_a_leg_nobody_answers_is_given_up_after_three_minutes(service: Service, ends: Ends) -> None:
    """Asked of the running switch rather than waited for: the seconds Dial was given."""
    line = service.line("09012341419")
    ringing = asyncio.create_task(service.call(ends, "09044440014", line, patience=4.0))

    def dialled() -> bool:
        return "PJSIP/09012341419@carrier,180" in service.asterisk("core show channels concise").replace("!", ",")

    await until(dialled, 4.0, "the seconds Dial was given")
    placed = await ringing
    assert placed.caller.answered is None


async def test_what_is_nobodys_number_is_refused_with_an_announcement(service: Service, ends: Ends) -> None:
    numbers = ["0399998888", "+81398887777", "1", "5" * 40, "03123", "*142", "0", "#1234"]
    seen = await asyncio.gather(*(place_call(ends, f"090444415{i:02}", one) for i, one in enumerate(numbers)))
    for number, placed in zip(numbers, seen, strict=True):
        assert (placed.caller.sip, placed.caller.cause, placed.caller.answered) == (404, 1, None), number
        assert placed.caller.announcement is not None, number


async def test_letters_are_no_number(service: Service, ends: Ends) -> None:
    placed = await place_call(ends, "09044440016", "sales")
    assert (placed.caller.sip, placed.legs) == (404, ())


async def test_a_caller_whose_number_is_text_is_forwarded_all_the_same(service: Service, ends: Ends) -> None:
    line = service.line("09012341750")
    placed = await service.call(ends, "", line)
    assert placed.caller.answered is not None
    (booked,) = await service.booked(line)
    assert booked.charge is not None
