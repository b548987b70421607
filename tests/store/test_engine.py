from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import StoreBusy, open_engine, reading, writing


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "mysql://user@host/name",
        "sqlite+aiosqlite:///a.db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://host:port/name",
    ],
)
def test_an_unusable_url_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadValue, match=r"^database URL: found .*, expected .*sqlite:///"):
        open_engine(url)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(BadValue) as refused:
        open_engine("mysql://user:hush@host/name")
    assert "hush" not in str(refused.value)


def test_a_missing_directory_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="expected a file in a directory that exists"):
        open_engine(f"sqlite:///{tmp_path}/missing/denwaban.db")
    with pytest.raises(BadValue, match="expected a file, not a directory"):
        open_engine(f"sqlite:///{tmp_path}")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_keeps_what_it_acknowledged_and_watches_foreign_keys(sqlite_engine: Engine) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with reading(sqlite_engine) as conn:
        found = {name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_failed_transaction_leaves_nothing_not_even_a_table(engine: Engine) -> None:
    def fail_half_way() -> None:
        with writing(engine) as conn:
            conn.exec_driver_sql("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
            conn.exec_driver_sql("INSERT INTO notes VALUES (1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with writing(engine) as conn:
        conn.exec_driver_sql("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
        assert conn.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0


def test_a_reader_sees_what_is_committed_while_a_writer_is_busy(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.exec_driver_sql("UPDATE line_revisions SET latest = 7")
        with reading(engine) as reader:
            assert reader.exec_driver_sql("SELECT latest FROM line_revisions").scalar_one() == 0


def test_a_lock_held_too_long_is_named_and_changes_nothing(engine: Engine, impatient: Engine) -> None:
    with writing(engine) as holder:
        holder.exec_driver_sql("UPDATE line_revisions SET latest = 7")
        with (
            pytest.raises(StoreBusy, match=r"locked by another process for 0\.5 s"),
            writing(impatient) as late,
        ):
            late.exec_driver_sql("UPDATE line_revisions SET latest = 8")
    with reading(engine) as conn:
        assert conn.exec_driver_sql("SELECT latest FROM line_revisions").scalar_one() == 7


def test_a_writer_waits_for_the_one_before_it_and_sees_its_work(engine: Engine) -> None:
    """Read, then write: with the driver's own late BEGIN, SQLite would refuse the second at once."""
    inside, seen = Event(), list[int]()

    def second() -> None:
        inside.wait()
        with writing(engine) as conn:
            conn.exec_driver_sql("UPDATE line_revisions SET latest = latest + 1")
            seen.append(conn.exec_driver_sql("SELECT latest FROM line_revisions").scalar_one())

    thread = Thread(target=second)
    thread.start()
    with writing(engine) as conn:
        conn.exec_driver_sql("UPDATE line_revisions SET latest = 10")
        inside.set()
    thread.join()
    assert seen == [11]
