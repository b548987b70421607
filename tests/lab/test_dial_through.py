"""Dial-through: a registered phone calls its leased number, keys 1 and a number, and is connected (services §4)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Row, select

from agi.ledger import ended_call
from agi.records import read
from lab.call import place
from lab.ends import Ends
from lab.story import Leg, Placed
from rating.ended import EndedCall, Recorded, Source
from rating.limits.overrides import set_limits
from rating.limits.tables import Name, authorisations
from rating.usage import Service as Kind
from store.engine import reading
from subscribers.lines import Line
from subscribers.records.phones import register_phone
from tests.fixtures.service import Service

pytestmark = pytest.mark.lab

FIXED, MOBILE = "0398760050", "09012340050"
REFUSED = ("110", "119", "0990123456", "010442079460000")
UNWILLING = ("0398762017", "0398762001", "0398762021")  # busy, not in use, rejects the call


@dataclass(frozen=True, kw_only=True)
class Told:
    line: Line
    phone: str
    placed: Placed
    books: tuple[Recorded, ...]

    @property
    def leg(self) -> Leg:
        (leg,) = self.placed.legs
        return leg

    def out(self) -> Recorded:
        """The one call out."""
        (found,) = (one for one in self.books if one.call.service is Kind.OUT)
        return found

    def menu(self) -> Recorded:
        (found,) = (one for one in self.books if one.call.service is not Kind.OUT)
        return found


@pytest.fixture(scope="module")
def told(service: Service) -> dict[str, Told]:
    """Every call was made, all at the same time, each on a line of its own and from a phone of its own."""
    poor = service.line()
    service.write(set_limits, poor.id, {Name.DAILY: Decimal(50), Name.NIGHT_DAILY: None})
    cases: dict[str, tuple[Line, str, str, float, int]] = {
        "fixed": (service.line(), "09071000050", f"1{FIXED}#", 1.5, 2),
        "184": (service.line(), "09071000150", f"1184{MOBILE}#", 1.0, 2),
        "handset's line": (service.with_handset(), "0398761050", f"1{FIXED}#", 0.5, 2),
        "poor": (poor, "09071000250", f"1{FIXED}#", 2.0, 1),
    }
    for at, number in enumerate(REFUSED):
        cases[number] = (service.line(), f"0907200{at}050", f"1{number}#ww{FIXED}#", 0.5, 2)
    for at, number in enumerate(UNWILLING):
        cases[number] = (service.line(), f"0907300{at}050", f"1{number}#", 30.0, 2)
    return asyncio.run(_all(service, cases))


async def _all(service: Service, cases: dict[str, tuple[Line, str, str, float, int]]) -> dict[str, Told]:
    async with Ends(service.place) as ends:
        found = await asyncio.gather(*(_one(service, ends, *case) for case in cases.values()))
    return dict(zip(cases, found, strict=True))


async def _one(service: Service, ends: Ends, line: Line, phone: str, keys: str, talk: float, records: int) -> Told:
    """The caller talks so long after his last key, which is when the call goes out."""
    await asyncio.to_thread(service.write, register_phone, line.id, phone)
    placed = await place(ends, phone, leased(line), dtmf=keys, talk_seconds=talk)
    return Told(line=line, phone=phone, placed=placed, books=await service.booked(line, records))


def leased(line: Line) -> str:
    return "0" + line.number[3:]


def test_the_second_leg_shows_the_leased_number_and_nothing_of_the_phone(told: dict[str, Told]) -> None:
    one = told["fixed"]
    leg = one.leg
    assert (leg.number, leg.shown, leg.asserted, leg.privacy) == (FIXED, leased(one.line), leased(one.line), "")
    assert (leg.diverted_by, leg.diversion, leg.history) == ("", "", "")


def test_it_alone_is_charged_for_its_answered_time(told: dict[str, Told]) -> None:
    one = told["fixed"]
    called, menu = one.out(), one.menu()
    assert called.charge is not None
    assert (called.charge.row, called.charge.amount) == ("out-mobile-fixed.in-out", Decimal("51.7"))
    assert (called.call.from_number, called.call.to_number) == ("+8190" + one.phone[3:], "+81398760050")
    assert one.leg.answered is not None
    assert one.leg.ended is not None
    assert called.call.answered == pytest.approx(Decimal(str(one.leg.ended - one.leg.answered)), abs=Decimal("0.3"))
    assert (menu.call.service, menu.charge, menu.unrated) == (Kind.INCOMING, None, None)
    assert menu.call.answered is not None
    assert called.call.answered < menu.call.answered - 2


def test_asterisks_own_records_come_to_the_same_as_the_hook(service: Service, told: dict[str, Told]) -> None:
    """Of every answered call, so that one the hook missed is charged the same."""
    records = {one.call_id: one for one in read(service.settings.switch.records).records if one.answered is not None}
    answered = [one for each in told.values() for one in each.books if one.call.answered is not None]
    assert len(answered) >= 2 * len(told) - len(UNWILLING) - 1
    for one in answered:
        call = one.call
        assert call.plan is not None
        again = ended_call(records[call.call_id], call.line_id, call.plan, call.leased_number, Source.CDR)
        assert _charged_by(again) == _charged_by(call)
        # The hook runs before the record is closed.
        assert again.answered == pytest.approx(call.answered, abs=Decimal("0.05"))


def _charged_by(call: EndedCall) -> dict[str, object]:
    names = ("service", "from_number", "withheld", "to_number", "answered_at", "from_kind", "to_kind")
    return {name: getattr(call, name) for name in names}


def test_what_was_held_for_a_call_is_released_with_its_record(service: Service, told: dict[str, Told]) -> None:
    for one in told.values():
        held = _held(service, one.line)
        assert [row.released_at is not None for row in held] == [True] * len(held)
    assert [row.held > 0 for row in _held(service, told["fixed"].line)] == [True]


def _held(service: Service, line: Line) -> Sequence[Row[Any]]:
    with reading(service.engine) as conn:
        return conn.execute(select(authorisations).where(authorisations.c.line_id == line.id)).all()


def test_184_withholds_the_number_and_still_asserts_it_to_the_carrier(told: dict[str, Told]) -> None:
    one = told["184"]
    leg, called = one.leg, one.out()
    assert (leg.number, leg.shown, leg.asserted, leg.privacy) == (MOBILE, "anonymous", leased(one.line), "id")
    assert leased(one.line) not in leg.from_header
    assert called.charge is not None
    assert (called.call.withheld, called.charge.row) == (True, "out-mobile-mobile.in-out")


def test_a_registered_fixed_phone_pays_the_price_of_its_kind_and_plan(told: dict[str, Told]) -> None:
    called = told["handset's line"].out()
    assert called.charge is not None
    assert (called.charge.row, called.charge.amount) == ("out-fixed-fixed.fixed-phone", Decimal(33))


@pytest.mark.parametrize("number", REFUSED)
def test_a_number_that_may_not_be_called_is_never_reached_and_another_is_asked_for(
    told: dict[str, Told], number: str
) -> None:
    assert told[number].leg.number == FIXED


def test_a_line_that_may_spend_no_more_reaches_nobody_and_pays_for_the_setting_call(told: dict[str, Told]) -> None:
    one = told["poor"]
    assert one.placed.legs == ()
    menu = one.menu()
    assert menu.charge is not None
    assert menu.charge.row == "settings"


@pytest.mark.parametrize("number", UNWILLING)
def test_what_an_unwilling_number_does_is_heard_and_ends_the_call_by_itself(
    told: dict[str, Told], number: str
) -> None:
    """In seconds of tone or words: a phone that was answered makes none by itself. Nothing is charged."""
    one = told[number]
    assert one.leg.number == number
    assert one.placed.caller.released_by == "far end"
    assert one.placed.caller.ended - one.leg.reached > 3
    called = one.out()
    assert (called.charge, called.unrated) == (None, None)
