import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

import subscribers.tables  # noqa: F401
from store import migrate
from store.engine import open_engine, reading, writing
from store.metadata import metadata


def test_migrations_lead_to_the_tables_the_program_declares(engine: Engine) -> None:
    with reading(engine) as conn:
        found = compare_metadata(MigrationContext.configure(conn), metadata)
    assert found == []
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_comparison_sees_a_missing_column(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.exec_driver_sql("ALTER TABLE handsets DROP COLUMN presents")
    with reading(engine) as conn:
        found = compare_metadata(MigrationContext.configure(conn), metadata)
    assert [(change[0], change[3].name) for change in found] == [("add_column", "presents")]


def test_an_empty_database_has_no_revision_and_an_upgraded_one_is_current(database_url: str) -> None:
    engine = open_engine(database_url)
    assert migrate.revision(engine) is None
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    assert migrate.revision(engine) == migrate.latest()
    assert migrate.is_current(engine)
    migrate.upgrade(engine)
    assert migrate.is_current(engine)
    engine.dispose()


_UPGRADE = "import sys; from store import engine, migrate; migrate.upgrade(engine.open_engine(sys.argv[1]))"


def test_processes_may_upgrade_an_empty_database_at_once(database_url: str) -> None:
    command = [sys.executable, "-c", _UPGRADE, database_url]
    home = Path(__file__).parents[2]
    running = [subprocess.Popen(command, cwd=home, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 2
    engine = open_engine(database_url)
    assert migrate.is_current(engine)
    engine.dispose()
