import pytest

from console.desk import Desk
from console.progress import progress


def test_a_terminal_sees_a_bar_on_stderr(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(Desk(), "Speaking the prompts") as step:
        assert step is not None
        step(3, 7, "ja/a.ulaw")
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "Speaking the prompts" in seen.err
    assert "3/7" in seen.err


def test_json_and_files_see_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(Desk(), "Speaking the prompts") as step:
        assert step is None
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(Desk(as_json=True), "Speaking the prompts") as step:
        assert step is None
    assert capsys.readouterr() == ("", "")
