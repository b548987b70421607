"""Remote access, row by row (seed 003), East and West; and what a guesser hears."""

import asyncio
from datetime import timedelta

import pytest

from agi.pins import set_pin
from dialplan.numbers import national
from subscribers.forwarding import ForwardMode
from subscribers.records.forwarding import set_forward_entry, start_forwarding, stop_forwarding
from tests.agi.flows.conftest import MOBILE, Office

PIN = "482915"
ORDERS = ["east", "west"]


@pytest.fixture
async def opened(office: Office) -> Office:
    await set_pin(office.store, office.line.id, PIN)
    for entry in (1, 2, 3):
        office.write(set_forward_entry, office.line.id, entry, f"0901111000{entry}")
    office.write(start_forwarding, office.line.id, ForwardMode.BUSY)
    return office


def key_in(office: Office, pin: str = PIN) -> str:
    return f"{national(office.line.number)}#{pin}#"


@pytest.mark.parametrize("order", ORDERS)
async def test_1_starts_in_the_last_mode(opened: Office, order: str) -> None:
    opened.write(stop_forwarding, opened.line.id)
    keypad = await opened.remote(order, key_in(opened) + "1")
    assert opened.now_set().forwarding.mode is ForwardMode.BUSY
    assert keypad.heard == ["forward-started-busy", "goodbye"]


@pytest.mark.parametrize("order", ORDERS)
async def test_0_stops(opened: Office, order: str) -> None:
    keypad = await opened.remote(order, key_in(opened) + "0")
    assert opened.now_set().forwarding.mode is ForwardMode.OFF
    assert keypad.heard == ["forward-stopped", "goodbye"]


@pytest.mark.parametrize(("order", "keys"), [("east", "2131"), ("west", "231")])
async def test_2_changes_the_list_entry_in_use(opened: Office, order: str, keys: str) -> None:
    keypad = await opened.remote(order, key_in(opened) + keys)
    assert opened.now_set().forwarding.entry_in_use == 3
    assert keypad.heard == ["forward-entry-3-in-use", "goodbye"]


async def test_hanging_up_before_the_confirmation_changes_nothing(opened: Office) -> None:
    before = opened.now_set()
    await opened.remote("west", key_in(opened) + "23", ())
    assert opened.now_set() == before


async def test_everything_wrong_is_told_alike(opened: Office) -> None:
    """A wrong PIN, a number that is nobody's, and a line without remote access."""
    wrong = (key_in(opened, "0000"), f"0312340000#{PIN}#", f"99#{PIN}#")
    heard = [(await opened.remote("east", keys, ("",) * 30)).heard for keys in wrong]
    assert heard[0] == heard[1] == heard[2]
    assert heard[0][0] == "remote-refused"


async def test_three_wrong_pins_end_the_call(opened: Office) -> None:
    script = ("", key_in(opened, "0000"), "", key_in(opened, "1111"), "", "", "", "")
    keypad = await opened.remote("east", "", (key_in(opened, "2222"), *script))
    assert keypad.heard.count("remote-refused") == 3
    assert keypad.heard[-1] == "too-many-tries"


async def test_star_does_not_win_a_guesser_more_tries(opened: Office) -> None:
    wrong = f"*{key_in(opened, '0000')}"
    keypad = await opened.remote("east", wrong, ("", wrong, "", wrong, "", wrong, "", wrong))
    assert keypad.heard.count("remote-refused") == 3


async def test_five_wrong_pins_within_an_hour_lock_the_line_for_an_hour(opened: Office) -> None:
    for _ in range(5):
        await opened.remote("east", key_in(opened, "0000"), ())
    assert (await opened.remote("east", key_in(opened) + "0")).heard[0] == "remote-refused"
    assert opened.now_set().forwarding.mode is ForwardMode.BUSY
    opened.now += timedelta(hours=1)
    assert (await opened.remote("east", key_in(opened) + "0")).heard[0] == "forward-stopped"


async def test_a_pin_is_in_no_log(opened: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await opened.dial("142", "431593816#1")
    await opened.remote("east", key_in(opened, "593816") + "0")
    await opened.remote("east", key_in(opened, "774411"), ())
    said = capsys.readouterr()
    logged = said.out + said.err
    assert "remote access" in logged
    assert "593816" not in logged
    assert "774411" not in logged
    assert "scrypt" not in logged


async def test_calls_at_once_do_not_wait_for_each_others_pins(opened: Office) -> None:
    calls = [opened.remote("east", key_in(opened) + "0") for _ in range(8)]
    heard = [keypad.heard for keypad in await asyncio.gather(*calls)]
    assert heard == [["forward-stopped", "goodbye"]] * 8


async def test_the_member_menu_number_is_not_asked_for_twice(opened: Office) -> None:
    """`*` at the menu stays there: the PIN has been given."""
    keypad = await opened.remote("east", key_in(opened) + "*", ("", f"0{MOBILE[0]}", "", ""))
    assert "remote-enter-number" not in keypad.heard
