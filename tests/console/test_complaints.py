import sqlite3
from functools import partial
from pathlib import Path

import pytest

from console import desk
from store.engine import open_engine
from store.secrets import new_key
from tests.fixtures.homes import Home


def test_a_complaint_is_an_object_too_when_json_is_wanted(home: Home) -> None:
    said = home.run("forward", "set", 1, "110", "--json")
    assert said.status == 2
    message = "forward number: found '110', expected a number to forward to, not an emergency number"
    assert said.json == {
        "error": {
            "thing": "forward number",
            "found": "110",
            "expected": "a number to forward to, not an emergency number",
            "message": message,
            "problems": [],
        }
    }
    assert said.err == f"denwaban: {message}\n"


def test_missing_settings_are_named_with_the_way_to_make_them(tmp_path: Path) -> None:
    said = Home(tmp_path).run("line", "list")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        f"denwaban: settings file: found '{tmp_path}/denwaban.toml', "
        "expected an existing file (`denwaban init` writes one)\n"
    )


def test_a_missing_database_is_named_and_not_made(home: Home) -> None:
    file = home.folder / "denwaban.db"
    file.unlink()
    said = home.run("line", "list")
    assert (said.status, said.out) == (2, "")
    assert f"database: found '{file}', expected a database that `denwaban init` made" in said.err
    assert not file.exists()


@pytest.mark.parametrize("revision", [None, "0001"])
def test_a_database_of_another_version_is_sent_to_init(home: Home, revision: str | None) -> None:
    with sqlite3.connect(home.folder / "denwaban.db") as database:
        database.execute("DELETE FROM alembic_version")
        if revision is not None:
            database.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    database.close()
    said = home.run("member", "add", "例", "--kind", "coworking")
    assert (said.status, said.out) == (2, "")
    assert f"found {revision!r}, expected" in said.err
    assert "run `denwaban init`" in said.err


def test_a_database_of_a_newer_version_is_left_alone(home: Home) -> None:
    with sqlite3.connect(home.folder / "denwaban.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = home.everything()
    said = home.run("init")
    assert (said.status, said.out) == (2, "")
    assert "9999" in said.err
    assert len(said.err.splitlines()) == 1
    assert home.everything() == before


def test_a_file_that_is_no_database_is_named(home: Home) -> None:
    (home.folder / "denwaban.db").write_text("name,number\n" * 100, encoding="utf-8")
    said = home.run("line", "list")
    assert (said.status, said.out) == (2, "")
    assert "file is not a database" in said.err


def test_a_server_that_cannot_be_reached_is_one_line(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENWABAN_STORE__URL", "postgresql://denwaban:himitsu@127.0.0.1:1/none")
    said = home.run("line", "list", "--json")
    assert said.status == 2
    assert said.json["error"]["thing"] == "database"
    assert len(said.err.splitlines()) == 1
    assert "himitsu" not in said.err + said.out


def test_a_database_that_another_process_holds_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "open_engine", partial(open_engine, busy_seconds=0.1))
    holder = sqlite3.connect(home.folder / "denwaban.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    said = home.run("line", "suspend", 1)
    holder.close()
    assert (said.status, said.out) == (2, "")
    assert "locked by another process for 0.1 s" in said.err
    assert home.json("line", "show", 1)["state"] == "active"


@pytest.mark.parametrize("arguments", [("line", "show", 1, "--secrets"), ("render",)])
def test_a_wrong_key_is_named_and_nothing_is_written(
    home: Home, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...]
) -> None:
    before = home.everything()
    key = new_key()
    monkeypatch.setenv("DENWABAN_STORE__KEY", key)
    said = home.run(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("denwaban: password of handset h1: found a text sealed with another key")
    assert key not in said.err
    assert home.everything() == before


def test_an_unusable_key_is_named_before_a_line_is_made(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    member = home.json("member", "add", "例", "--kind", "rental-office", "--capacity", 1)["id"]
    before = home.everything()
    monkeypatch.setenv("DENWABAN_STORE__KEY", "short")
    said = home.run("line", "add", "03-1234-5679", "--member", member, "--plan", "fixed-phone")
    assert (said.status, said.out) == (2, "")
    assert "secrets key: found '5 characters'" in said.err
    assert home.everything() == before


def test_a_setting_that_does_not_exist_is_named(home: Home) -> None:
    home.settings.write_text(home.settings.read_text("utf-8") + "\n[swtich]\n", encoding="utf-8")
    said = home.run("line", "list")
    assert (said.status, said.out) == (2, "")
    assert "swtich" in said.err
    assert len(said.err.splitlines()) == 1
