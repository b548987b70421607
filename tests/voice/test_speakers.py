"""With the real engines."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pyopenjtalk
import pytest

from dialplan.errors import BadValue
from voice import speakers
from voice.build import build, file_name
from voice.prompts import find
from voice.rows import Language, Prompt
from voice.rows.numbers import COUNTS, SECONDS, count_key, digit_key, seconds_key
from voice.sound import LEVEL_DB, PEAK, RATE, decode, speech_power

with_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the program espeak-ng")

ONES = ("", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
DOUBLED = {"イチ": "イッ", "ロク": "ロッ", "ジュー": "ジュッ"}


def japanese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else ONES[tens]) + ("ジュー" if tens else "") + ONES[ones] or "ゼロ"


def kana(row: Prompt) -> str:
    return str(pyopenjtalk.g2p(row.ja, kana=True, predict_nani=False))


@pytest.mark.parametrize("language", [Language.JAPANESE, pytest.param(Language.ENGLISH, marks=with_espeak)])
def test_a_prompt_is_spoken_for_real_and_a_studio_recording_of_it_survives(
    tmp_path: Path, language: Language
) -> None:
    row = find("goodbye")
    assert build(tmp_path, [language], prompts=[row]).built == (file_name(language, row),)
    path = tmp_path / file_name(language, row)
    heard = decode(path.read_bytes())
    assert 1.0 < len(heard) / RATE < 4.0
    assert 10 * np.log10(speech_power(heard)) == pytest.approx(LEVEL_DB, abs=1)
    # One µ-law step above the ceiling at the most.
    assert np.abs(heard).max() < PEAK * 1.04
    spectrum = np.abs(np.fft.rfft(heard)) ** 2
    hertz = np.fft.rfftfreq(len(heard), 1 / RATE)
    assert spectrum[(hertz > 100) & (hertz < 3400)].sum() > 0.9 * spectrum.sum()

    stamp = path.stat().st_mtime_ns
    assert build(tmp_path, [language], prompts=[row]).kept == (file_name(language, row),)
    assert path.stat().st_mtime_ns == stamp

    path.write_bytes(b"\xff" * RATE)
    assert build(tmp_path, [language], prompts=[row]).studio == (file_name(language, row),)
    assert path.read_bytes() == b"\xff" * RATE


@pytest.mark.parametrize("number", SECONDS)
@pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")
def test_seconds_are_read_as_a_japanese_reads_them(number: int) -> None:
    assert kana(find(seconds_key(number))) == f"{japanese(number)}ビョー"


@pytest.mark.parametrize("number", COUNTS)
@pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")
def test_counts_double_their_consonant_before_the_counter(number: int) -> None:
    reading = japanese(number)
    for plain, doubled in DOUBLED.items():
        if reading.endswith(plain):
            reading = reading.removesuffix(plain) + doubled
            break
    assert kana(find(count_key(number))) == f"{reading}ケン"


@pytest.mark.parametrize("digit", range(10))
def test_digits_are_read_so_that_they_cannot_be_confused(digit: int) -> None:
    """よん, なな and きゅう: し, しち and く are misheard on the telephone."""
    assert kana(find(digit_key(digit))) == (ONES[digit] or "ゼロ")


@pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")
def test_the_keys_with_unusual_names_are_read_by_their_names() -> None:
    assert "コメジルシ" in kana(find("confirm"))
    assert "イチハチロク" in kana(find("number-request"))
    assert "ゼロヲオシテ" in kana(find("forward-menu"))


def test_no_word_is_a_short_silence() -> None:
    assert speakers.speak(Language.ENGLISH, "") == b"\xff" * (RATE // 10)


def test_a_text_nobody_can_speak_is_named() -> None:
    with pytest.raises(BadValue, match="prompt text: found '。'"):
        speakers.speak(Language.JAPANESE, "。")


@pytest.mark.parametrize("module", ["pyopenjtalk", "soxr", "numpy"])
def test_a_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "voice.sound", raising=False)
    monkeypatch.delattr("voice.sound", raising=False)
    with pytest.raises(BadValue, match=rf"no {module}.*denwaban\[voice\]"):
        speakers.speak(Language.JAPANESE, "はい")


def test_a_missing_espeak_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadValue, match="no espeak-ng program"):
        speakers.speak(Language.ENGLISH, "yes")
