"""Homes that `denwaban init` made: one with nobody in it, and one with two members and their lines."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.engine import open_engine
from tests.fixtures.homes import Home, Said


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("made"))
    home.done("init", "--trunk-host", "127.0.0.2", "--trunk-source", "127.0.0.2")
    return home.folder


@pytest.fixture(scope="session")
def _furnished(_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(_copied(_made, tmp_path_factory.mktemp("furnished")))
    home.done("member", "add", "株式会社例", "--kind", "rental-office", "--capacity", 1)
    home.done("member", "add", "例子", "--kind", "virtual-office")
    for member in (1, 2):
        home.done("member", "identity", member, "--on", "2026-01-05", "--method", "in-person", "--by", "佐藤")
    started = ("--starts-at", "2026-02-02T10:00+09:00")
    home.done("line", "add", "03-1234-5678", "--member", 1, "--plan", "fixed-phone", *started)
    home.done("line", "add", "047-345-6789", "--member", 2, "--plan", "in-out", *started)
    return home.folder


@pytest.fixture(scope="session")
def nobody(_made: Path) -> Iterator[Engine]:
    """The store of a home with nobody in it, to be read only."""
    engine = open_engine(f"sqlite:///{_made}/denwaban.db")
    yield engine
    engine.dispose()


@pytest.fixture
def new_home(_made: Path, tmp_path: Path) -> Home:
    """With a trunk, and nobody in it."""
    return Home(_copied(_made, tmp_path / "home"))


@pytest.fixture
def home(_furnished: Path, tmp_path: Path) -> Home:
    """Member 1 (a room for one line) has line 1, fixed-phone 03-1234-5678; member 2 (virtual office) has line 2,
    in-out 047-345-6789. Both lines are active.
    """
    return Home(_copied(_furnished, tmp_path / "home"))


@pytest.fixture
def refused(home: Home) -> Callable[..., Said]:
    """Runs a command that must fail as the operator's fault, and leave no trace."""

    def run(*arguments: object) -> Said:
        before = home.everything()
        said = home.run(*arguments)
        assert said.status == 2, said
        assert said.out == ""
        assert said.err.startswith("denwaban: ")
        assert home.everything() == before
        return said

    return run


def _copied(made: Path, to: Path) -> Path:
    shutil.copytree(made, to, dirs_exist_ok=True)
    settings = to / "denwaban.toml"
    settings.write_text(settings.read_text("utf-8").replace(str(made), str(to)), encoding="utf-8")
    return to
