"""Where conversations break off, and what is said then."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from agi.ari.client import Arrival
from agi.ari.messages import Channel
from agi.call import Call
from agi.conversation import broken_off, hold
from store.engine import StoreBusy
from subscribers.lines import Language
from subscribers.records.options import change_options
from tests.agi.flows.conftest import MOBILE, Office
from tests.agi.flows.conftest import office as office
from tests.fakes.keypad import Keypad


def arrival(keypad: Keypad, *, adopted: bool, state: str) -> Arrival:
    return Arrival(channel=Channel(id="k1", state=state), args=("142",), adopted=adopted, events=keypad.events)


@pytest.mark.parametrize(
    ("adopted", "state", "broken"), [(True, "Up", True), (True, "Ring", False), (False, "Up", False)]
)
def test_only_an_answered_call_of_an_earlier_process_is_broken_off(adopted: bool, state: str, broken: bool) -> None:
    assert broken_off(arrival(Keypad(()), adopted=adopted, state=state)) is broken


async def test_a_broken_off_menu_apologises_and_ends() -> None:
    keypad = Keypad(("",))

    async def never() -> None:
        raise AssertionError

    await hold(Call(keypad, "k1", keypad.events, "ja"), never, broken_off=True)
    assert (keypad.heard, keypad.hung_up) == (["broken-off"], "us")


@pytest.mark.parametrize("wrong", [StoreBusy("db", 5.0), OperationalError("UPDATE", {}, Exception("disk full"))])
async def test_a_change_that_is_not_stored_is_never_said_to_be(
    office: Office, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    async def fails(fn: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        raise wrong

    monkeypatch.setattr(office.store, "write", fails)
    keypad = await office.dial("142", f"2{MOBILE}#1")
    assert (keypad.heard, keypad.hung_up) == (["not-stored"], "us")


async def test_a_line_that_somebody_else_changed_meanwhile_is_not_said_to_be_set(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number was emptied on the web page while its owner listened to the menu."""
    monkeypatch.setattr("agi.flows.forward_menu.need_target", _let_pass)
    keypad = await office.dial("142", "11")
    assert keypad.heard == ["not-stored"]


async def _let_pass(_: object) -> None:
    return None


async def test_an_english_line_is_spoken_to_in_english(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write(change_options, office.line.id, language=Language.ENGLISH)
    spoken: list[str | None] = []
    play = Keypad.play

    async def listen(self: Keypad, channel_id: str, *media: str, language: str | None = None) -> str:
        spoken.append(language)
        return await play(self, channel_id, *media, language=language)

    monkeypatch.setattr(Keypad, "play", listen)
    await office.dial("148", "8")
    assert set(spoken) == {"en"}
