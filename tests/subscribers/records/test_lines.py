from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.forwarding import ForwardMode
from subscribers.lines import Language, Line, Plan
from subscribers.members import Member, MemberKind
from subscribers.records.find import get_line, line_by_number, list_lines
from subscribers.records.forwarding import set_forward_entry
from subscribers.records.lines import (
    LineOptions,
    add_number,
    end_line,
    resume_line,
    set_double_channel,
    suspend_line,
)
from subscribers.records.members import add_contract, set_leaving

MemberIn = Callable[..., Member]
LineIn = Callable[..., Line]
DAY = timedelta(days=1)


def test_a_line_comes_back_as_added(engine: Engine, line_in: LineIn) -> None:
    options = LineOptions(
        call_waiting=True, present_leased=True, international_allowed=True, language=Language.ENGLISH
    )
    with writing(engine) as conn:
        line = line_in(
            conn,
            number="０３－６３０４－０００９",
            additional=["+81 3 6304 0008"],
            double_channel=True,
            options=options,
            plan=Plan.FIXED_PHONE,
        )
    with reading(engine) as conn:
        assert get_line(conn, line.id) == line
    assert line.numbers == ("+81363040009", "+81363040008")
    assert (line.channels, line.language, line.plan) == (2, Language.ENGLISH, Plan.FIXED_PHONE)
    assert (line.call_waiting, line.present_leased, line.international_allowed) == (True, True, True)
    assert line.starts_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert (line.forwarding.mode, line.handset, line.registered_phones) == (ForwardMode.OFF, None, ())


@pytest.mark.parametrize("number", ["", "abc", "110", "090-1234-5678", "011-123-4567", "0120-123-456", "9" * 40])
def test_a_number_that_cannot_be_leased_leaves_nothing_behind(number: str, engine: Engine, line_in: LineIn) -> None:
    def add() -> None:
        with writing(engine) as conn:
            line_in(conn, number=number)

    with pytest.raises(BadValue):
        add()
    with reading(engine) as conn:
        assert list_lines(conn) == []


@pytest.mark.parametrize("kind", [MemberKind.COWORKING, MemberKind.VIRTUAL_OFFICE])
def test_the_rules_of_who_may_hold_what_are_asked(
    kind: MemberKind, engine: Engine, member_in: MemberIn, line_in: LineIn
) -> None:
    with writing(engine) as conn:
        contract = add_contract(conn, member_in(conn, kind).id, date(2026, 11, 1)).id
        with pytest.raises(BadValue, match="plan: found 'fixed-phone'"):
            line_in(conn, contract_id=contract, plan=Plan.FIXED_PHONE)
        line_in(conn, contract_id=contract)
        with pytest.raises(BadValue, match="lines of the member: found 2"):
            line_in(conn, contract_id=contract, number="03-6304-0002")


def test_a_leased_number_is_refused_to_another_line(engine: Engine, line_in: LineIn) -> None:
    def take(again: str) -> None:
        with writing(engine) as conn:
            line_in(conn, number="03-6304-0099", additional=[again])

    with writing(engine) as conn:
        line = line_in(conn, additional=["03-6304-0002"])
    for taken in ("03-6304-0001", "03-6304-0002", "03-6304-0099"):
        with pytest.raises(BadValue, match=r"leased number: found .* a number that is free: line"):
            take(taken)
    with reading(engine) as conn:
        assert [found.line for found in list_lines(conn)] == [line]


