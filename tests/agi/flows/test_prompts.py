"""A prompt that a menu may play and nobody has spoken is found here, not by a caller."""

import re
from pathlib import Path

import pytest

from agi.flows.forward_menu import HEAR, LIST, MODES, REMOTE
from agi.flows.forward_menu import MENU as FORWARD
from agi.flows.member_menu import MENU as MEMBER
from agi.flows.nuisance_menu import MENU as NUISANCE
from agi.flows.number_request import MENU as REQUEST
from agi.flows.remote import MENUS
from agi.flows.select_menu import MENU as SELECT
from agi.flows.select_menu import MODES as SELECT_MODES
from agi.talk import Choices
from subscribers.forwarding import ENTRIES, ForwardMode
from voice.prompts import PROMPTS, find

ROOT = Path(__file__).parents[3]
SOURCES = [*sorted((ROOT / "agi" / "flows").glob("*.py")), ROOT / "agi" / "conversation.py", ROOT / "agi" / "call.py"]
NO_PROMPTS = {"member-menu", "forward-menu", "select-menu", "nuisance-menu", "number-request"}  # also names of flows
MODES_ON = tuple(mode.value for mode in ForwardMode if mode is not ForwardMode.OFF)
ENTRY_KEYS = tuple(str(entry) for entry in range(1, ENTRIES + 1))
PUT_IN = {"entry": ENTRY_KEYS, "key": ENTRY_KEYS, "entry_in_use": ENTRY_KEYS, "mode": MODES_ON}


def keys_in(source: str) -> set[str]:
    """Every string that looks like a prompt's key, with each value of what is put into it."""
    found = set()
    for text in re.findall(r'"([a-z]+(?:-(?:[a-z0-9]+|\{[a-z_.]+\}))+)"', source):
        hole = re.search(r"\{(?:[a-z_]+\.)*([a-z_]+)\}", text)
        found |= {text} if hole is None else {text.replace(hole[0], value) for value in PUT_IN[hole[1]]}
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_every_prompt_named_in_a_flow_is_in_the_table(file: Path) -> None:
    known = {row.key for row in PROMPTS} | NO_PROMPTS
    assert keys_in(file.read_text(encoding="utf-8")) <= known


def test_the_flows_name_prompts_at_all() -> None:
    named = set().union(*(keys_in(file.read_text(encoding="utf-8")) for file in SOURCES))
    assert {"forward-entry-4-registered", "forward-started-no-answer-or-busy", "too-many-tries"} <= named


@pytest.mark.parametrize(
    "menu",
    [FORWARD, MODES, HEAR, REMOTE, LIST, SELECT, SELECT_MODES, NUISANCE, REQUEST, MEMBER, *MENUS.values()],
    ids=lambda menu: menu.prompt,
)
def test_a_menu_offers_the_keys_it_takes(menu: Choices) -> None:
    """In both languages: each key is in the words of its prompt, and no other is."""
    row = find(menu.prompt)
    assert set(re.findall(r"press ([0-9])", row.en)) == set(menu.actions)
    assert set(re.findall(r"([0-9])(?:を|まで)", row.ja)) >= set(menu.actions)
