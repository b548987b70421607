"""Callback by telephone: asked for by hanging up, and the conversation on the phone that was called back."""

import pytest
from sqlalchemy import select

from agi.paid import read_paid
from rating.limits.tables import authorisations
from subscribers.callbacks import AskedBy, Callback, CallbackState
from subscribers.records.callbacks import get_callback, list_callbacks, request_callback, take_due_callback
from subscribers.records.options import change_options
from subscribers.records.phones import unregister_phone
from tests.agi.flows.conftest import NOW, PHONE, Office
from tests.fakes.keypad import HANG_UP

NUMBER = "0312345678"
LEASED = [f"digit-{digit}" for digit in "0363040001"]
WHO = ["callback-this-is", *LEASED, "is-suffix"]


def calling(office: Office, number: str | None = None) -> Callback:
    """The phone is being called."""
    office.write(request_callback, office.line.id, PHONE, number, AskedBy.COMMAND, NOW)
    found = office.write(take_due_callback, "sw1", NOW)
    job: Callback = found[0]
    return job


def jobs(office: Office) -> tuple[Callback, ...]:
    found: tuple[Callback, ...] = office.read(list_callbacks)
    return found


async def test_who_hangs_up_while_the_line_rings_is_to_be_called_back(office: Office) -> None:
    office.write(change_options, office.line.id, callback=True)
    keypad = await office.member("", (HANG_UP,))
    assert (keypad.rang, keypad.heard) == (True, [])
    (job,) = jobs(office)
    assert (job.phone, job.number, job.asked_by, job.state) == ("+81" + PHONE[1:], None, "phone", "pending")
    await office.member("", (HANG_UP,))
    assert jobs(office) == (job,)


async def test_who_waits_hears_the_menu_and_is_not_called_back(office: Office) -> None:
    office.write(change_options, office.line.id, callback=True)
    keypad = await office.member("8")
    assert keypad.rang
    assert keypad.heard == ["forward-state-off", "goodbye"]
    assert jobs(office) == ()


async def test_a_line_without_the_option_does_not_ring(office: Office) -> None:
    keypad = await office.member("", (HANG_UP,))
    assert (keypad.rang, keypad.heard) == (False, ["member-menu"])
    assert jobs(office) == ()


async def test_a_phone_taken_off_the_line_while_it_rang_is_not_called_back(office: Office) -> None:
    office.write(change_options, office.line.id, callback=True)
    office.write(unregister_phone, office.line.id, PHONE)
    await office.member("", (HANG_UP,))
    assert jobs(office) == ()


async def test_the_phone_is_told_who_calls_asked_for_the_number_and_connected(office: Office) -> None:
    job = calling(office)
    keypad = await office.called_back(job, "", ("", f"{NUMBER}#", ""))
    assert keypad.heard == [*WHO, "call-out-enter-number", "call-out-connecting"]
    assert keypad.went_on == ("through", "0363040001")
    paid = read_paid(keypad.variables["_PAYS"])
    assert (paid.to, paid.by, paid.held) == (NUMBER, job.phone, f"{job.channel}/1")
    assert office.read(get_callback, job.id).state is CallbackState.CONNECTED


async def test_with_a_number_given_it_is_connected_at_once(office: Office) -> None:
    keypad = await office.called_back(calling(office, f"184{NUMBER}"))
    assert keypad.heard == [*WHO, "call-out-connecting"]
    assert keypad.variables["_PRES"] == "prohib"


async def test_a_given_number_that_may_not_be_called_any_more_is_told(office: Office) -> None:
    job = calling(office, NUMBER)
    office.trunks = ()
    keypad = await office.called_back(job)
    assert keypad.heard == [*WHO, "try-later", "goodbye"]
    assert keypad.hung_up == "us"


async def test_who_hangs_up_while_being_told_has_nothing_held(office: Office) -> None:
    await office.called_back(calling(office, NUMBER), "", (HANG_UP,))
    rows = office.read(lambda conn: conn.execute(select(authorisations)).all())
    assert [row for row in rows if row.released_at is None] == []


@pytest.mark.parametrize("broken", [False, True])
async def test_an_answered_call_found_after_a_crash_is_begun_or_apologised_for(office: Office, broken: bool) -> None:
    """Begun when nobody had talked to it yet; else nobody knows what it was told."""
    job = calling(office)
    if broken:
        await office.called_back(job, "", (HANG_UP,))
    keypad = await office.called_back(job, "", ("", f"{NUMBER}#", ""), adopted=True)
    assert keypad.heard[0] == ("broken-off" if broken else "callback-this-is")


async def test_a_call_that_is_not_the_jobs_any_more_is_ended(office: Office) -> None:
    job = calling(office)
    stale = Callback(**{name: getattr(job, name) for name in job.__dataclass_fields__} | {"channel": "sw1CB-1.99"})
    keypad = await office.called_back(stale)
    assert (keypad.heard, keypad.hung_up) == ([], "us")
    assert office.read(get_callback, job.id) == job
