import os
from dataclasses import replace
from pathlib import Path

import pytest

from dialplan.errors import BadValue
from voice import manifest
from voice.build import SHIPPED, build, file_name, install_shipped, source_digest
from voice.prompts import ANNOUNCEMENTS
from voice.rows import Language, Prompt, prompt
from voice.sound import RATE, decode, speech_power

BOTH = tuple(Language)
JA = (Language.JAPANESE,)
ROWS = (prompt("one", "いち", "one"), prompt("two", "に", "two"))


def letters(language: Language, text: str) -> bytes:
    return f"{language}:{text}".encode()


def never(language: Language, text: str) -> bytes:
    raise AssertionError(f"{language} {text} was built")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_row_becomes_a_file_in_each_language(tmp_path: Path) -> None:
    report = build(tmp_path, BOTH, prompts=ROWS, speak=letters)
    assert report.built == ("ja/one.ulaw", "ja/two.ulaw", "en/one.ulaw", "en/two.ulaw")
    assert (report.kept, report.studio) == ((), ())
    assert (tmp_path / "ja/one.ulaw").read_bytes() == "ja:いち".encode()
    assert (tmp_path / "ja/one.ulaw").stat().st_mode & 0o777 == 0o644
    assert set(contents(tmp_path)) == {*report.built, "manifest.json"}


def test_progress_tells_each_file_once(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    build(tmp_path, JA, lambda done, total, name: told.append((done, total, name)), prompts=ROWS, speak=letters)
    assert told == [(1, 2, "ja/one.ulaw"), (2, 2, "ja/two.ulaw")]


def test_a_rebuild_touches_nothing(tmp_path: Path) -> None:
    build(tmp_path, BOTH, prompts=ROWS, speak=letters)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    report = build(tmp_path, BOTH, prompts=ROWS, speak=never)
    assert (len(report.kept), report.built) == (4, ())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_only_the_row_whose_words_changed_is_built_again(tmp_path: Path) -> None:
    build(tmp_path, BOTH, prompts=ROWS, speak=letters)
    report = build(tmp_path, BOTH, prompts=(replace(ROWS[0], ja="ひとつ"), ROWS[1]), speak=letters)
    assert report.built == ("ja/one.ulaw",)
    assert (tmp_path / "ja/one.ulaw").read_bytes() == "ja:ひとつ".encode()


def test_a_missing_file_is_built_again(tmp_path: Path) -> None:
    build(tmp_path, JA, prompts=ROWS, speak=letters)
    (tmp_path / "ja/two.ulaw").unlink()
    assert build(tmp_path, JA, prompts=ROWS, speak=letters).built == ("ja/two.ulaw",)


@pytest.mark.parametrize("changed", [False, True])
def test_a_studio_recording_survives_even_when_the_words_change(tmp_path: Path, changed: bool) -> None:
    build(tmp_path, JA, prompts=ROWS, speak=letters)
    (tmp_path / "ja/one.ulaw").write_bytes(b"studio")
    rows = (replace(ROWS[0], ja="ひとつ"), ROWS[1]) if changed else ROWS
    report = build(tmp_path, JA, prompts=rows, speak=never)
    assert (report.studio, report.kept) == (("ja/one.ulaw",), ("ja/two.ulaw",))
    assert (tmp_path / "ja/one.ulaw").read_bytes() == b"studio"


def test_a_recording_put_there_before_the_first_build_survives(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja/one.ulaw").write_bytes(b"studio")
    report = build(tmp_path, JA, prompts=ROWS, speak=letters)
    assert (report.studio, report.built) == (("ja/one.ulaw",), ("ja/two.ulaw",))


def test_a_failed_build_keeps_what_it_made_and_goes_on_from_there(tmp_path: Path) -> None:
    def fails_at_two(language: Language, text: str) -> bytes:
        if text == "に":
            raise BadValue("speech engine", "none", "one")
        return letters(language, text)

    with pytest.raises(BadValue):
        build(tmp_path, JA, prompts=ROWS, speak=fails_at_two)
    report = build(tmp_path, JA, prompts=ROWS, speak=letters)
    assert (report.kept, report.built, report.studio) == (("ja/one.ulaw",), ("ja/two.ulaw",), ())


def test_a_build_killed_between_manifest_and_file_does_not_take_its_own_file_for_a_studio_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, JA, prompts=ROWS, speak=letters)
    real = manifest.write_whole

    def dies_at_the_sound(path: Path, octets: bytes) -> None:
        if path.suffix == ".ulaw":
            raise KeyboardInterrupt
        real(path, octets)

    newer = (replace(ROWS[0], ja="ひとつ"), ROWS[1])
    with monkeypatch.context() as patched:
        patched.setattr(manifest, "write_whole", dies_at_the_sound)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path, JA, prompts=newer, speak=letters)
    assert (tmp_path / "ja/one.ulaw").read_bytes() == "ja:いち".encode()
    assert build(tmp_path, JA, prompts=newer, speak=letters).built == ("ja/one.ulaw",)
    assert (tmp_path / "ja/one.ulaw").read_bytes() == "ja:ひとつ".encode()


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest.write_whole(tmp_path / "a", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        manifest.write_whole(tmp_path / "a", b"new")
    assert contents(tmp_path) == {"a": b"old"}


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"ja/one.ulaw": {"source": 1}}', b"\xff"])
def test_a_broken_manifest_is_named_and_nothing_is_written(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / manifest.NAME).write_bytes(broken)
    with pytest.raises(BadValue, match=r"manifest\.json"):
        build(tmp_path, JA, prompts=ROWS, speak=never)
    assert contents(tmp_path) == {manifest.NAME: broken}


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ja/one.ulaw").mkdir(parents=True)
    with pytest.raises(BadValue, match=r"ja/one\.ulaw"):
        build(tmp_path, JA, prompts=ROWS, speak=never)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("row", ANNOUNCEMENTS, ids=lambda row: row.key)
def test_every_announcement_is_shipped_audible_and_says_the_present_words(language: Language, row: Prompt) -> None:
    name = file_name(language, row)
    octets = (SHIPPED / name).read_bytes()
    entry = manifest.read(SHIPPED)[name]
    assert entry.audio == manifest.digest(octets)
    assert entry.source == source_digest(language, row), "the words changed: build voice/sounds again"
    assert len(octets) > RATE
    assert speech_power(decode(octets)) > 1e-3


def test_nothing_else_is_shipped() -> None:
    expected = {file_name(language, row) for language in BOTH for row in ANNOUNCEMENTS}
    assert {name for name in contents(SHIPPED) if name.endswith(".ulaw")} == expected
    assert set(manifest.read(SHIPPED)) == expected


def test_the_shipped_files_are_installed_without_an_engine_and_known_as_ours(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja/suspended.ulaw").write_bytes(b"studio")
    report = install_shipped(tmp_path)
    assert report.studio == ("ja/suspended.ulaw",)
    assert len(report.built) == 2 * len(ANNOUNCEMENTS) - 1
    assert (tmp_path / "en/suspended.ulaw").read_bytes() == (SHIPPED / "en/suspended.ulaw").read_bytes()
    again = build(tmp_path, prompts=ANNOUNCEMENTS, speak=never)
    assert (again.built, again.studio) == ((), ("ja/suspended.ulaw",))
