"""Callback: the system calls a registered phone, and connects it (services §4), whatever dies meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from agi.reconcile import SETTLING
from agi.records import read
from lab import lab
from lab.call import place
from lab.ends import Ends
from lab.story import Arrival
from lab.until import until
from rating.ended import Recorded
from rating.tables import ended_calls
from rating.usage import Service as Kind
from store.engine import reading
from subscribers.callbacks import Callback, CallbackState
from subscribers.lines import Line
from subscribers.records.callbacks import get_callback
from subscribers.records.members import set_mail
from subscribers.records.options import change_options
from subscribers.records.phones import register_phone
from subscribers.tables import mails
from tests.fixtures.homes import Home
from tests.fixtures.lab import folder
from tests.fixtures.service import Service, begin
from tests.lab.test_survival import back, kill, nobody_restarts

pytestmark = pytest.mark.lab

NUMBER = "0398763050"


@pytest.fixture(scope="module")
def calling() -> Iterator[Service]:
    """A service of its own, that these tests may end, and whose times are short."""
    times = {"rings": 3.0, "first_pause": 1.0, "second_pause": 1.0}
    with folder(94) as place:
        running = begin(place, {"callback": times, "serve": {"reconcile": 1.0}, "metrics": {"port": 0}})
        yield running
        running.engine.dispose()


@pytest.fixture
async def far(calling: Service) -> AsyncIterator[Ends]:
    async with Ends(calling.place) as both:
        yield both


def with_phone(service: Service, phone: str, **options: Any) -> Line:
    line = service.line()
    service.write(register_phone, line.id, phone)
    if options:
        service.write(change_options, line.id, **options)
    return line


def leased(line: Line) -> str:
    return "0" + line.number[3:]


def ask(service: Service, phone: str, *more: str) -> Any:
    """By the command, as an operator would."""
    return Home(service.place.root).json("callback", phone, *more)


def job(service: Service, job_id: int) -> Callback:
    with reading(service.engine) as conn:
        return get_callback(conn, job_id)


async def state(service: Service, job_id: int, wanted: CallbackState, seconds: float = 20) -> Callback:
    await until(lambda: job(service, job_id).state is wanted, seconds, f"callback {job_id} {wanted}")
    return job(service, job_id)


async def reached(far: Ends, number: str, times: int = 1) -> Arrival:
    """The last of so many calls that came to this number at the carrier."""
    await until(lambda: len(arrivals(far, number)) >= times, 20, f"{times} calls to {number}")
    return arrivals(far, number)[-1]


def arrivals(far: Ends, number: str) -> list[Arrival]:
    placed = [first for call in far._calls.values() for first, _ in call.far.values()]
    return sorted((leg for leg in (*far.strays, *placed) if leg.number == number), key=lambda leg: leg.at)


async def hang_up(far: Ends, leg: Arrival) -> None:
    await far.ami("carrier").act("Hangup", Channel=leg.channel, Cause="16")


def out(books: tuple[Recorded, ...]) -> Recorded:
    (found,) = (one for one in books if one.call.service is Kind.OUT)
    return found


async def test_a_phone_that_hangs_up_while_the_line_rings_is_called_back_and_asked_for_the_number(
    calling: Service, far: Ends
) -> None:
    phone = "09074000050"
    line = with_phone(calling, phone, callback=True)
    await far.keys(phone, f"w{NUMBER}#")
    placed = await place(far, phone, leased(line), patience=1)
    assert placed.caller.answered is None
    assert placed.caller.ringing is not None
    called = await reached(far, phone)
    other = await reached(far, NUMBER)
    for leg in (called, other):
        assert leased(line) in leg.from_header
        assert leased(line) in leg.asserted
        assert leg.diversion == ""
    (under_way,) = Home(calling.place.root).json("callback", "list", "--line", leased(line))["callbacks"]
    assert (under_way["state"], under_way["asked_by"], under_way["to"]) == ("connected", "phone", None)
    await hang_up(far, other)
    ended = await state(calling, under_way["id"], CallbackState.ENDED)
    assert (ended.tries, ended.reason) == (1, None)
    books = await calling.booked(line, 4)
    assert len(books) == 4
    charged = [one.charge for one in books if one.charge is not None]
    assert [(one.row, one.amount) for one in charged] == [("out-mobile-fixed.in-out", Decimal("51.7"))]
    assert [one.unrated for one in books] == [None] * 4
    assert out(books).call.from_number == "+819074000050"


async def test_without_the_option_the_menu_answers_at_once(calling: Service, far: Ends) -> None:
    line = with_phone(calling, "09074100050")
    placed = await place(far, "09074100050", leased(line), talk_seconds=0.3)
    assert placed.caller.answered is not None
    assert placed.caller.answered < 1.0


async def test_who_waits_while_the_line_rings_hears_the_menu(calling: Service, far: Ends) -> None:
    line = with_phone(calling, "09074200050", callback=True)
    placed = await place(far, "09074200050", leased(line), talk_seconds=0.3)
    assert placed.caller.answered is not None
    assert placed.caller.answered == pytest.approx(3.0, abs=1.0)


async def test_a_callback_outlives_the_application_between_the_call_and_its_answer(
    calling: Service, far: Ends
) -> None:
    """The phone answers 4 s after it begins to ring, while nobody is there; the connected call outlives another one,
    and what the hook missed is charged from Asterisk's records.
    """
    phone, number = "09074300064", "0398763150"
    line = with_phone(calling, phone)
    asked = ask(calling, phone, "--to", number)
    again = ask(calling, phone, "--to", "0398769999")
    assert (again["id"], again["new"], again["to"]) == (asked["id"], False, number)
    called = await reached(far, phone)
    before = calling.application()
    with nobody_restarts(calling):
        await kill(before)
        await until(lambda: "Wait" in calling.asterisk("core show channels concise"), 10, "an answered call waiting")
        assert job(calling, asked["id"]).state is CallbackState.CALLING
    await back(calling, before)
    other = await reached(far, number)
    assert (await state(calling, asked["id"], CallbackState.CONNECTED)).tries == 1
    assert arrivals(far, phone) == [called]
    before = calling.application()
    with nobody_restarts(calling):
        await kill(before)
        assert _up(calling, number)
        await hang_up(far, other)
        await until(lambda: not _up(calling, number), 10, "end of the call")
    await back(calling, before)
    await state(calling, asked["id"], CallbackState.ENDED)
    books = await calling.booked(line, 3, seconds=20 + SETTLING.total_seconds())
    assert out(books).call.source == "cdr"
    charged = [one.charge for one in books if one.charge is not None]
    assert [(one.row, one.amount) for one in charged] == [("out-mobile-fixed.in-out", Decimal("51.7"))]
    assert [one.unrated for one in books] == [None] * 3


async def test_a_phone_that_never_answers_is_called_three_times_and_the_member_is_told(
    calling: Service, far: Ends
) -> None:
    phone = "09074400017"
    line = with_phone(calling, phone)
    calling.write(set_mail, calling.member, "member@example.jp")
    asked = ask(calling, phone, "--to", NUMBER)
    failed = await state(calling, asked["id"], CallbackState.FAILED, 30)
    assert (failed.tries, failed.reason) == (3, "BUSY")
    assert len(arrivals(far, phone)) == 3
    assert arrivals(far, NUMBER) == []
    books = await calling.booked(line, 3)
    assert [(one.charge, one.unrated, one.call.outcome) for one in books] == [(None, None, "BUSY")] * 3
    with reading(calling.engine) as conn:
        (mail,) = conn.execute(select(mails).where(mails.c.kind == "callback-failed")).all()
    assert (mail.recipient, mail.facts["tries"]) == ("member@example.jp", "3")
    assert '"event":"callback failed"' in lab.logs(calling.place, "serve")


async def test_a_callback_is_tried_again_when_asterisk_was_restarted_meanwhile(calling: Service, far: Ends) -> None:
    phone = "09074500069"
    with_phone(calling, phone)
    asked = ask(calling, phone, "--to", NUMBER)
    await reached(far, phone)
    await asyncio.to_thread(lab.restart, calling.place, "switch", crash=True)
    await reached(far, phone, times=2)
    assert job(calling, asked["id"]).tries == 2


def _up(service: Service, number: str) -> bool:
    return any(f"PJSIP/{number}@" in row for row in service.asterisk("core show channels concise").splitlines())


def test_asterisks_own_records_hold_no_call_that_the_hook_did_not_keep(calling: Service) -> None:
    """None of the halves of a Local channel is charged beside the call, once the records are read."""
    with reading(calling.engine) as conn:
        kept = set(conn.execute(select(ended_calls.c.call_id)).scalars())
    recorded = {one.call_id for one in read(calling.settings.switch.records).records}
    assert recorded
    assert recorded <= kept
