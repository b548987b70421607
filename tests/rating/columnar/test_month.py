from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from sqlalchemy import Engine

from rating.columnar import month
from rating.columnar.calls import columns
from rating.columnar.month import load
from rating.columnar.rate import rate_columns
from rating.ended import EndedCall
from rating.ledger import record
from rating.load import open_books
from rating.usage import Plan, Service
from store.engine import reading, writing
from tests.fixtures.columns import ended, result

BOOKS = open_books()
SINCE, UNTIL = datetime(2026, 4, 30, 15, tzinfo=UTC), datetime(2026, 5, 31, 15, tzinfo=UTC)
NUMBERS = ["+819055550123", "+81355550100", '"a", b', "20010", "+18085550123", "x" * 40, "０３ー1234ー5678"]
SECONDS = [None, "0", "0.000001", "60.000001", "99999999999", "-3"]


def strange(count: int) -> list[EndedCall]:
    """Calls of May with everything that a column may hold; line and moment tell them apart."""
    calls = []
    for number in range(count):
        call = ended(
            number,
            NUMBERS[number % len(NUMBERS)],
            SINCE + timedelta(microseconds=number * 1_000_003),
            SECONDS[number % len(SECONDS)],
            service=list(Service)[number % len(Service)],
            plan=[None, *Plan][number % 3],
            caller=[None, "+819012345678", 'c"o,'][number % 3],
            from_kind=[None, "handset"][number % 2],
            variant=["", 'v, "w"'][number % 2],
        )
        calls.append(replace(call, call_id=f"c{number}"))
    return calls


def test_the_ledger_comes_into_columns_as_it_is_and_rates_to_what_it_charged(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month, "_ROWS", 100)
    monkeypatch.setattr(month, "_BYTES", 10_000)
    calls = strange(1_000)
    with writing(engine) as conn:
        recorded = {
            (one.line_id, one.answered_at or one.started_at): record(conn, one, BOOKS, "reseller") for one in calls
        }
    versions = BOOKS.versions("reseller")
    steps: list[tuple[int, int]] = []
    with reading(engine) as conn, columns(versions) as found:
        load(conn, found, SINCE, UNTIL, lambda done, total, _: steps.append((done, total)))
        rate_columns(found, versions)
        rated = result(found)
        [(charged,)] = found.rows("SELECT count(*) FROM calls WHERE charged IS NOT NULL")
    expected = {
        key: None if one.charge is None else (one.charge.row, one.charge.units, one.charge.amount)
        for key, one in recorded.items()
    }
    assert rated == expected
    assert charged == sum(one is not None for one in expected.values()) > 100
    assert steps[-1] == (1_000, 1_000)
    assert len(steps) > 3


def test_a_call_belongs_to_the_month_of_its_answer(engine: Engine) -> None:
    first, last = SINCE, UNTIL - timedelta(microseconds=1)
    answered = {
        "before": first - timedelta(microseconds=1),
        "first": first,
        "last": last,
        "after": UNTIL,
    }
    with writing(engine) as conn:
        for line, at in enumerate(answered.values()):
            ringing = replace(ended(line, "+81355550100", at, "1"), started_at=at - timedelta(seconds=30))
            record(conn, ringing, BOOKS, "reseller")
        record(conn, ended(9, "+81355550100", last, None), BOOKS, "reseller")
    with reading(engine) as conn, columns() as found:
        load(conn, found, SINCE, UNTIL)
        assert sorted(found.rows("SELECT line_id, answered, charged FROM calls")) == [
            (1, 1_000_000, Decimal(8)),
            (2, 1_000_000, Decimal(8)),
            (9, None, None),
        ]


def test_a_reader_that_fails_to_take_in_a_line_says_so(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as conn:
        record(conn, ended(1, "+81355550100", SINCE, "1"), BOOKS, "reseller")
        conn.exec_driver_sql("UPDATE ended_calls SET answered = 'long'")
    with reading(sqlite_engine) as conn, columns() as found, pytest.raises(duckdb.Error, match="long"):
        load(conn, found, SINCE, UNTIL)
