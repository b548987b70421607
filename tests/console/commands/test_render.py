from pathlib import Path

from tests.fixtures.homes import Home


def test_only_what_changed_is_written_again(home: Home) -> None:
    home.done("render")
    assert home.json("render") == {"config_dir": str(home.folder / "asterisk"), "changed": []}
    home.done("trunk", "add", "second", "--host", "192.0.2.1", "--source", "192.0.2.1")
    said = home.done("render")
    assert "changed: extensions.conf, pjsip_trunks.conf." in said.out


def test_a_handset_of_a_new_line_is_written(home: Home) -> None:
    changed = home.json("render")["changed"]
    assert changed == ["pjsip_handsets.conf"]
    assert "[h1]" in (home.folder / "asterisk" / "pjsip_handsets.conf").read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    text = home.settings.read_text("utf-8")
    home.settings.write_text(text.replace(str(home.folder / "asterisk"), str(tmp_path / "file")), encoding="utf-8")
    said = home.run("render")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"denwaban: {tmp_path}/file: found ")
