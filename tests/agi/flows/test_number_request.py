import pytest

from subscribers.records.select import set_number_request
from tests.agi.flows.conftest import Office


@pytest.mark.parametrize(("key", "on", "said"), [("1", True, "request-started"), ("0", False, "request-stopped")])
async def test_1_turns_it_on_and_0_off(office: Office, key: str, on: bool, said: str) -> None:
    office.write(set_number_request, office.line.id, not on)
    keypad = await office.dial("148", f"{key}1")
    assert office.now_set().screening.number_request is on
    assert keypad.heard == [said, "goodbye"]


@pytest.mark.parametrize(("on", "said"), [(True, "request-state-on"), (False, "request-state-off")])
async def test_8_says_how_it_is(office: Office, on: bool, said: str) -> None:
    office.write(set_number_request, office.line.id, on)
    keypad = await office.dial("148", "8")
    assert keypad.heard == [said, "goodbye"]


@pytest.mark.parametrize(("key", "before"), [("1", False), ("0", True)])
async def test_hanging_up_before_the_confirmation_changes_nothing(office: Office, key: str, before: bool) -> None:
    office.write(set_number_request, office.line.id, before)
    await office.dial("148", key, ())
    assert office.now_set().screening.number_request is before
