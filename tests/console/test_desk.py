from pathlib import Path

import pytest

from tests.fixtures.homes import Home


@pytest.mark.postgres
def test_the_commands_work_on_postgresql_as_they_do_on_sqlite(postgres_database: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.done("init", "--database", postgres_database, "--trunk-host", "192.0.2.1", "--trunk-source", "192.0.2.1")
    assert not (tmp_path / "home" / "denwaban.db").exists()
    home.done("member", "add", "例子", "--kind", "virtual-office")
    home.done("member", "identity", 1, "--on", "2026-01-05", "--method", "in-person", "--by", "佐藤")
    home.done("line", "add", "03-1234-5678", "--member", 1, "--plan", "in-out", "--starts-at", "2026-02-02")
    home.done("forward", "set", "03-1234-5678", "090-1111-2222")
    home.done("forward", "start", 1, "--mode", "no-answer-or-busy")
    [line] = home.json("line", "list", "--state", "active")["lines"]
    assert (line["number"], line["forwarding"]["mode"]) == ("+81312345678", "no-answer-or-busy")
    assert home.json("calls", "list") == {"calls": []}
    refused = home.run("line", "add", "03-1234-5679", "--member", 1, "--plan", "in-out")
    assert refused.status == 2
    assert "1 at most for a virtual-office member" in refused.err
    assert len(home.json("line", "list")["lines"]) == 1
    assert "2147483647" in home.run("member", "show", "9" * 12).err


@pytest.mark.postgres
def test_a_postgresql_database_without_tables_is_sent_to_init(
    new_home: Home, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DENWABAN_STORE__URL", postgres_database)
    said = new_home.run("line", "list")
    assert (said.status, said.out) == (2, "")
    assert "found None, expected" in said.err
    assert "run `denwaban init`" in said.err
