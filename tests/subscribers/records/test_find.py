from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Engine, event, insert, select

from store.engine import reading, writing
from subscribers.lines import Line, Plan
from subscribers.records.find import (
    changed_since,
    line_for_call,
    line_to_charge,
    lines_for_survival,
    list_lines,
    turning,
)
from subscribers.records.forwarding import set_forward_entry, start_forwarding
from subscribers.records.lines import end_line, suspend_line
from subscribers.records.members import add_member, get_member, suspend_member
from subscribers.records.phones import lend_handset, register_phone
from subscribers.states import LineState
from subscribers.tables import leased_numbers, lines

LineIn = Callable[..., Line]
DAY = timedelta(days=1)


def test_a_call_is_decided_from_one_select(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn, plan=Plan.FIXED_PHONE, additional=["03-6304-0002", "03-6304-0003"])
        for entry in range(1, 5):
            set_forward_entry(conn, line.id, entry, f"090-1111-000{entry}")
        for number in ("080-2222-0002", "080-2222-0001"):
            register_phone(conn, line.id, number)
        lend_handset(conn, line.id, sip_user="h-1", sealed_password="gAAA")
        line = start_forwarding(conn, line.id)
        member = get_member(conn, line.member_id)
    statements = list[str]()
    event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *rest: statements.append(sql.split()[0]))
    with reading(engine) as conn:
        found = [line_for_call(conn, number) for number in line.numbers]
    assert [sql for sql in statements if sql != "BEGIN"] == ["SELECT"] * 3
    for one in found:
        assert one is not None
        assert (one.line, one.member, one.state(now)) == (line, member, LineState.ACTIVE)
    assert line.forwarding.entries == tuple(f"+81901111000{entry}" for entry in range(1, 5))


def test_nobody_has_an_unknown_number(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line_in(conn)
        for number in ("+81363040002", "", "'; DROP TABLE lines; --", "+" + "8" * 40):
            assert line_for_call(conn, number) is None


def test_a_suspended_and_an_ended_line_are_found_in_their_state(
    engine: Engine, line_in: LineIn, now: datetime
) -> None:
    with writing(engine) as conn:
        stays = line_in(conn)
        line = line_in(conn, number="03-6304-0002", contract_id=stays.contract_id)
        suspend_line(conn, stays.id, now)
        end_line(conn, line.id, now, now)
        found = [line_for_call(conn, number) for number in ("+81363040001", "+81363040002")]
    assert [one.state(now) for one in found if one] == [LineState.SUSPENDED, LineState.ENDED]


def test_lines_are_listed_by_member_and_contract(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one = line_in(conn)
        two = line_in(conn, number="03-6304-0002")
        three = line_in(conn, number="03-6304-0003", contract_id=two.contract_id)
        assert [found.line for found in list_lines(conn)] == [one, two, three]
        assert [found.line for found in list_lines(conn, member_id=two.member_id)] == [two, three]
        assert [found.line for found in list_lines(conn, contract_id=one.contract_id)] == [one]


def test_a_server_hears_of_each_changed_line_once(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        assert changed_since(conn, 0) == ([], 0)
        one, two = line_in(conn), line_in(conn, number="03-6304-0002")
        found, seq = changed_since(conn, 0)
        assert [change.line for change in found] == [one, two]
        assert changed_since(conn, seq) == ([], seq)
        set_forward_entry(conn, two.id, 1, "090-1111-0001")
        start_forwarding(conn, two.id)
        suspend_member(conn, one.member_id, now)
        found, later = changed_since(conn, seq)
        assert [change.line.id for change in found] == [two.id, one.id]
        assert found[1].state(now) is LineState.SUSPENDED
        assert changed_since(conn, later) == ([], later)
        add_member(conn, name="鈴木", kind=found[0].member.kind, room_capacity=1)
        assert changed_since(conn, later) == ([], later)


def test_a_line_that_lost_its_number_does_not_speak_for_it(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        stays = line_in(conn, number="03-6304-0002")
        old = line_in(conn, contract_id=stays.contract_id)
        end_line(conn, old.id, now, now)
        assert {one.line.id for one in lines_for_survival(conn)} == {stays.id, old.id}
        new = line_in(conn, at=now)
        suspend_member(conn, old.member_id, now)
        assert [one.line.id for one in lines_for_survival(conn)] == [stays.id, new.id]
        assert {one.line.id for one in changed_since(conn, 0)[0]} == {stays.id, new.id}


def test_dates_that_turn_a_line_are_found_between_two_moments(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        started = line_in(conn, starts_at=now + DAY)
        ended = line_in(conn, number="03-6304-0002", contract_id=started.contract_id)
        end_line(conn, ended.id, now + 2 * DAY, now)
        moments = [now + days * DAY for days in range(4)]
        turns = [[one.line.id for one in turning(conn, *pair)] for pair in pairwise(moments)]
    assert turns == [[started.id], [ended.id], []]


def test_all_lines_of_a_large_store_are_read(engine: Engine, line_in: LineIn) -> None:
    """More than are fetched at once."""
    with writing(engine) as conn:
        line = line_in(conn)
        like = dict(conn.execute(select(lines).where(lines.c.id == line.id)).one()._mapping)
        more = [like | {"id": 1000 + n, "number": f"+8131234{n:04d}"} for n in range(1200)]
        conn.execute(insert(lines), more)
        held = [{"number": one["number"], "line_id": one["id"]} for one in more]
        conn.execute(insert(leased_numbers), held)
        found = [one.line.number for one in lines_for_survival(conn)]
    assert found == [line.number, *(one["number"] for one in more)]


def test_a_call_that_ended_finds_the_line_that_a_call_finds(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn, plan=Plan.FIXED_PHONE, additional=["03-6304-0099"])
        for number in (line.number, *line.additional):
            found = line_for_call(conn, number)
            assert found is not None
            assert line_to_charge(conn, number) == (found.line.id, found.line.plan)
        assert line_to_charge(conn, "+81363040098") is None
