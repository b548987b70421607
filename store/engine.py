"""Opening the database: SQLite in a file, or PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from dialplan.errors import BadValue

BUSY_SECONDS = 5.0
_EXPECTED = "sqlite:///path/to/file.db or postgresql://user@host/database"
_READS_ONLY = "denwaban_reads_only"
_LOCK_NOT_AVAILABLE = "55P03"  # SQLSTATE of a lock_timeout that ran out


class StoreBusy(Exception):
    """Another process held the database for longer than the busy timeout. Nothing has been changed."""

    def __init__(self, database: str, seconds: float) -> None:
        self.database, self.seconds = database, seconds
        super().__init__(
            f"database {database}: locked by another process for {seconds:g} s, expected it to be free sooner"
        )


def open_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for `url`; connects to nothing yet. A lock is waited for `busy_seconds`.

    A commit that returned is on the disk (synchronous=FULL): what was acknowledged survives a power cut.
    Raises BadValue for a URL that cannot be read, another kind of database, SQLite in memory (each thread
    would see a database of its own), or a file in a directory that does not exist.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_seconds)
    return _postgres(parsed, busy_seconds)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: never waits for a writer on SQLite, no BEGIN and COMMIT on PostgreSQL."""
    with busy_explained(engine), read_connection(engine) as conn:
        yield conn


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction, committed at the end and rolled back on an exception. Raises StoreBusy."""
    with busy_explained(engine), engine.begin() as conn:
        yield conn


def read_connection(engine: Engine) -> Connection:
    """What `reading` opens, for a caller that keeps it: rolled back after each use, closed by the caller."""
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(**{_READS_ONLY: True})
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def busy_explained(engine: Engine) -> Iterator[None]:
    """Turns the driver's complaint about a lock into StoreBusy; everything else passes."""
    try:
        yield
    except OperationalError as error:
        if _is_lock(error):
            shown = engine.url.render_as_string(hide_password=True)
            raise StoreBusy(shown, engine.get_execution_options()["busy_seconds"]) from error
        raise


def _is_lock(error: OperationalError) -> bool:
    name = getattr(error.orig, "sqlite_errorname", "")
    return str(name).startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or (
        getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
    )


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadValue("database URL", url, _EXPECTED) from error
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg", "postgres"):
        raise BadValue("database URL", parsed.render_as_string(hide_password=True), _EXPECTED)
    return parsed


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    path = url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        raise BadValue("database URL", url.render_as_string(), "sqlite:/// and the path of a file")
    if not Path(path).parent.is_dir():
        raise BadValue("database file", path, "a file in a directory that exists")
    if Path(path).is_dir():
        raise BadValue("database file", path, "a file, not a directory")
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": busy_seconds, "isolation_level": None},
        execution_options={"busy_seconds": busy_seconds},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        _switch_to_wal(cursor, busy_seconds)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    # The driver's own BEGIN is off (isolation_level None): it comes late, and a transaction that reads first
    # and writes later would fail at once when another wrote in between, without waiting.
    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN" if conn.get_execution_options().get(_READS_ONLY) else "BEGIN IMMEDIATE")

    return engine


def _switch_to_wal(cursor: sqlite3.Cursor, busy_seconds: float) -> None:
    """Two processes that open a new file at once: SQLite refuses one of them here without waiting by itself."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _postgres(url: URL, busy_seconds: float) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": max(2, round(busy_seconds)),
            "options": f"-c lock_timeout={round(busy_seconds * 1000)} -c timezone=UTC",
        },
        pool_pre_ping=True,
        execution_options={"busy_seconds": busy_seconds},
    )
