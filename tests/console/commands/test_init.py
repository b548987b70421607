import stat
from pathlib import Path

import pytest

from tests.fixtures.homes import Home


def test_a_switch_without_a_trunk_is_made_and_told_what_comes_next(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    said = home.done("init")
    assert "trunk add carrier --host" in said.out
    assert "member add" in said.out
    assert "new, with generated credentials" in said.out
    assert home.json("trunk", "list") == {"trunks": []}
    written = (tmp_path / "home" / "asterisk" / "extensions.conf").read_text("utf-8")
    assert "[from-handset]" in written
    assert "@\n" not in written
    assert "Set(DIAL=" not in written
    assert (tmp_path / "home" / "sounds" / "ja" / "not-in-use.ulaw").stat().st_size > 0


def test_a_first_trunk_gives_emergency_calls_their_way_out(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.done("init")
    home.done("trunk", "add", "carrier", "--host", "192.0.2.1", "--source", "192.0.2.1")
    assert set(home.json("render")["changed"]) == {"extensions.conf", "pjsip_trunks.conf"}
    written = (tmp_path / "home" / "asterisk" / "extensions.conf").read_text("utf-8")
    assert "Set(DIAL=PJSIP/${EXTEN}@carrier)" in written.split("[emergency]")[1]


def test_the_choices_of_the_first_run_are_in_the_settings(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    made = home.json(
        *("init", "--home", tmp_path / "home", "--trunk-host", "192.0.2.1", "--trunk-source", "192.0.2.1"),
        *("--trunk-name", "ntt", "--switch-name", "tokyo1", "--sip-host", "127.0.0.9"),
        *("--config-dir", tmp_path / "etc", "--database", f"sqlite:///{tmp_path}/other.db"),
    )
    assert made["settings"] == str(home.settings)
    assert (made["settings_kept"], made["ignored"], made["trunks"]) == (False, [], ["ntt"])
    assert made["database"] == f"sqlite:///{tmp_path}/other.db"
    assert "bind = 127.0.0.9:5060" in (tmp_path / "etc" / "pjsip.conf").read_text("utf-8")
    assert "systemname = tokyo1" in (tmp_path / "etc" / "asterisk.conf").read_text("utf-8")
    assert stat.S_IMODE(home.settings.stat().st_mode) == 0o600


def test_a_second_run_keeps_everything_and_says_so(home: Home) -> None:
    home.done("render")
    before = home.everything()
    again = home.json("init", "--switch-name", "sw9", "--trunk-host", "192.0.2.1", "--trunk-source", "192.0.2.1")
    assert (again["settings_kept"], again["ignored"], again["trunk_kept"]) == (True, ["switch.name"], True)
    assert (again["trunks"], again["members"], again["announcements_built"]) == (["carrier"], 2, 0)
    assert home.everything() == before
    said = home.done("init", "--switch-name", "sw9", "--trunk-host", "192.0.2.1", "--trunk-source", "192.0.2.1")
    assert "kept as they were" in said.out
    assert "Not applied, because the settings were there already: switch.name" in said.out
    assert "Trunks kept as they were: carrier" in said.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--trunk-host", "192.0.2.1"), "trunk carrier: sources: found ()"),
        (("--trunk-source", "192.0.2.1"), "trunk carrier: host: found ''"),
        (("--trunk-host", "192.0.2.1", "--trunk-source", "all"), "source: found 'all'"),
        (("--database", "mysql://127.0.0.1/x"), "database URL"),
        (("--database", "sqlite:////nowhere/at/all.db"), "database file: found '/nowhere/at/all.db'"),
        (("--database", "postgresql://denwaban@127.0.0.1:1/none"), "database: found"),
        (("--switch-name", "Tokyo 1"), "switch.name: found 'Tokyo 1'"),
    ],
)
def test_a_failed_first_run_does_not_decide_the_next(
    tmp_path: Path, arguments: tuple[object, ...], complaint: str
) -> None:
    home = Home(tmp_path / "home")
    said = home.run("init", *arguments)
    assert (said.status, said.out) == (2, "")
    assert complaint in said.err
    assert not home.settings.exists()
    home.done("init")


def test_the_settings_file_has_its_name(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.settings = tmp_path / "other.toml"
    said = home.run("init")
    assert said.status == 2
    assert f"settings file: found '{tmp_path}/other.toml', expected {tmp_path}/denwaban.toml" in said.err


def test_a_folder_that_may_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    said = Home(tmp_path / "home").run("init")
    assert said.status == 2
    assert str(tmp_path / "home") in said.err
