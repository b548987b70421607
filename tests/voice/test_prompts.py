import re
import unicodedata

import pytest

from dialplan.errors import BadValue
from dialplan.refusals import Refusal
from voice.prompts import ANNOUNCEMENTS, PROMPTS, find
from voice.rows import Prompt

KEYS = [row.key for row in PROMPTS]


def test_no_key_is_used_twice() -> None:
    assert sorted(set(KEYS)) == sorted(KEYS)


@pytest.mark.parametrize("row", PROMPTS, ids=lambda row: row.key)
def test_a_row_can_be_a_file_name_and_is_spoken_in_both_languages(row: Prompt) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.key)
    assert row.ja
    assert row.en.isascii()
    assert row.en or row.key == "is-suffix", "English has an empty row only where Japanese ends in です"
    assert any(unicodedata.name(letter).split()[0] in ("HIRAGANA", "KATAKANA", "CJK") for letter in row.ja)


@pytest.mark.parametrize("row", [row for row in PROMPTS if row.ja.endswith("。")], ids=lambda row: row.key)
def test_every_japanese_sentence_is_polite(row: Prompt) -> None:
    for sentence in row.ja.rstrip("。").split("。"):
        assert re.search(r"(です|ます|ません|ました|ませんでした|ください)$", sentence), sentence


def test_every_refusal_of_the_dialplan_is_announced_by_a_shipped_file() -> None:
    assert {refusal.value for refusal in Refusal} <= {row.key for row in ANNOUNCEMENTS}
    assert set(ANNOUNCEMENTS) <= set(PROMPTS)


@pytest.mark.parametrize("mode", ["unconditional", "no-answer", "busy", "no-answer-or-busy"])
def test_every_forwarding_mode_can_be_started_and_heard(mode: str) -> None:
    assert find(f"forward-started-{mode}").ja.endswith("いたしました。")
    assert find(f"forward-state-{mode}").ja.startswith("現在、")


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(BadValue, match="no-such-row"):
        find("no-such-row")
