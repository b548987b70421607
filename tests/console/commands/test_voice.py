from functools import partial
from pathlib import Path

import pytest

from dialplan.errors import BadValue
from tests.fixtures.homes import Home
from voice.build import build
from voice.prompts import ANNOUNCEMENTS
from voice.rows import Language


def spoken(language: Language, text: str) -> bytes:
    return f"{language} {text}".encode()


def test_prompts_are_built_and_kept(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = partial(build, prompts=ANNOUNCEMENTS, speak=spoken)
    monkeypatch.setattr("console.commands.voice.build_prompts", fast)
    built = home.json("voice", "build", "--out", tmp_path / "out", "--language", "ja")
    assert len(built["built"]) == len(ANNOUNCEMENTS)
    assert all(name.startswith("ja/") for name in built["built"])
    assert (tmp_path / "out" / built["built"][0]).is_file()
    (tmp_path / "out" / built["built"][0]).write_bytes(b"of the studio")
    said = home.done("voice", "build", "--out", tmp_path / "out")
    assert f"{len(ANNOUNCEMENTS)} built, {len(ANNOUNCEMENTS) - 1} up to date, 1 of your own" in said.out


def test_without_an_out_the_sounds_of_the_home_are_brought_up_to_date(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.commands.voice.build_prompts", partial(build, prompts=ANNOUNCEMENTS, speak=spoken))
    assert home.json("voice", "build")["out"] == str(home.folder / "sounds")
    assert home.json("voice", "build")["built"] == []


def test_a_missing_engine_is_named(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(language: Language, text: str) -> bytes:
        raise BadValue("speech engine", "no pyopenjtalk", "the extra denwaban[voice] installed")

    monkeypatch.setattr("console.commands.voice.build_prompts", partial(build, speak=missing))
    said = home.run("voice", "build", "--out", tmp_path / "out")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "denwaban: speech engine: found 'no pyopenjtalk', expected the extra denwaban[voice] installed\n"
    )
    assert not (tmp_path / "out").exists()
