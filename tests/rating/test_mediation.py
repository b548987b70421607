"""Mediation: whatever arrives, in whatever order, whatever dies meanwhile: each call is charged once, and right."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select

from rating.book import Band, PriceBook, flat
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.ended import EndedCall, Recorded, Source
from rating.history import Wanted, calls
from rating.included import Due, use_included
from rating.invoice.calls import answered_at, billed, charged_calls
from rating.invoice.item import Item
from rating.invoice.usage import usage
from rating.ledger import call as one_call
from rating.ledger import rate_pending, record
from rating.load import open_books
from rating.tables import charges, ended_calls
from rating.usage import Plan, Service
from store.engine import reading, writing

ROOT = Path(__file__).resolve().parents[2]
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
MINUTE = Decimal("29.7")
BOOKS = open_books()
(LEASED,) = BOOKS.versions("leased-number")


def ended(call_id: str, answered: datetime, seconds: str | int = 60, **other: object) -> EndedCall:
    """A call forwarded to a mobile from line 7: 29.7 yen a started minute."""
    made = EndedCall(
        call_id=call_id,
        line_id=7,
        leased_number="+81355550199",
        plan=Plan.FIXED_PHONE,
        service=Service.FORWARD,
        from_number="+819055550100",
        to_number="+819055550123",
        started_at=answered - timedelta(seconds=7),
        answered_at=answered,
        answered=Decimal(seconds),
        ended_at=answered + timedelta(seconds=float(seconds)),
        outcome="ANSWER",
        cause=16,
        source=Source.HOOK,
    )
    return replace(made, **other)  # type: ignore[arg-type]


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)  # type: ignore[misc,arg-type]


NOON = tokyo(2026, 5, 11, 12)


def load(engine: Engine, *several: EndedCall, books: Books = BOOKS) -> list[Recorded]:
    """Each in a transaction of its own, as the hook and the reconciliation hand them in."""
    found = []
    for one in several:
        with writing(engine) as conn:
            found.append(record(conn, one, books, "leased-number"))
    return found


def total(conn: Connection, month: date = MAY) -> Decimal:
    return sum((one.charge.amount for one in charged_calls(conn, month, [7])), Decimal(0))


def count(engine: Engine) -> tuple[int, int]:
    with reading(engine) as conn:
        sizes = [conn.scalar(select(func.count()).select_from(table)) or 0 for table in (ended_calls, charges)]
    return sizes[0], sizes[1]


# Once, in any order


def test_hook_retry_reconciliation_and_the_pricing_of_what_waits_charge_once_in_any_order(engine: Engine) -> None:
    orders = list(permutations(["hook", "retry", "cdr", "pending"]))
    for number, order in enumerate(orders):
        call = ended(f"c{number}", NOON, 61)
        for step in order:
            if step == "pending":
                with writing(engine) as conn:
                    rate_pending(conn, BOOKS)
            else:
                # Asterisk's own record counts whole seconds only.
                load(engine, replace(call, source=Source.CDR, answered=Decimal(62)) if step == "cdr" else call)
        assert count(engine) == (number + 1, number + 1), order
    with reading(engine) as conn:
        assert total(conn) == len(orders) * 2 * MINUTE


def test_a_record_that_comes_before_there_is_a_price_is_charged_once_when_there_is(engine: Engine) -> None:
    call = ended("c", NOON)
    load(engine, call, books=Books([]))
    assert count(engine) == (1, 0)
    load(engine, replace(call, source=Source.CDR))  # the retry must not charge beside the one that waits
    assert count(engine) == (1, 0)
    for _ in range(2):
        with writing(engine) as conn:
            rate_pending(conn, BOOKS)
    assert count(engine) == (1, 1)


def test_rating_again_and_then_reconciling_changes_neither_sum_nor_number(engine: Engine) -> None:
    several = [ended(f"c{number}", NOON + timedelta(minutes=number), 61) for number in range(5)]
    load(engine, *several[:3], books=Books([]))
    load(engine, *several[3:])
    with writing(engine) as conn:
        assert sum(one.first for one in rate_pending(conn, BOOKS)) == 3
    again = load(engine, *(replace(one, source=Source.CDR) for one in several))
    assert [one.first for one in again] == [False] * 5
    with writing(engine) as conn:
        assert rate_pending(conn, BOOKS) == ()
        assert total(conn) == 10 * MINUTE
    assert count(engine) == (5, 5)


def test_a_duplicate_with_another_story_changes_nothing(engine: Engine) -> None:
    call = ended("c", NOON, 61)
    (first,) = load(engine, call)
    stories = [
        replace(call, answered=Decimal(3600)),
        replace(call, answered=None, answered_at=None, outcome="NOANSWER"),
        replace(call, to_number="+81312345678"),
        replace(call, line_id=8),
    ]
    assert load(engine, *stories) == [replace(first, first=False)] * 4
    assert count(engine) == (1, 1)


def test_overlapping_files_of_records_are_the_union_of_them(engine: Engine) -> None:
    day = [ended(f"c{number}", NOON + timedelta(minutes=number)) for number in range(10)]
    load(engine, *day[:7])
    load(engine, *day[4:])
    assert count(engine) == (10, 10)
    with reading(engine) as conn:
        assert total(conn) == 10 * MINUTE


def test_a_late_record_counts_for_the_month_in_which_it_was_answered(engine: Engine) -> None:
    load(engine, ended("june", tokyo(2026, 6, 2, 9)))
    load(engine, ended("late", tokyo(2026, 5, 31, 23, 59, 59)))
    with reading(engine) as conn:
        assert (total(conn, MAY), total(conn, JUNE)) == (MINUTE, MINUTE)


def test_calls_overlapping_in_time_on_one_line_are_two_calls(engine: Engine) -> None:
    load(engine, ended("a", NOON, 120), ended("b", NOON, 120))
    with reading(engine) as conn:
        assert total(conn) == 4 * MINUTE


# Clocks, midnights, months, prices


def test_a_clock_set_back_during_a_call_still_finds_its_month_and_its_price(engine: Engine) -> None:
    # Answered, by the clock, before it began: the clock was set back an hour over the end of the month.
    call = ended("c", tokyo(2026, 5, 31, 23, 30), started_at=tokyo(2026, 6, 1, 0, 20))
    (recorded,) = load(engine, call)
    assert recorded.charge is not None
    with reading(engine) as conn:
        assert (total(conn, MAY), total(conn, JUNE)) == (MINUTE, Decimal(0))


def test_the_answered_time_is_what_was_measured_and_not_the_difference_of_stepped_clocks(engine: Engine) -> None:
    forward = ended("a", NOON, 60, ended_at=NOON + timedelta(hours=1))
    back = ended("b", NOON, 60, ended_at=NOON - timedelta(hours=1))
    load(engine, forward, back)
    with reading(engine) as conn:
        assert total(conn) == 2 * MINUTE


def test_a_negative_answered_time_is_kept_unpriced_and_never_free(engine: Engine) -> None:
    (recorded,) = load(engine, ended("c", NOON, "-0.5"))
    assert recorded.charge is None
    assert "answered seconds: found '-0.5'" in str(recorded.unrated)
    assert count(engine) == (1, 0)


def test_a_call_over_midnight_and_the_end_of_the_month_is_one_charge_in_the_month_of_its_answer(
    engine: Engine,
) -> None:
    load(engine, ended("c", tokyo(2026, 5, 31, 23, 59, 30), 3600))
    with reading(engine) as conn:
        assert (total(conn, MAY), total(conn, JUNE)) == (60 * MINUTE, Decimal(0))


def test_the_month_ends_in_japan_and_not_in_utc(engine: Engine) -> None:
    load(
        engine,
        ended("utc-may", datetime(2026, 5, 31, 15, 0, tzinfo=UTC)),
        ended("utc-april", datetime(2026, 4, 30, 15, 0, tzinfo=UTC)),
    )
    with reading(engine) as conn:
        assert [one.call.call_id for one in charged_calls(conn, MAY, [7])] == ["utc-april"]
        assert [one.call.call_id for one in charged_calls(conn, JUNE, [7])] == ["utc-may"]


@pytest.mark.parametrize(
    ("answered", "units"), [("59.999", 1), ("60", 1), ("60.001", 2), ("119.999", 2), ("120", 2), ("0", 1)]
)
def test_the_last_moment_of_a_unit_is_still_that_unit(engine: Engine, answered: str, units: int) -> None:
    (recorded,) = load(engine, ended("c", NOON, answered))
    assert recorded.charge is not None
    assert recorded.charge.units == units


def test_a_price_change_during_a_call_leaves_the_call_at_the_price_of_its_answer(engine: Engine) -> None:
    books = Books([LEASED, dearer(LEASED, date(2026, 5, 12))])
    midnight = tokyo(2026, 5, 12)
    before, after = load(
        engine, ended("a", midnight - timedelta(seconds=1), 120), ended("b", midnight, 120), books=books
    )
    assert before.charge is not None
    assert after.charge is not None
    assert [before.charge.amount, after.charge.amount] == [2 * MINUTE, 200]
    with reading(engine) as conn:
        assert sorted(item.amount for item in _items(conn, MAY, books)) == [2 * MINUTE, 200]


def test_a_call_split_over_a_band_border_pays_each_unit_by_the_band_in_which_it_starts(engine: Engine) -> None:
    books = Books([banded(LEASED)])
    # 100 s from 18:59:30: the first minute starts by day, the second at 19:00:30.
    (split,) = load(engine, ended("c", tokyo(2026, 5, 11, 18, 59, 30), 100), books=books)
    (edge,) = load(engine, ended("d", tokyo(2026, 5, 11, 18, 59, 59), 60), books=books)
    (night,) = load(engine, ended("e", tokyo(2026, 5, 11, 19, 0, 0), 60), books=books)
    amounts = [one.charge.amount for one in (split, edge, night) if one.charge is not None]
    assert amounts == [MINUTE + 10, MINUTE, 10]


def test_a_cap_reached_during_a_call_is_the_most_it_costs_and_the_next_call_pays_anew(engine: Engine) -> None:
    rows = tuple(replace(row, cap=Decimal(100)) for row in LEASED.rows)
    books = Books([replace(LEASED, rows=rows)])
    found = load(engine, *(ended(f"c{length}", NOON, length) for length in (180, 181, 240, 36_000)), books=books)
    assert [one.charge.amount for one in found if one.charge is not None] == [3 * MINUTE, 100, 100, 100]


def test_parallel_calls_share_one_included_amount(engine: Engine) -> None:
    load(engine, *(ended(f"c{number}", NOON, 600) for number in range(4)))  # 297 yen each, at one moment
    with reading(engine) as conn:
        found = charged_calls(conn, MAY, [7])
    dues = [
        Due(call_id=one.call.call_id, answered_at=answered_at(one.call), amount=one.charge.amount) for one in found
    ]
    assert [one.covered for one in use_included(Decimal(480), reversed(dues))] == [297, 183, 0, 0]


# Crashes

_STORE_AND_DIE = """
import os, signal, sys
from rating.ledger import record
from rating.load import open_books
from store.engine import open_engine, writing
from tests.rating.test_mediation import NOON, ended

