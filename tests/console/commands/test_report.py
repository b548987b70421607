from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rating.ended import EndedCall, Source
from rating.ledger import record
from rating.load import open_books
from rating.usage import Plan, Service
from store.engine import open_engine, writing
from tests.fixtures.homes import Home, Said

LATE = datetime(2026, 5, 31, 14, 59, 59, tzinfo=UTC)  # 23:59:59 on the last day of May in Japan
MOBILE = EndedCall(
    call_id="sw1-1",
    line_id=1,
    leased_number="+81312345678",
    plan=Plan.FIXED_PHONE,
    service=Service.FORWARD,
    from_number="+819055550100",
    to_number="+819055550123",
    started_at=LATE - timedelta(seconds=9),
    answered_at=LATE,
    answered=Decimal("61.25"),
    ended_at=LATE + timedelta(seconds=62),
    outcome="ANSWER",
    cause=16,
    source=Source.HOOK,
)
NOON = datetime(2026, 5, 2, 3, 0, tzinfo=UTC)
FIXED = replace(
    MOBILE, call_id="sw1-2", line_id=2, to_number="+81355550100", started_at=NOON, answered_at=NOON, plan=Plan.IN_OUT
)
MISSED = replace(FIXED, call_id="sw1-3", answered=None, answered_at=None)
UNRATED = replace(FIXED, call_id="sw1-4", to_number="+815055550100", answered=Decimal("0.000001"))
TAKEN = replace(FIXED, call_id="sw1-5", service=Service.INCOMING)
JUNE = replace(MOBILE, call_id="sw1-6", answered_at=LATE + timedelta(seconds=1))


@pytest.fixture
def busy(home: Home) -> Home:
    books = open_books()
    engine = open_engine(f"sqlite:///{home.folder}/denwaban.db")
    with writing(engine) as conn:
        for call in (MOBILE, FIXED, MISSED, UNRATED, TAKEN, JUNE):
            record(conn, call, books, "leased-number")
    engine.dispose()
    return home


def report(home: Home, what: str, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = home.json("report", what, "--month", "2026-05", *arguments)[what]
    return found


def test_revenue_of_a_month_of_japan_is_exact(busy: Home) -> None:
    assert report(busy, "revenue") == [{"tax": "included", "calls": 2, "amount": "75.9"}]
    june = busy.json("report", "revenue", "--month", "2026-06")["revenue"]
    assert june == [{"tax": "included", "calls": 1, "amount": "59.4"}]


def test_revenue_by_line_destination_day_and_hour(busy: Home) -> None:
    def found(by: str, *keys: str) -> list[tuple[object, ...]]:
        return [tuple(row[key] for key in (*keys, "calls", "amount")) for row in report(busy, "revenue", "--by", by)]

    assert found("line", "line", "number") == [(1, "03-1234-5678", 1, "59.4"), (2, "047-345-6789", 1, "16.5")]
    assert found("destination", "destination", "row") == [
        ("fixed", "forward-fixed.in-out", 1, "16.5"),
        ("mobile", "forward-mobile.fixed-phone", 1, "59.4"),
    ]
    assert found("day", "day") == [("2026-05-02", 1, "16.5"), ("2026-05-31", 1, "59.4")]
    assert found("hour", "hour") == [(12, 1, "16.5"), (23, 1, "59.4")]


def test_usage_counts_what_was_not_charged_too(busy: Home) -> None:
    expected = {"calls": 5, "answered": 4, "seconds": "183.750001", "units": 3, "unrated": 1}
    assert report(busy, "usage") == [expected]
    fixed, missed, ip, mobile = report(busy, "usage", "--by", "destination")
    assert (fixed["row"], fixed["calls"], fixed["units"]) == ("forward-fixed.in-out", 1, 1)
    assert (missed["destination"], missed["row"], missed["calls"], missed["answered"]) == ("fixed", None, 2, 1)
    assert (ip["destination"], ip["row"], ip["unrated"]) == ("ip", None, 1)
    assert (mobile["row"], mobile["units"]) == ("forward-mobile.fixed-phone", 2)
    assert [row["line"] for row in report(busy, "usage", "--by", "line")] == [1, 2]


def test_a_month_without_calls_has_no_lines(busy: Home) -> None:
    assert busy.json("report", "revenue", "--month", "2025-05", "--by", "day")["revenue"] == []
    assert busy.json("rerate", "--month", "2025-05", "--book", "reseller")["rows"] == []


def test_people_read_the_same_as_a_table(busy: Home) -> None:
    said = busy.done("report", "revenue", "--month", "2026-05", "--by", "destination").out
    assert [line.split() for line in said.splitlines()] == [
        ["destination", "row", "tax", "calls", "yen"],
        ["fixed", "forward-fixed.in-out", "included", "1", "16.5"],
        ["mobile", "forward-mobile.fixed-phone", "included", "1", "59.4"],
    ]


def test_a_month_under_its_own_book_costs_what_it_cost(busy: Home) -> None:
    found = busy.json("rerate", "--month", "2026-05", "--book", "leased-number")
    assert found["before"] == found["after"] == {"included": "75.9"}
    priced = [(row["row"], row["new_row"], row["calls"], row["before"], row["after"]) for row in found["rows"]]
    assert priced == [
        ("forward-fixed.in-out", "forward-fixed.in-out", 1, "16.5", "16.5"),
        ("forward-mobile.fixed-phone", "forward-mobile.fixed-phone", 1, "59.4", "59.4"),
        (None, None, 1, "0", "0"),
    ]


def test_a_month_under_another_book_row_beside_row_and_nothing_stored(busy: Home) -> None:
    before = busy.everything()
    found = busy.json("rerate", "--month", "2026-05", "--book", "reseller")
    assert busy.everything() == before
    assert (found["before"], found["after"]) == ({"included": "75.9"}, {"excluded": "50.4"})
    rows = [(row["row"], row["new_row"], row["before"], row["after"]) for row in found["rows"]]
    assert rows == [
        ("forward-fixed.in-out", "fixed", "16.5", "8"),
        ("forward-mobile.fixed-phone", "mobile.1-a", "59.4", "32"),
        (None, "ip.2-a", "0", "10.4"),
    ]
    people = busy.done("rerate", "--month", "2026-05", "--book", "reseller").out
    assert "charged: 75.9 yen, tax included" in people
    assert "by reseller: 50.4 yen, tax excluded" in people


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "revenue", "--month", "May"),
        ("rerate", "--book", "none"),
        ("rerate", "--book", "reseller", "--month", "2026-13"),
    ],
)
def test_a_month_or_a_book_that_is_none_is_named(refused: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    assert "expected" in refused(*arguments).err