def test_the_number_of_an_ended_line_is_taken_over(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        kept = line_in(conn, number="03-6304-0003")
        old = line_in(conn, additional=["03-6304-0002"], contract_id=kept.contract_id)
        end_line(conn, old.id, now + DAY, now)
        with pytest.raises(BadValue, match="a number that is free"):
            line_in(conn, at=now + DAY - timedelta(seconds=1))
        new = line_in(conn, at=now + DAY)
        assert line_by_number(conn, "+81363040001") == new
        assert line_by_number(conn, "+81363040002") == get_line(conn, old.id)
        assert get_line(conn, old.id).number == "+81363040001"


def test_numbers_are_added_up_to_five_in_a_contract(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn, additional=["03-6304-0002", "03-6304-0003"])
        other = line_in(conn, number="03-6304-0004", contract_id=line.contract_id)
        changed = add_number(conn, line.id, "03-6304-0005", now)
        assert changed.additional == ("+81363040002", "+81363040003", "+81363040005")
        assert changed.revision > other.revision
        for on in (line, other):
            with pytest.raises(BadValue, match="numbers of the contract: found 6, expected 5"):
                add_number(conn, on.id, "03-6304-0006", now)


def test_an_own_number_cannot_be_added_while_it_is_forwarded_to(
    engine: Engine, line_in: LineIn, now: datetime
) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        set_forward_entry(conn, line.id, 2, "03-6304-0002")
        with pytest.raises(BadValue, match="a number of the line itself"):
            add_number(conn, line.id, "03-6304-0002", now)


def test_a_line_is_suspended_once_and_resumed(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        assert suspend_line(conn, line.id, now).suspended_at == now
        with pytest.raises(BadValue, match="one not suspended"):
            suspend_line(conn, line.id, now)
        assert resume_line(conn, line.id, now).suspended_at is None
        with pytest.raises(BadValue, match="a suspended line"):
            resume_line(conn, line.id, now)


def test_a_line_ends_when_told_and_the_end_may_be_moved(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        stays = line_in(conn, number="03-6304-0002")
        line = line_in(conn, contract_id=stays.contract_id)
        assert end_line(conn, line.id, now + 9 * DAY, now).ends_at == now + 9 * DAY
        assert end_line(conn, line.id, now + 5 * DAY, now).ends_at == now + 5 * DAY
        with pytest.raises(BadValue, match="or later"):
            end_line(conn, line.id, now - DAY, now)
        with pytest.raises(BadValue, match="at least one line"):
            end_line(conn, stays.id, now + DAY, now)
        set_leaving(conn, stays.member_id, now + DAY)
        assert end_line(conn, stays.id, now + DAY, now).ends_at == now + DAY


def test_an_ended_line_is_not_changed_any_more(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        stays = line_in(conn, number="03-6304-0002")
        line = line_in(conn, contract_id=stays.contract_id)
        ended = end_line(conn, line.id, now, now)
        each: list[Callable[[], object]] = [
            lambda: suspend_line(conn, line.id, now),
            lambda: resume_line(conn, line.id, now),
            lambda: end_line(conn, line.id, now + DAY, now),
            lambda: add_number(conn, line.id, "03-6304-0007", now),
            lambda: set_double_channel(conn, line.id, True, now),
        ]
        for change in each:
            with pytest.raises(BadValue, match="a line that has not ended"):
                change()
        assert get_line(conn, line.id) == ended


def test_the_extra_channel_moves_only_from_a_line_that_ended(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        other = line_in(conn, number="03-6304-0002", contract_id=line.contract_id)
        assert set_double_channel(conn, line.id, True, now).channels == 2
        with pytest.raises(BadValue, match="double channel"):
            set_double_channel(conn, other.id, True, now)
        end_line(conn, line.id, now + DAY, now)
        assert set_double_channel(conn, other.id, True, now + DAY).channels == 2
        assert get_line(conn, line.id).channels == 1


def test_an_unknown_line_is_named(engine: Engine, now: datetime) -> None:
    def each(conn: Connection) -> list[Callable[[], object]]:
        return [
            lambda: get_line(conn, 99),
            lambda: suspend_line(conn, 99, now),
            lambda: end_line(conn, 99, now, now),
        ]

    with writing(engine) as conn:
        for unknown in each(conn):
            with pytest.raises(BadValue, match="line: found 99, expected the id of a line"):
                unknown()