engine = open_engine(sys.argv[1])
with writing(engine) as conn:
    recorded = record(conn, ended("c", NOON, 61), open_books(), "leased-number")
    assert recorded.charge is not None
    if sys.argv[2] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("moment", "kept"), [("before", 0), ("after", 1)])
def test_a_process_killed_around_the_commit_leaves_all_or_nothing_and_the_retry_charges_once(
    engine: Engine, moment: str, kept: int
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _STORE_AND_DIE, url, moment]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    died = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert count(engine) == (kept, kept)
    (recorded,) = load(engine, ended("c", NOON, 61))
    assert recorded.first is (kept == 0)
    assert count(engine) == (1, 1)
    with reading(engine) as conn:
        assert total(conn) == 2 * MINUTE


# Any file, in any order


stories = st.lists(
    st.tuples(
        st.integers(0, 40 * 24 * 60),  # minutes from 25 April
        st.one_of(st.none(), st.decimals(0, 4000, places=3)),
        st.sampled_from(["+819055550123", "+81312345678", "+815055550100"]),
    ),
    max_size=14,
)


@given(stories=stories, random=st.randoms(use_true_random=False))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_splitting_a_file_of_calls_and_loading_it_in_any_order_gives_the_same_totals(
    sqlite_engine: Engine, stories: list[tuple[int, Decimal | None, str]], random: Random
) -> None:
    first = tokyo(2026, 4, 25)
    file = []
    for number, (minute, seconds, to) in enumerate(stories):
        at = first + timedelta(minutes=minute)
        answered = None if seconds is None else Decimal(str(seconds))
        made = ended(f"c{number}", at, "0" if seconds is None else str(seconds), to_number=to)
        file.append(made if answered is not None else replace(made, answered=None, answered_at=None))
    shuffled = [*file, *random.sample(file, len(file) // 2)]
    random.shuffle(shuffled)
    assert _loaded(sqlite_engine, [file]) == _loaded(sqlite_engine, _parts(shuffled, random))


def _parts(file: list[EndedCall], random: Random) -> list[list[EndedCall]]:
    parts: list[list[EndedCall]] = [[], [], []]
    for one in file:
        random.choice(parts).append(one)
    return parts


def _loaded(engine: Engine, parts: list[list[EndedCall]]) -> tuple[object, ...]:
    """What a month's invoice and the ledger make of the parts, one transaction that is then thrown away."""
    with engine.connect() as conn, conn.begin() as transaction:
        for part in parts:
            for one in part:
                record(conn, one, BOOKS, "leased-number")
        months = [
            [(item.key, item.quantity, item.amount) for item in _items(conn, month, BOOKS)]
            for month in (date(2026, 4, 1), MAY, JUNE)
        ]
        kept = [str((one.call.call_id, one.charge, one.unrated)) for one in calls(conn, Wanted(limit=1000))]
        transaction.rollback()
    return months, kept


def _items(conn: Connection, month: date, books: Books) -> list[Item]:
    return usage(month, [], map(billed, charged_calls(conn, month, [7])), books)


def dearer(book: PriceBook, effective: date) -> PriceBook:
    rows = tuple(replace(row, rate=flat(Decimal(100), Decimal(60))) for row in book.rows)
    return replace(book, effective=effective, rows=rows)


def banded(book: PriceBook) -> PriceBook:
    """Ten yen a minute from 19:00 to midnight, every day."""
    days = frozenset(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
    evening = Band(name="evening", days=days, since=time(19), until=time(0), rate=flat(Decimal(10), Decimal(60)))
    return replace(book, rows=tuple(replace(row, bands=(evening,)) for row in book.rows))


def test_a_stored_call_is_found_by_its_identity_only(engine: Engine) -> None:
    load(engine, ended("c", NOON))
    with reading(engine) as conn:
        assert one_call(conn, "c") is not None
        assert one_call(conn, "C") is None
