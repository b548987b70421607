"""147, row by row (seed 003), all keys typed ahead."""

import pytest

from agi.flows.select_menu import caller
from agi.menu import Complete, Invalid
from subscribers.records.select import add_select_number, select_numbers, set_select_mode
from subscribers.screening import MAX_SELECT, SelectMode
from tests.agi.flows.conftest import MOBILE, Office

E164 = "+819011112222"


def listed(office: Office) -> tuple[str, ...]:
    return tuple(office.read(select_numbers, office.line.id))


async def test_2_adds_a_number(office: Office) -> None:
    keypad = await office.dial("147", f"2{MOBILE}#1")
    assert listed(office) == (E164,)
    assert keypad.heard == ["select-added", "goodbye"]


async def test_9_deletes_a_number(office: Office) -> None:
    office.write(add_select_number, office.line.id, MOBILE)
    keypad = await office.dial("147", f"9{MOBILE}#1")
    assert listed(office) == ()
    assert keypad.heard == ["select-deleted", "goodbye"]


@pytest.mark.parametrize(
    ("key", "mode", "said"),
    [
        ("1", SelectMode.FORWARDED, "select-set-forward"),
        ("2", SelectMode.RING, "select-set-ring"),
        ("0", SelectMode.OFF, "select-set-off"),
    ],
)
async def test_3_sets_how_the_list_is_used(office: Office, key: str, mode: SelectMode, said: str) -> None:
    office.write(set_select_mode, office.line.id, SelectMode.RING if key != "2" else SelectMode.OFF)
    keypad = await office.dial("147", f"3{key}")
    assert office.now_set().screening.select is mode
    assert keypad.heard == [said, "goodbye"]


async def test_8_reads_the_count_and_every_number(office: Office) -> None:
    for number in ("0312345678", MOBILE):
        office.write(add_select_number, office.line.id, number)
    keypad = await office.dial("147", "8")
    one, other = ([f"digit-{digit}" for digit in number] for number in ("0312345678", MOBILE))
    heard = ["select-count-is", "count-2", "is-suffix", *one, "is-suffix", *other, "is-suffix", "goodbye"]
    assert keypad.heard == heard


@pytest.mark.parametrize("keys", [f"2{MOBILE}#", f"9{MOBILE}#"])
async def test_hanging_up_before_the_confirmation_changes_nothing(office: Office, keys: str) -> None:
    if keys[0] == "9":
        office.write(add_select_number, office.line.id, MOBILE)
    before = listed(office)
    await office.dial("147", keys, ())
    assert listed(office) == before


async def test_a_number_on_the_list_is_not_added_again(office: Office) -> None:
    office.write(add_select_number, office.line.id, MOBILE)
    keypad = await office.dial("147", f"2{MOBILE}#")
    assert keypad.heard[0] == "select-already-listed"


async def test_a_number_that_is_not_listed_is_not_deleted(office: Office) -> None:
    keypad = await office.dial("147", f"9{MOBILE}#")
    assert keypad.heard[0] == "select-not-listed"


async def test_the_list_ends_at_30(office: Office) -> None:
    for number in range(MAX_SELECT):
        office.write(add_select_number, office.line.id, f"090222200{number:02}")
    keypad = await office.dial("147", f"2{MOBILE}#")
    assert keypad.heard[0] == "select-full"
    assert len(listed(office)) == MAX_SELECT


@pytest.mark.parametrize("keys", ["110#", "#", "#1234#", "184090#", "123456789012345678901234567890"])
def test_what_cannot_call_cannot_be_listed(keys: str) -> None:
    assert caller(lambda _: None)(keys) == Invalid(say="select-number-refused")


def test_an_international_caller_can_be_listed() -> None:
    assert caller(lambda _: None)("01012125551234#") == Complete("+12125551234")
