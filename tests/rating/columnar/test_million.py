"""A million random calls, charged by both: as columns and by the function that charges one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from rating.book import Band, PriceBook, flat
from rating.calendar import HOLIDAY, WEEKDAYS
from rating.charge import NoPrice, rate
from rating.columnar.calls import columns
from rating.columnar.rate import rate_columns
from rating.load import open_books
from rating.party import party
from rating.usage import Plan, Service, Usage

SINCE = datetime(2026, 4, 30, 15, tzinfo=UTC)
MONTH = 31 * 86_400
SEED = 20_260_501
BOOKS = open_books()
EVERY_DAY = frozenset([*WEEKDAYS, HOLIDAY])
NIGHT = tuple(
    Band(
        name=name, days=frozenset([*WEEKDAYS, HOLIDAY]), since=since, until=until, rate=flat(Decimal("5.5"), seconds)
    )
    for name, since, until, seconds in (
        ("evening", time(19), time(0), Decimal(90)),
        ("small hours", time(0), time(7, 30), Decimal("37.5")),
    )
)


def by_the_hour(book: PriceBook) -> PriceBook:
    """The same numbers, each row cheaper by night, with units of another length."""
    rows = (replace(row, bands=NIGHT, connection=Decimal(1), cap=Decimal(200)) for row in book.rows)
    return replace(book, id="by-the-hour", rows=tuple(rows))


SHARES = {"reseller": 500_000, "phone-only": 200_000, "leased-number": 200_000, "by-the-hour": 100_000}
CALLERS = ("+819012345678", "+81355550100", "")
_RATED = "SELECT call, prices.row, units, amount FROM rated JOIN prices ON prices.id = price"
_LINES = "SELECT rowid, line_id FROM calls"


def numbers(book: PriceBook, random: np.random.Generator) -> list[str]:
    """Fixed, mobile and IP numbers, abroad under each of the book's prefixes, and some that are none."""
    made = [f"+813{n:08d}" for n in random.integers(20_000_000, 99_999_999, 3_000)]
    made += [f"+81{n}" for n in random.integers(7_010_000_000, 9_099_999_999, 9_000)]
    made += [f"+8150{n:08d}" for n in random.integers(10_000_000, 99_999_999, 3_000)]
    prefixes = sorted({prefix for row in book.rows for prefix in row.prefixes} | book.unpriced.keys())
    for length in (9, 10, 11, 12):
        made += [
            f"+{prefix}".ljust(length, "2") + f"{n:02d}" for prefix in prefixes for n in random.integers(0, 99, 3)
        ]
    return made


def made(book: PriceBook, count: int, random: np.random.Generator) -> tuple[bytes, Callable[[], Iterator[Usage]]]:
    """The same calls as CSV and as usages. Seconds near the ends of units are as frequent as any other."""
    texts = numbers(book, random)
    which = random.integers(0, len(texts), count)
    micros = random.integers(0, 900_000_000, count)
    edges = random.integers(0, 15, count) * 60_000_000 + random.integers(-1, 2, count)
    micros = np.where(random.integers(0, 2, count) == 1, micros, edges.clip(0))
    begun = random.integers(0, MONTH, count)
    service = random.integers(0, 3, count)
    plan, caller = random.integers(0, 3, count), random.integers(0, len(CALLERS), count)
    services, plans = (Service.OUT, Service.FORWARD, Service.SETTINGS), (None, *Plan)
    columns_of = [values.tolist() for values in (which, micros, begun, service, plan, caller)]
    moments = [f"{SINCE + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}" for second in range(0, MONTH, 60)]
    lines = [
        f"{line},{services[s]},{plans[p] or ''},{CALLERS[c]},,{texts[w]},,,"
        f"{moments[at // 60][:-2]}{at % 60:02d}.000000,{us // 1_000_000}.{us % 1_000_000:06d},,,,,0"
        for line, (w, us, at, s, p, c) in enumerate(zip(*columns_of, strict=True))
    ]

    def usages() -> Iterator[Usage]:
        called, callers = [party(text) for text in texts], [party(text) if text else None for text in CALLERS]
        million = Decimal(1_000_000)
        for w, us, at, s, p, c in zip(*columns_of, strict=True):
            yield Usage(
                service=services[s],
                plan=plans[p],
                caller=callers[c],
                to=called[w],
                at=SINCE + timedelta(seconds=at),
                answered=us / million,
            )

    return "\n".join(lines).encode(), usages


@pytest.mark.parametrize("book_id", SHARES)
def test_a_million_calls_cost_the_same_by_columns_as_one_by_one(book_id: str) -> None:
    (book,) = BOOKS.versions("reseller" if book_id == "by-the-hour" else book_id)
    if book_id == "by-the-hour":
        book = by_the_hour(book)
    csv, usages = made(book, SHARES[book_id], np.random.default_rng(SEED))
    with columns([book]) as found:
        found.take(csv)
        rate_columns(found, [book])
        lines = dict(found.rows(_LINES))
        rated = {lines[call]: charge for call, *charge in found.rows(_RATED)}
    assert len(lines) == SHARES[book_id]
    assert len(rated) > SHARES[book_id] // 10
    different = 0
    for line, usage in enumerate(usages()):
        try:
            charge = rate(book, usage)
        except NoPrice:
            different += line in rated
        else:
            different += [charge.row, charge.units, charge.amount] != rated.get(line)
    assert different == 0
