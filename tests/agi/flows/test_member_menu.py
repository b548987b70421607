"""The menu of a registered phone, row by row."""

from dialplan.numbers import normalise
from subscribers.forwarding import ForwardMode
from subscribers.records.forwarding import (
    set_forward_entry,
    start_forwarding,
    stop_forwarding,
    use_forward_entry,
)
from tests.agi.flows.conftest import MOBILE, Office


async def test_2_changes_the_number_of_the_entry_in_use(office: Office) -> None:
    for entry in (1, 3):
        office.write(set_forward_entry, office.line.id, entry, "0312345678")
    office.write(use_forward_entry, office.line.id, 3)
    keypad = await office.member(f"2{MOBILE}#1")
    assert office.now_set().forwarding.entries == ("+81312345678", None, normalise(MOBILE), None)
    assert keypad.heard == ["forward-entry-3-registered", "goodbye"]


async def test_0_stops_and_3_starts_in_the_last_mode(office: Office) -> None:
    office.write(set_forward_entry, office.line.id, 1, MOBILE)
    office.write(start_forwarding, office.line.id, ForwardMode.NO_ANSWER)
    await office.member("0")
    assert office.now_set().forwarding.mode is ForwardMode.OFF
    keypad = await office.member("3")
    assert office.now_set().forwarding.mode is ForwardMode.NO_ANSWER
    assert keypad.heard == ["forward-started-no-answer", "goodbye"]


async def test_8_says_mode_and_number(office: Office) -> None:
    office.write(set_forward_entry, office.line.id, 1, MOBILE)
    office.write(start_forwarding, office.line.id, ForwardMode.UNCONDITIONAL)
    keypad = await office.member("8")
    digits = [f"digit-{digit}" for digit in MOBILE]
    assert keypad.heard == ["forward-state-unconditional", "forward-target-is", *digits, "is-suffix", "goodbye"]


async def test_8_without_a_number_says_the_mode_only(office: Office) -> None:
    assert (await office.member("8")).heard == ["forward-state-off", "goodbye"]


async def test_3_without_a_number_says_so(office: Office) -> None:
    office.write(stop_forwarding, office.line.id)
    assert (await office.member("3")).heard[:2] == ["forward-no-target", "member-menu"]


async def test_hanging_up_before_the_confirmation_changes_nothing(office: Office) -> None:
    before = office.now_set()
    await office.member(f"2{MOBILE}#", ())
    assert office.now_set() == before
