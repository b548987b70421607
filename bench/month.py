"""A month of calls re-rated from the ledger's own tables, in a process of its own, beside the per-call loop."""

import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from bench.charges import SINCE, calls
from rating.books_in_force import Books
from rating.charge import rate
from rating.columnar.calls import columns
from rating.columnar.month import load
from rating.columnar.rerate import rerate
from rating.ended import usage_of
from rating.history import Wanted
from rating.history import calls as looked_up
from rating.ledger import record
from rating.load import open_books
from rating.tables import charges, ended_calls
from store import migrate
from store.engine import open_engine, reading, writing

LEDGER, OTHER = "reseller", "phone-only"
UNTIL = SINCE + timedelta(days=31)
_KINDS = 20_000  # calls rated once while the month is made; the other calls repeat their charges with other digits


@dataclass(frozen=True, kw_only=True)
class Month:
    """Seconds of wall time and of CPU, and peak MiB resident, of the process that re-rated; `loop` calls a second."""

    calls: int
    wall: float
    cpu: float
    peak: int
    loading: float
    loop: float


def make(folder: Path, books: Books, count: int) -> Path:
    """A SQLite ledger with a month of `count` calls, charged under LEDGER."""
    file = folder / f"month-{count}.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate.upgrade(engine)
    kinds = calls(_KINDS, random.Random(2))
    with writing(engine) as conn:
        for one in kinds:
            record(conn, one, books, LEDGER)
    engine.dispose()
    with sqlite3.connect(file) as database:
        # Only to make it sooner: no journal, and the indices when all is there.
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA journal_mode=OFF")
        indices = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOTNULL"
        ).fetchall()
        for name, _ in indices:
            database.execute(f"DROP INDEX {name}")
        fields = [column.name for column in ended_calls.c]
        ended = database.execute(f"SELECT {', '.join(fields)} FROM ended_calls ORDER BY call_id").fetchall()  # noqa: S608
        charged = database.execute("SELECT * FROM charges ORDER BY call_id").fetchall()
        assert [row[0] for row in ended] == [row[0] for row in charged]
        database.execute("DELETE FROM charges")
        database.execute("DELETE FROM ended_calls")
        places = {name: fields.index(name) for name in fields}
        for sql, rows in (
            (f"INSERT INTO ended_calls VALUES ({', '.join('?' * len(fields))})", _calls(ended, places, count)),  # noqa: S608
            (f"INSERT INTO charges VALUES ({', '.join('?' * len(charges.c))})", _charges(charged, count)),  # noqa: S608
        ):
            database.executemany(sql, rows)
            database.commit()
        for _, sql in indices:
            database.execute(sql)
    database.close()
    return file


def _calls(kinds: list[tuple[object, ...]], places: dict[str, int], count: int) -> Iterator[list[object]]:
    tail = random.Random(3)
    for number in range(count):
        row = list(kinds[number % len(kinds)])
        to = str(row[places["to_number"]])
        at = SINCE + (UNTIL - SINCE) * number / count
        row[places["call_id"]] = f"sw1-{1_777_000_000 + number // 10}.{number:08d}"
        row[places["line_id"]] = 1 + tail.randrange(3_000)
        if to.startswith("+81"):
            # The last four digits tell neither class nor row.
            row[places["to_number"]] = f"{to[:-4]}{tail.randrange(10_000):04d}"
        row[places["started_at"]] = f"{at - timedelta(seconds=8):%Y-%m-%d %H:%M:%S.%f}"
        row[places["answered_at"]] = row[places["ended_at"]] = f"{at:%Y-%m-%d %H:%M:%S.%f}"
        yield row


def _charges(kinds: list[tuple[object, ...]], count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        yield (f"sw1-{1_777_000_000 + number // 10}.{number:08d}", *kinds[number % len(kinds)][1:])


def measure(file: Path, books: Books) -> Month:
    """In a process of its own on two cores, which also checks that the ledger's own book gives what it charged."""
    command = [sys.executable, "-m", "bench.month", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    engine = open_engine(f"sqlite:///{file}")
    loop = _loop(engine, books, 20_000)
    engine.dispose()
    return Month(loop=loop, **json.loads(done.stdout))


def _loop(engine: Engine, books: Books, count: int) -> float:
    """The peer: calls looked up in the ledger and charged one by one, per second."""
    begun, total = time.monotonic(), Decimal(0)
    with reading(engine) as conn:
        found = looked_up(conn, Wanted(limit=count))
    for one in found:
        usage = usage_of(replace(one.call))
        try:
            total += rate(books.in_force(OTHER, usage.at), usage).amount
        except LookupError:
            continue
    return len(found) / (time.monotonic() - begun)


def main() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    books = open_books()
    engine = open_engine(f"sqlite:///{sys.argv[1]}")
    wall, cpu = time.monotonic(), time.process_time()
    with reading(engine) as conn, columns(books.versions(OTHER)) as found:
        load(conn, found, SINCE, UNTIL)
        loading = time.monotonic() - wall
        moved = rerate(found, books, OTHER)
        taken = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu, "loading": loading}
        taken["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        same = rerate(found, books, LEDGER)
    assert sum(one.calls for one in moved) == sum(one.calls for one in same)
    assert all((one.row, one.before) == (one.new_row, one.after) for one in same), same
    print(json.dumps(taken | {"calls": sum(one.calls for one in moved)}))


if __name__ == "__main__":
    main()
