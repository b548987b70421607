"""What every command works with: settings, the opened store, the clock, and how the answer is wanted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, Engine

from console.settings import Settings, load
from dialplan.errors import BadValue
from store import migrate
from store.engine import open_engine, reading, writing


@dataclass
class Desk:
    """One run of the command line. `given` is --settings."""

    given: Path | None = None
    as_json: bool = False

    @cached_property
    def settings(self) -> Settings:
        """Raises BadValue (see console.settings.load)."""
        return load(self.given)

    @property
    def key(self) -> str:
        return self.settings.store.key.get_secret_value()

    def now(self) -> datetime:
        return datetime.now(UTC)

    @contextmanager
    def store(self) -> Iterator[Engine]:
        """Raises BadValue for a database that `denwaban init` has not made or not brought up to date."""
        engine = open_engine(self.settings.store.url)
        try:
            check_current(engine)
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.store() as engine, reading(engine) as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction for the whole command: it is done altogether or not at all."""
        with self.store() as engine, writing(engine) as conn:
            yield conn


def check_current(engine: Engine) -> None:
    path = engine.url.database or ""
    # SQLite would make an empty file of that name, and nobody would look for the right one any more.
    if engine.dialect.name == "sqlite" and not Path(path).exists():
        raise BadValue("database", path, "a database that `denwaban init` made")
    found, newest = migrate.revision(engine), migrate.latest()
    if found != newest:
        shown = engine.url.render_as_string(hide_password=True)
        raise BadValue(f"migration of database {shown}", found, f"{newest!r}: run `denwaban init`")


def at_desk(ctx: typer.Context) -> Desk:
    return ctx.ensure_object(Desk)


def _note_json(ctx: typer.Context, wanted: bool) -> bool:
    at_desk(ctx).as_json = wanted
    return wanted


Json = Annotated[
    bool,
    # Eager, so that a complaint about another argument already knows it.
    typer.Option("--json", callback=_note_json, is_eager=True, help="Print JSON: stable keys, amounts as text."),
]
"""Every command takes it; the desk remembers it, also for complaints."""
