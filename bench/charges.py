"""Charges per CPU-second of the function that charges one call, beside a search through the rows of the book."""

import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rating.book import PriceBook, Row
from rating.books_in_force import Books
from rating.charge import rate
from rating.ended import EndedCall, Source, usage_of
from rating.usage import Plan, Service, Usage

SINCE = datetime(2026, 4, 30, 15, tzinfo=UTC)
ABROAD = ("+12125550123", "+18085550123", "+442079460123", "+8613812345678", "+61291234567", "+33140123456")


@dataclass(frozen=True, kw_only=True)
class Charges:
    """Per CPU-second: `rated` from a usage, `whole` from an ended call as the ledger does it, `searched` the peer."""

    rated: float
    whole: float
    searched: float


def calls(count: int, random: random.Random) -> list[EndedCall]:
    """Forwarded calls of May 2026: half mobile, two fifths fixed, the rest 050 and abroad; two minutes on average."""
    made = []
    for number in range(count):
        at = SINCE + timedelta(microseconds=random.randrange(31 * 86_400 * 1_000_000))
        kind = random.random()
        if kind < 0.5:
            to = f"+81{random.choice((70, 80, 90))}{random.randrange(10_000_000, 100_000_000)}"
        elif kind < 0.9:
            to = f"+813{random.randrange(30_000_000, 70_000_000)}"
        elif kind < 0.97:
            to = f"+8150{random.randrange(10_000_000, 100_000_000)}"
        else:
            to = random.choice(ABROAD)[:-2] + f"{random.randrange(100):02d}"
        seconds = Decimal(int(random.expovariate(1 / 120) * 1_000_000)) / 1_000_000
        made.append(
            EndedCall(
                call_id=f"sw1-{number}",
                line_id=1 + number % 3_000,
                leased_number=f"+8134{number % 3_000:07d}",
                plan=Plan.IN_OUT,
                service=Service.FORWARD,
                from_number=f"+8190{random.randrange(10_000_000, 100_000_000)}",
                to_number=to,
                started_at=at - timedelta(seconds=8),
                answered_at=at,
                answered=seconds,
                ended_at=at + timedelta(seconds=float(seconds)),
                outcome="ANSWER",
                cause=16,
                source=Source.HOOK,
            )
        )
    return made


def measure(books: Books, book: str, count: int) -> Charges:
    ended = calls(count, random.Random(1))
    usages = [usage_of(call) for call in ended]
    (priced,) = books.versions(book)
    few = usages[: max(1, count // 20)]
    assert [_searched(priced, usage) for usage in few] == [rate(priced, usage).row for usage in few]
    return Charges(
        rated=_per_second(lambda: [rate(priced, usage) for usage in usages], count),
        whole=_per_second(lambda: [_whole(books, book, call) for call in ended], count),
        searched=_per_second(lambda: [_searched(priced, usage) for usage in few], len(few)),
    )


def _whole(books: Books, book: str, call: EndedCall) -> object:
    usage = usage_of(call)
    return rate(books.in_force(book, usage.at), usage)


def _per_second(work: Callable[[], object], count: int) -> float:
    """The middle of five runs."""
    found = []
    for _ in range(5):
        gc.collect()
        begun = time.process_time()
        work()
        found.append(count / (time.process_time() - begun))
    return sorted(found)[2]


def _searched(book: PriceBook, usage: Usage) -> str:
    """The peer: each row of the list held against the number, longest prefix kept; then charged by rate()."""
    best: tuple[int, Row] | None = None
    group = book.group_of(usage.to)
    for row in book.rows:
        if usage.service in row.services and row.far == usage.to.kind and row.group in ("", group):
            fitting = [len(one) for one in row.prefixes if usage.to.digits.startswith(one)] if row.prefixes else [0]
            if fitting and (best is None or max(fitting) > best[0]):
                best = (max(fitting), row)
    assert best is not None, usage
    return rate(_alone_in(book, best[1]), usage).row


_known: dict[str, PriceBook] = {}


def _alone_in(book: PriceBook, row: Row) -> PriceBook:
    """A book of that row alone, made once."""
    found = _known.get(row.id)
    if found is None:
        found = _known[row.id] = replace(book, rows=(row,))
    return found
