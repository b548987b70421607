"""`make bench-rating`: charges per CPU-second, hooks a second on both stores, a month re-rated; each by a peer."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from agi.ledger import Tariff
from bench import charges, hooks, month
from bench.report import machine, write
from rating.load import open_books
from store.engine import open_engine
from tests.fixtures.postgres import database_in, server

_HEAD = "| what | reached | wanted | peer, side by side | ratio |\n| --- | --- | --- | --- | --- |\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charges", type=int, default=200_000, help="calls charged one by one")
    parser.add_argument("--seconds", type=float, default=5, help="length of each run of hooks")
    parser.add_argument("--month", type=int, default=10_000_000, help="calls in the month; about 0.6 GB a million")
    parser.add_argument("--ledger", type=Path, help="a month made before (bench.month.make)")
    parser.add_argument("--folder", type=Path, help="where the stores are made; else the temporary folder")
    parser.add_argument("--dry", action="store_true", help="print only, write no result")
    given = parser.parse_args()
    text = (
        f"{machine()}\n\n| what | reached | wanted | peer, side by side | ratio |\n| --- | --- | --- | --- | --- |\n"
    )
    books = open_books()
    one = charges.measure(books, month.LEDGER, given.charges)
    text += _row("`rate()`, charges per CPU-second", one.rated, 50_000, "every row searched", one.searched)
    text += _row(
        "the same from the stored call, number read too", one.whole, None, "every row searched", one.searched
    )
    tariff = Tariff(books=books, book="leased-number")
    with tempfile.TemporaryDirectory(prefix="denwaban-bench-", dir=given.folder) as name:
        folder = Path(name)
        for kind, store in (("SQLite", _sqlite(folder)), ("PostgreSQL", _postgres())):
            with store as engine:
                kept = hooks.measure(engine, tariff, given.seconds)
            what = f"hook to committed charge, per second, {kind}"
            text += _row(what, kept.kept, 2_000, "plain INSERT and COMMIT per call, unrated", kept.plain)
        made = month.measure(given.ledger or month.make(folder, books, given.month), books)
    per_second = made.calls / made.wall
    text += _row("calls re-rated per second, from SQLite", per_second, None, "the per-call loop", made.loop)
    text += (
        f"\nA month of {made.calls:,} calls charged under `{month.LEDGER}`, re-rated under `{month.OTHER}`:"
        f" {made.wall:.1f} s (of which reading the ledger {made.loading:.1f} s), {made.cpu:.1f} s of CPU on 2 cores,"
        f" peak {made.peak:,} MiB; wanted for 10 million: 60 s, 4,096 MiB. Under `{month.LEDGER}` itself the result"
        " was the ledger's, row by row.\n"
        f"\nHooks: {hooks.AT_ONCE} at a time, from the bytes of the request; acknowledged when committed with the"
        " stores' own durability (synchronous=FULL, fsync on); the middle of three runs, in turn with the peer.\n"
    )
    text += f"\nLoad of the machine at the end {os.getloadavg()[0]:.1f}.\n"
    print(text)
    if not given.dry:
        print(write("rating", "make bench-rating", text))


def _row(what: str, reached: float, wanted: float | None, peer: str, other: float) -> str:
    shown = "–" if wanted is None else f"{wanted:,.0f}"
    return f"| {what} | {reached:,.0f} | {shown} | {peer}: {other:,.0f} | {reached / other:.1f} × |\n"


@contextmanager
def _sqlite(folder: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{folder}/hooks.db")
    yield engine
    engine.dispose()


@contextmanager
def _postgres() -> Iterator[Engine]:
    with server() as url, database_in(url) as database:
        engine = open_engine(database)
        yield engine
        engine.dispose()


if __name__ == "__main__":
    main()
