"""Bringing a database to the tables this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from .engine import reading, writing

# Any number, the same in every process: two that upgrade one PostgreSQL database at once take turns.
_UPGRADE_LOCK = 0x44454E57


def upgrade(engine: Engine) -> None:
    """All missing migrations in one transaction: either the database is current afterwards, or as it was."""
    with writing(engine) as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        command.upgrade(configuration(conn), "head")


def revision(engine: Engine) -> str | None:
    """The database's migration, None for an empty database."""
    with reading(engine) as conn:
        return MigrationContext.configure(conn).get_current_revision()


def is_current(engine: Engine) -> bool:
    return revision(engine) == latest()


def latest() -> str | None:
    """The newest migration this version of the program brings along."""
    return ScriptDirectory.from_config(configuration(None)).get_current_head()


def configuration(conn: Connection | None) -> Config:
    """Alembic's settings for the migrations in this package; its commands run inside `conn`'s transaction."""
    config = Config()
    here = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(here).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config
