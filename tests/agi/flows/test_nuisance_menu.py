"""144, row by row, on calls that the ledger has."""

import pytest

from dialplan.numbers import normalise
from subscribers.records.nuisance import add_nuisance, is_nuisance, nuisance_count
from subscribers.screening import MAX_NUISANCE
from tests.agi.flows.conftest import MOBILE, NOW, Office, called_by


def called(office: Office, *, withheld: bool = False) -> None:
    office.write(called_by, office.line, normalise(MOBILE), withheld=withheld)


def count(office: Office) -> int:
    return int(office.read(nuisance_count, office.line.id))


@pytest.mark.parametrize("withheld", [False, True])
async def test_2_adds_the_last_caller_also_a_withheld_one(office: Office, withheld: bool) -> None:
    called(office, withheld=withheld)
    keypad = await office.dial("144", "21")
    assert office.read(is_nuisance, office.line.id, normalise(MOBILE))
    assert keypad.heard == ["nuisance-added", "goodbye"]


async def test_the_number_added_is_never_read_out(office: Office) -> None:
    called(office, withheld=True)
    keypad = await office.dial("144", "", ("2", "1", "", ""))
    assert not [prompt for prompt in keypad.heard if prompt.startswith("digit-")]
    assert count(office) == 1


async def test_3_deletes_the_last_added(office: Office) -> None:
    for last in (1, 2):
        office.write(add_nuisance, office.line.id, f"+81901111000{last}", withheld=False, at=NOW)
    keypad = await office.dial("144", "31")
    assert [office.read(is_nuisance, office.line.id, f"+81901111000{last}") for last in (1, 2)] == [True, False]
    assert keypad.heard == ["nuisance-deleted-last", "goodbye"]


async def test_9_deletes_all(office: Office) -> None:
    for last in (1, 2):
        office.write(add_nuisance, office.line.id, f"+81901111000{last}", withheld=False, at=NOW)
    keypad = await office.dial("144", "91")
    assert count(office) == 0
    assert keypad.heard == ["nuisance-deleted-all", "goodbye"]


async def test_4_reads_the_count(office: Office) -> None:
    office.write(add_nuisance, office.line.id, "+819011110001", withheld=False, at=NOW)
    keypad = await office.dial("144", "4")
    assert keypad.heard == ["nuisance-count-is", "count-1", "is-suffix", "goodbye"]


@pytest.mark.parametrize("key", ["2", "3", "9"])
async def test_hanging_up_before_the_confirmation_changes_nothing(office: Office, key: str) -> None:
    called(office)
    office.write(add_nuisance, office.line.id, "+819011110001", withheld=False, at=NOW)
    await office.dial("144", key, ())
    assert count(office) == 1
    assert office.read(is_nuisance, office.line.id, "+819011110001")


async def test_nobody_has_called(office: Office) -> None:
    keypad = await office.dial("144", "21")
    assert keypad.heard[:2] == ["nuisance-no-call", "nuisance-menu"]


async def test_the_last_caller_is_on_the_list_already(office: Office) -> None:
    called(office)
    office.write(add_nuisance, office.line.id, normalise(MOBILE), withheld=False, at=NOW)
    keypad = await office.dial("144", "21")
    assert keypad.heard[0] == "nuisance-already-listed"


async def test_the_list_ends_at_30(office: Office) -> None:
    called(office)
    for number in range(MAX_NUISANCE):
        office.write(add_nuisance, office.line.id, f"+8190333300{number:02}", withheld=False, at=NOW)
    keypad = await office.dial("144", "21")
    assert keypad.heard[0] == "nuisance-full"
    assert count(office) == MAX_NUISANCE


@pytest.mark.parametrize("key", ["3", "9"])
async def test_there_is_nothing_to_delete(office: Office, key: str) -> None:
    keypad = await office.dial("144", f"{key}1")
    assert keypad.heard[:2] == ["nuisance-empty", "nuisance-menu"]
