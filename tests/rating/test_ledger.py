from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from sqlalchemy import Engine, func, select

from rating.books_in_force import Books
from rating.ended import EndedCall, Source
from rating.history import Wanted, calls
from rating.ledger import call, rate_pending, record
from rating.load import open_books
from rating.tables import charges, ended_calls
from rating.usage import Plan, Service
from store.engine import reading, writing

START = datetime(2026, 5, 11, 1, 0, 0, 250_000, tzinfo=UTC)
FORWARDED = EndedCall(
    call_id="1780000000.17-1",
    line_id=7,
    leased_number="+81355550199",
    plan=Plan.FIXED_PHONE,
    service=Service.FORWARD,
    from_number="+819055550100",
    to_number="+819055550123",
    started_at=START,
    answered_at=START + timedelta(seconds=5),
    answered=Decimal("61.25"),
    ended_at=START + timedelta(seconds=66),
    outcome="ANSWER",
    cause=16,
    source=Source.HOOK,
)


@pytest.fixture(scope="module")
def books() -> Books:
    return open_books()


def rows(engine: Engine) -> tuple[int, int]:
    with reading(engine) as conn:
        return tuple(conn.scalar(select(func.count()).select_from(table)) or 0 for table in (ended_calls, charges))  # type: ignore[return-value]


def test_a_call_comes_back_with_its_charge_as_it_went_in(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        recorded = record(conn, FORWARDED, books, "leased-number")
    assert recorded.first
    assert recorded.charge is not None
    assert recorded.charge.amount == Decimal("59.4")
    with reading(engine) as conn:
        assert call(conn, FORWARDED.call_id) == replace(recorded, first=False)
        assert call(conn, "another") is None


@pytest.mark.parametrize("order", list(permutations(["hook", "retry", "cdr"])))
def test_hook_retry_and_cdr_in_any_order_charge_once(engine: Engine, books: Books, order: tuple[str, ...]) -> None:
    records = {
        "hook": FORWARDED,
        "retry": FORWARDED,
        "cdr": replace(FORWARDED, source=Source.CDR, answered=Decimal(62)),
    }
    answers = []
    for name in order:
        with writing(engine) as conn:
            answers.append(record(conn, records[name], books, "leased-number"))
    assert [answer.first for answer in answers] == [True, False, False]
    assert [answer.charge for answer in answers] == [answers[0].charge] * 3
    assert [answer.call for answer in answers] == [records[order[0]]] * 3
    assert rows(engine) == (1, 1)


def test_a_repetition_within_one_transaction_leaves_it_usable(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        record(conn, FORWARDED, books, "leased-number")
        record(conn, FORWARDED, books, "leased-number")
        record(conn, replace(FORWARDED, call_id="other"), books, "leased-number")
    assert rows(engine) == (2, 2)


def test_a_crash_before_the_commit_leaves_nothing_and_the_retry_charges(engine: Engine, books: Books) -> None:
    def crash() -> None:
        with writing(engine) as conn:
            record(conn, FORWARDED, books, "leased-number")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert rows(engine) == (0, 0)
    with writing(engine) as conn:
        assert record(conn, FORWARDED, books, "leased-number").first
    assert rows(engine) == (1, 1)


def test_an_unanswered_call_is_kept_without_a_charge(engine: Engine, books: Books) -> None:
    missed = replace(FORWARDED, answered=None, answered_at=None, outcome="NOANSWER", cause=19)
    with writing(engine) as conn:
        recorded = record(conn, missed, books, "leased-number")
    assert (recorded.charge, recorded.unrated) == (None, None)
    assert rows(engine) == (1, 0)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"to_number": "+815055550100"}, "no price for 815055550100: class ip"),
        ({"answered_at": datetime(2020, 1, 1, tzinfo=UTC)}, "none in force on 2020-01-01"),
        ({"answered": Decimal(-3)}, "answered seconds: found '-3'"),
        ({"to_number": "garbage"}, "class invalid"),
    ],
)
def test_what_cannot_be_rated_is_kept_with_the_reason(
    engine: Engine, books: Books, wrong: dict[str, object], reason: str
) -> None:
    with writing(engine) as conn:
        recorded = record(conn, replace(FORWARDED, **wrong), books, "leased-number")  # type: ignore[arg-type]
        assert recorded.charge is None
        assert reason in str(recorded.unrated)
        assert calls(conn, Wanted(unrated=True)) == (replace(recorded, first=False),)
    assert rows(engine) == (1, 0)


def test_a_call_without_a_book_is_charged_later_and_once(engine: Engine, books: Books) -> None:
    with writing(engine) as conn:
        stored = record(conn, FORWARDED, Books([]), "leased-number")
        assert stored.charge is None
    with writing(engine) as conn:
        (still,) = rate_pending(conn, Books([]))
        assert not still.first
    with writing(engine) as conn:
        (charged,) = rate_pending(conn, books)
        assert charged.first
        assert charged.charge is not None
        assert rate_pending(conn, books) == ()
        again = record(conn, FORWARDED, books, "leased-number")
        assert again == replace(charged, first=False)
    assert rows(engine) == (1, 1)


def test_calls_are_listed_newest_first_by_line_number_time_and_service(engine: Engine, books: Books) -> None:
    later = replace(FORWARDED, call_id="b", started_at=START + timedelta(hours=1))
    other = replace(FORWARDED, call_id="c", line_id=8, leased_number="+81355550188", service=Service.SETTINGS)
    with writing(engine) as conn:
        for ended in (FORWARDED, later, other):
            record(conn, ended, books, "leased-number")

        def found(wanted: Wanted) -> list[str]:
            return [recorded.call.call_id for recorded in calls(conn, wanted)]

        assert found(Wanted()) == ["b", "c", FORWARDED.call_id]
        assert found(Wanted(limit=1)) == ["b"]
        assert found(Wanted(line_id=7)) == ["b", FORWARDED.call_id]
        assert found(Wanted(leased_number="+81355550188")) == ["c"]
        assert found(Wanted(service=Service.SETTINGS)) == ["c"]
        assert found(Wanted(since=later.started_at)) == ["b"]
        assert found(Wanted(until=later.started_at)) == ["c", FORWARDED.call_id]
        assert found(Wanted(outcome="BUSY")) == []
