import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from store.engine import StoreBusy, open_engine, reading, writing
from store.units import Store, StoreClosed


def _notes(engine: Engine) -> list[int]:
    with reading(engine) as conn:
        return [row[0] for row in conn.exec_driver_sql("SELECT n FROM notes ORDER BY n")]


def _add(conn: Connection, n: int) -> int:
    conn.execute(text("INSERT INTO notes VALUES (:n)"), {"n": n})
    return n


def _add_and_fail(conn: Connection, n: int) -> int:
    _add(conn, n)
    raise LookupError(f"unit {n}")


def _hold(conn: Connection, running: Event, go_on: Event) -> None:
    running.set()
    go_on.wait()


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    with writing(engine) as conn:
        conn.exec_driver_sql("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
    store = Store(engine)
    yield store
    await store.close()


async def _together(store: Store, *units: object) -> list[object]:
    """Results of units that are made to share one transaction: they queue while the writer is held up."""
    running, go_on = Event(), Event()
    first = asyncio.ensure_future(store.write(_hold, running, go_on))
    await asyncio.to_thread(running.wait)
    waiting = [asyncio.ensure_future(store.write(*unit)) for unit in units]  # type: ignore[misc]
    await asyncio.sleep(0)
    go_on.set()
    await first
    return list(await asyncio.gather(*waiting, return_exceptions=True))


async def test_one_bad_unit_among_good_ones_fails_alone(store: Store, engine: Engine) -> None:
    commits = list[int]()
    event.listen(engine, "commit", lambda conn: commits.append(1))
    found = await _together(store, (_add, 1), (_add_and_fail, 2), (_add, 3), (_add, 1), (_add, 5))
    assert found[0] == 1
    assert isinstance(found[1], LookupError)
    assert found[2] == 3
    assert isinstance(found[3], IntegrityError)
    assert found[4] == 5
    assert _notes(engine) == [1, 3, 5]
    assert len(commits) == 2  # the held-up unit's, and one for all five


async def test_nothing_is_acknowledged_before_the_commit(store: Store, engine: Engine) -> None:
    done_at_commit = list[bool]()
    writes = [asyncio.ensure_future(store.write(_add, n)) for n in range(5)]
    event.listen(engine, "commit", lambda conn: done_at_commit.append(any(w.done() for w in writes)))
    await asyncio.gather(*writes)
    assert done_at_commit[0] is False
    assert _notes(engine) == [0, 1, 2, 3, 4]


async def test_a_commit_that_fails_fails_every_unit_of_it(store: Store, engine: Engine) -> None:
    def refuse(conn: Connection) -> None:
        raise OSError("disk is gone")

    event.listen(engine, "commit", refuse)
    found = await asyncio.gather(store.write(_add, 1), store.write(_add, 2), return_exceptions=True)
    event.remove(engine, "commit", refuse)
    assert [type(one) for one in found] == [OSError, OSError]
    assert _notes(engine) == []
    assert await store.write(_add, 3) == 3


async def test_units_that_shared_a_lost_connection_all_fail(store: Store, engine: Engine) -> None:
    """The connection dies in the middle: the unit before must not be told that it was stored."""

    def lose(conn: Connection) -> None:
        if engine.dialect.name == "postgresql":
            conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        else:  # SQLite answers a full disk or a failing one by rolling back by itself
            conn.exec_driver_sql("ROLLBACK")
            raise OSError("disk full")

    found = await _together(store, (_add, 1), (lose,), (_add, 2))
    assert all(isinstance(one, Exception) for one in found)
    assert _notes(engine) == []
    assert await store.write(_add, 3) == 3
    assert _notes(engine) == [3]


@pytest.mark.postgres
async def test_a_read_outlives_a_lost_connection(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    store = Store(engine)

    def backend(conn: Connection) -> int:
        return int(conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    pids = {await store.read(backend) for _ in range(4)}
    with writing(engine) as conn:
        for pid in pids:
            conn.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
    assert not {await store.read(backend) for _ in range(4)} & pids
    await store.close()
    engine.dispose()


async def test_a_database_locked_by_another_is_said_so_and_found_again(engine: Engine, impatient: Engine) -> None:
    def change(conn: Connection, latest: int) -> None:
        conn.execute(text("UPDATE line_revisions SET latest = :latest"), {"latest": latest})

    store = Store(impatient)
    with writing(engine) as holder:
        change(holder, 7)
        with pytest.raises(StoreBusy, match=r"locked by another process for 0\.5 s, expected it to be free"):
            await store.write(change, 8)
    with reading(engine) as conn:
        assert conn.exec_driver_sql("SELECT latest FROM line_revisions").scalar_one() == 7
    await store.write(change, 9)
    await store.close()


async def test_a_unit_that_lets_stopiteration_out_does_not_hang_its_neighbours(store: Store) -> None:
    found = await _together(store, (lambda conn: next(iter(())),), (_add, 2))
    assert isinstance(found[0], RuntimeError)
    assert found[1] == 2


async def test_reading_returns_and_raises_what_the_function_does(store: Store) -> None:
    await store.write(_add, 4)
    assert await store.read(lambda conn: conn.exec_driver_sql("SELECT n FROM notes").scalar_one()) == 4
    with pytest.raises(DBAPIError):
        await store.read(lambda conn: conn.exec_driver_sql("SELECT n FROM nowhere"))
    assert await store.read(lambda conn: conn.exec_driver_sql("SELECT n FROM notes").scalar_one()) == 4


async def test_the_queue_is_bounded_and_callers_wait_for_room(engine: Engine) -> None:
    store = Store(engine, queue=2)
    running, go_on = Event(), Event()
    first = asyncio.ensure_future(store.write(_hold, running, go_on))
    await asyncio.to_thread(running.wait)
    rest = [asyncio.ensure_future(store.write(lambda conn, n=n: n)) for n in range(4)]  # type: ignore[misc]
    await asyncio.sleep(0)
    assert len(store._queue) == 1
    go_on.set()
    await first
    assert await asyncio.gather(*rest) == [0, 1, 2, 3]
    await store.close()


async def test_closing_finishes_what_was_asked_and_refuses_more(engine: Engine) -> None:
    store = Store(engine)
    with writing(engine) as conn:
        conn.exec_driver_sql("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
    writes = [asyncio.ensure_future(store.write(_add, n)) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*writes) == list(range(20))
    with pytest.raises(StoreClosed):
        await store.write(_add, 99)
    with pytest.raises(StoreClosed):
        await store.read(lambda conn: None)
    assert _notes(engine) == list(range(20))


_CHILD = """
import asyncio, sys
from store.engine import open_engine
from store.units import Store

def add(conn, n):
    conn.exec_driver_sql(f"INSERT INTO notes VALUES ({n})")
    return n

async def one(store, start):
    for n in range(start, start + 100_000):
        print(await store.write(add, n), flush=True)

async def main():
    store = Store(open_engine(sys.argv[1]))
    await asyncio.gather(*(one(store, k * 100_000) for k in range(8)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(store: Store, engine: Engine) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _CHILD,
        engine.url.render_as_string(hide_password=False),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    acknowledged = [int(await child.stdout.readline()) for _ in range(200)]
    os.kill(child.pid, signal.SIGKILL)
    rest = await child.stdout.read()
    await child.wait()
    # A last line cut short by the kill names another number; only whole lines were acknowledged.
    acknowledged += [int(line) for line in rest.split(b"\n")[:-1]]
    assert len(acknowledged) >= 200
    assert set(acknowledged) <= set(_notes(engine))
    assert await store.write(_add, -1) == -1


async def test_a_change_that_a_caller_waits_for_waits_for_no_company_but_takes_it_along(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.exec_driver_sql("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
    patient = Store(engine, linger=3600)
    try:
        async with asyncio.timeout(30):
            waiting = asyncio.ensure_future(patient.write(_add, 1))
            await asyncio.sleep(0)
            assert await patient.write_now(_add, 2) == 2
            assert await waiting == 1
            assert await patient.write_now(_add, 3) == 3
        assert _notes(engine) == [1, 2, 3]
    finally:
        await patient.close()
