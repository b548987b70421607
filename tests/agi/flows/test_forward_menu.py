"""142, row by row (seed 003), all keys typed ahead."""

import pytest
from sqlalchemy import select

from dialplan.numbers import national
from store.secrets import matches_hash
from subscribers.forwarding import Forwarding, ForwardMode
from subscribers.lines import Plan
from subscribers.records.find import get_line
from subscribers.records.forwarding import set_forward_entry, start_forwarding, use_forward_entry
from subscribers.records.lines import add_line, add_number, suspend_line
from subscribers.records.remote import remote_access_on
from subscribers.tables import remote_access
from tests.agi.flows.conftest import MOBILE, NOW, Office


def entries(office: Office) -> list[str | None]:
    return [number and national(number) for number in office.now_set().forwarding.entries]


async def test_2_registers_list_entry_1(office: Office) -> None:
    keypad = await office.dial("142", f"2{MOBILE}#1")
    assert entries(office) == [MOBILE, None, None, None]
    assert keypad.heard == ["forward-entry-1-registered", "goodbye"]
    assert keypad.hung_up == "us"


@pytest.mark.parametrize("entry", [1, 2, 3, 4])
async def test_4_0_registers_a_list_entry(office: Office, entry: int) -> None:
    await office.dial("142", f"40{entry}{MOBILE}#1")
    assert entries(office) == [MOBILE if one == entry else None for one in (1, 2, 3, 4)]


@pytest.mark.parametrize("entry", [1, 2, 3, 4])
async def test_4_1_chooses_the_list_entry_in_use(office: Office, entry: int) -> None:
    for one in (1, 2, 3, 4):
        office.write(set_forward_entry, office.line.id, one, f"0901111000{one}")
    await office.dial("142", f"41{entry}1")
    assert office.now_set().forwarding.entry_in_use == entry


@pytest.mark.parametrize(
    ("key", "mode"),
    [
        ("1", ForwardMode.UNCONDITIONAL),
        ("2", ForwardMode.NO_ANSWER),
        ("3", ForwardMode.BUSY),
        ("4", ForwardMode.NO_ANSWER_OR_BUSY),
    ],
)
async def test_1_starts_in_a_mode(office: Office, key: str, mode: ForwardMode) -> None:
    office.write(set_forward_entry, office.line.id, 1, MOBILE)
    keypad = await office.dial("142", f"1{key}")
    assert office.now_set().forwarding.mode is mode
    assert keypad.heard == [f"forward-started-{mode}", "goodbye"]


async def test_0_stops(office: Office) -> None:
    office.write(set_forward_entry, office.line.id, 1, MOBILE)
    office.write(start_forwarding, office.line.id, ForwardMode.BUSY)
    await office.dial("142", "0")
    assert office.now_set().forwarding.mode is ForwardMode.OFF
    assert office.now_set().forwarding.last_mode is ForwardMode.BUSY


@pytest.mark.parametrize("seconds", [5, 20, 60])
async def test_3_sets_the_ring_time(office: Office, seconds: int) -> None:
    await office.dial("142", f"3{seconds}#1")
    assert office.now_set().forwarding.ring_seconds == seconds


async def test_8_0_reads_the_list(office: Office) -> None:
    office.write(set_forward_entry, office.line.id, 2, "0312345678")
    office.write(use_forward_entry, office.line.id, 2)
    keypad = await office.dial("142", "80")
    digits = [f"digit-{digit}" for digit in "0312345678"]
    assert keypad.heard == [
        "forward-entry-1-empty",
        "forward-entry-2-is",
        *digits,
        "is-suffix",
        "forward-entry-3-empty",
        "forward-entry-4-empty",
        "forward-entry-2-in-use",
        "goodbye",
    ]


async def test_8_1_reads_the_mode_with_its_ring_time(office: Office) -> None:
    office.write(set_forward_entry, office.line.id, 1, MOBILE)
    office.write(start_forwarding, office.line.id, ForwardMode.NO_ANSWER)
    keypad = await office.dial("142", "81")
    assert keypad.heard == [
        "forward-state-no-answer",
        "forward-ring-time-is",
        "seconds-20",
        "is-suffix",
        "goodbye",
    ]


async def test_4_3_1_turns_remote_access_on_and_keeps_the_pin_as_a_hash_only(office: Office) -> None:
    keypad = await office.dial("142", "431" + "482915#" + "1")
    [kept] = office.read(lambda conn: conn.execute(select(remote_access.c.pin_hash)).scalars().all())
    assert matches_hash("482915", kept)
    assert "482915" not in kept
    assert keypad.heard == ["remote-on", "goodbye"]


async def test_4_3_0_turns_remote_access_off(office: Office) -> None:
    await office.dial("142", "4314829#1")
    await office.dial("142", "430")
    assert not office.read(remote_access_on, office.line.id)


@pytest.mark.parametrize("pin", ["482#", "482915371", "48A9#"])
async def test_a_pin_of_another_form_is_asked_for_again(office: Office, pin: str) -> None:
    keypad = await office.dial("142", f"431{pin}", ("", "48291#", "1", "", ""))
    assert keypad.heard[:2] == ["remote-pin-length", "remote-enter-new-pin"]
    assert office.read(remote_access_on, office.line.id)


