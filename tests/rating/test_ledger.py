from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from random import Random
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from rating.books_in_force import Books
from rating.ended import EndedCall, Recorded, Source
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


def test_two_processes_with_the_same_call_charge_it_once(engine: Engine, books: Books) -> None:
    together, answers = Barrier(2), list[Recorded]()

    def hand_in() -> None:
        together.wait()
        with writing(engine) as conn:
            answers.append(record(conn, FORWARDED, books, "leased-number"))

    threads = [Thread(target=hand_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.first for answer in answers) == [False, True]
    assert answers[0].charge == answers[1].charge
    assert rows(engine) == (1, 1)


def test_every_page_of_pending_calls_is_reached(sqlite_engine: Engine, books: Books) -> None:
    with writing(sqlite_engine) as conn:
        for number in range(2_100):
            # Many begin at one moment, so that a page may end between them.
            start = START + timedelta(minutes=number // 700)
            pending = replace(FORWARDED, call_id=f"c{number}", started_at=start)
            record(conn, pending, Books([]), "leased-number")
        assert len(rate_pending(conn, Books([]))) == 2_100
        charged = rate_pending(conn, books)
        assert len({one.call.call_id for one in charged if one.first}) == 2_100
        assert rate_pending(conn, books) == ()
    assert rows(sqlite_engine) == (2_100, 2_100)


@given(cut=st.integers(0, 12), random=st.randoms(use_true_random=False))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_file_split_and_loaded_in_any_order_with_repetitions_gives_the_same_total(
    sqlite_engine: Engine, books: Books, cut: int, random: Random
) -> None:
    file = [
        replace(FORWARDED, call_id=f"c{number}", answered=Decimal(17 * number) if number % 5 else None)
        for number in range(12)
    ]
    parts = [file[:cut] + file[:3], file[cut:], file[2:6]]
    random.shuffle(parts)
    with sqlite_engine.connect() as conn, conn.begin() as transaction:
        for part in parts:
            random.shuffle(part)
            for ended in part:
                record(conn, ended, books, "leased-number")
        total = sum((one.charge.amount for one in calls(conn, Wanted()) if one.charge), Decimal(0))
        count = conn.scalar(select(func.count()).select_from(charges))
        transaction.rollback()
    # Units of the nine answered calls of 17 … 187 s, by the minute: 1+1+1+2+2+2+3+3+4.
    assert (total, count) == (19 * Decimal("29.7"), 9)


def test_a_call_over_a_price_change_is_charged_by_the_book_of_its_answer(engine: Engine, books: Books) -> None:
    (old,) = books.versions("leased-number")
    new = replace(old, effective=date(2026, 6, 1), rows=())
    midnight = datetime(2026, 5, 31, 15, 0, tzinfo=UTC)  # 2026-06-01 00:00 in Japan
    over = replace(
        FORWARDED,
        started_at=midnight - timedelta(seconds=9),
        answered_at=midnight - timedelta(seconds=1),
        ended_at=midnight + timedelta(seconds=60),
    )
    after = replace(over, call_id="after", answered_at=midnight)
    with writing(engine) as conn:
        charged = record(conn, over, Books([old, new]), "leased-number")
        assert charged.charge is not None
        assert charged.charge.effective == old.effective
        assert "leased-number 2026-06-01 has no price" in str(
            record(conn, after, Books([old, new]), "leased-number").unrated
        )


def test_switch_knowledge_and_withholding_come_back(engine: Engine, books: Books) -> None:
    free = replace(
        FORWARDED,
        service=Service.OUT,
        from_kind="handset",
        from_number="+81355550199",
        to_number="20010",
        to_kind="on_net",
        withheld=True,
    )
    with writing(engine) as conn:
        recorded = record(conn, free, books, "leased-number")
        assert recorded.charge is not None
        assert (recorded.charge.row, recorded.charge.amount) == ("on-net", Decimal(0))
        assert call(conn, free.call_id) == replace(recorded, first=False)


def test_a_call_taken_by_the_lent_handset_is_kept_and_not_charged(engine: Engine, books: Books) -> None:
    taken = replace(FORWARDED, service=Service.INCOMING, to_number="+81355550199")
    with writing(engine) as conn:
        recorded = record(conn, taken, books, "leased-number")
        assert (recorded.charge, recorded.unrated) == (None, None)
        assert rate_pending(conn, books) == ()
    assert rows(engine) == (1, 0)