# ---- every step asked for, one after another --------------------------------------------------------------


async def test_each_step_is_asked_for_and_the_number_is_read_back(office: Office) -> None:
    keypad = await office.dial("142", "", ("2", f"{MOBILE}#", "1", "", ""))
    digits = [f"digit-{digit}" for digit in MOBILE]
    assert keypad.heard == [
        "forward-menu",
        "forward-enter-target",
        "forward-target-is",
        *digits,
        "is-suffix",
        "confirm",
        "forward-entry-1-registered",
        "goodbye",
    ]


@pytest.mark.parametrize("keys", [f"2{MOBILE}#", "330#", f"402{MOBILE}#", "4315555#"])
async def test_hanging_up_before_the_confirmation_changes_nothing(office: Office, keys: str) -> None:
    before = office.now_set()
    keypad = await office.dial("142", keys, ())
    assert keypad.hung_up == "the caller"
    assert office.now_set() == before


@pytest.mark.parametrize("keys", [f"2{MOBILE}#", "330#", f"402{MOBILE}#", "4315555#"])
async def test_a_confirmation_that_never_comes_changes_nothing(office: Office, keys: str) -> None:
    before = office.now_set()
    keypad = await office.dial("142", keys)
    assert keypad.heard[-1] == "too-many-tries"
    assert office.now_set() == before


async def test_star_at_the_confirmation_takes_another_number(office: Office) -> None:
    await office.dial("142", f"2{MOBILE}#*0312345678#1")
    assert entries(office)[0] == "0312345678"


async def test_star_goes_back_step_by_step(office: Office) -> None:
    """From the number to the entry, to the list menu, to the menu."""
    await office.dial("142", "402***330#1")
    assert office.now_set().forwarding == Forwarding(ring_seconds=30)


@pytest.mark.parametrize(
    "number", ["110", "119", "0120000000", "0570000000", "0039090", "0363040001", "#1234", "0312", "01012125551234"]
)
async def test_a_number_that_may_not_be_forwarded_to_is_refused(office: Office, number: str) -> None:
    keypad = await office.dial("142", f"2{number}#1")
    assert "forward-target-refused" in keypad.heard
    assert entries(office) == [None] * 4


async def test_starting_without_a_number_says_so_and_offers_to_register_one(office: Office) -> None:
    keypad = await office.dial("142", "1", ("", f"2{MOBILE}#1", "", ""))
    assert keypad.heard[:2] == ["forward-no-target", "forward-menu"]
    assert entries(office)[0] == MOBILE


async def test_an_empty_list_entry_cannot_be_put_in_use(office: Office) -> None:
    keypad = await office.dial("142", "4131")
    assert keypad.heard[0] == "forward-entry-3-empty"
    assert office.now_set().forwarding.entry_in_use == 1


async def test_wrong_choices_and_silence_end_it_politely(office: Office) -> None:
    keypad = await office.dial("142", "", ("5", "", "", "", "", ""))
    assert keypad.heard == [
        "forward-menu",
        "wrong-choice",
        "forward-menu",
        "no-input",
        "forward-menu",
        "too-many-tries",
    ]
    assert keypad.hung_up == "us"


# ---- which number ------------------------------------------------------------------------------------------


async def test_with_one_number_nobody_asks_which(office: Office) -> None:
    keypad = await office.dial("142", "", ("0", "", ""))
    assert keypad.heard[0] == "forward-menu"


def second_line(office: Office) -> int:
    line = office.write(
        add_line,
        contract_id=office.line.contract_id,
        number="0363040002",
        plan=Plan.IN_OUT,
        starts_at=office.line.starts_at,
        at=NOW,
    )
    return int(line.id)


async def test_another_number_of_the_contract_is_set_when_it_is_keyed(office: Office) -> None:
    other = second_line(office)
    await office.dial("142", f"0363040002#2{MOBILE}#1")
    assert entries(office) == [None] * 4
    office.line = office.read(get_line, other)
    assert entries(office)[0] == MOBILE


async def test_hash_alone_sets_the_number_that_calls(office: Office) -> None:
    second_line(office)
    await office.dial("142", f"#2{MOBILE}#1")
    assert entries(office)[0] == MOBILE


async def test_an_additional_number_counts_and_leads_to_its_line(office: Office) -> None:
    office.write(add_number, office.line.id, "0363040009", NOW)
    keypad = await office.dial("142", f"0363040009#2{MOBILE}#1", ("", ""))
    assert keypad.heard == ["forward-entry-1-registered", "goodbye"]
    assert entries(office)[0] == MOBILE


async def test_a_number_of_somebody_else_is_not_taken(office: Office) -> None:
    second_line(office)
    keypad = await office.dial("142", "0311112222#")
    assert keypad.heard[0] == "not-own-number"


async def test_a_suspended_line_is_not_set(office: Office) -> None:
    office.write(suspend_line, office.line.id, NOW)
    keypad = await office.dial("142", f"2{MOBILE}#1")
    assert keypad.heard == ["not-available"]
    assert keypad.hung_up == "us"
