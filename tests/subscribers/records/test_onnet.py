from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, event, select

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line
from subscribers.onnet import OnNetNumber, OnNetTarget
from subscribers.records.lines import end_line
from subscribers.records.onnet import (
    add_group,
    add_mobile_extension,
    assign_number,
    change_number,
    get_group,
    join_group,
    leave_group,
    list_groups,
    on_net_target,
    release_number,
    remove_group,
    trunks_with_extensions,
)
from subscribers.tables import on_net_groups, on_net_lines, on_net_numbers
from tests.subscribers.conftest import NOW

LineIn = Callable[..., Line]


def _line(number: str) -> OnNetTarget:
    return OnNetTarget(number=number, trunk=None, digits="8201")


def _two(conn: Connection, line_in: LineIn) -> tuple[Line, Line]:
    """Two lines of group 本社."""
    one, two = line_in(conn), line_in(conn, number="03-6304-0002")
    add_group(conn, "本社")
    for line in (one, two):
        join_group(conn, "本社", line.id, NOW)
    return one, two


def _rows(conn: Connection) -> list[object]:
    return [
        [tuple(row) for row in conn.execute(select(table))] for table in (on_net_groups, on_net_lines, on_net_numbers)
    ]


def test_lines_of_a_group_reach_each_other_and_mobile_extensions(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = _two(conn, line_in)
        assert assign_number(conn, two.id, "8", "201").digits == "8201"
        assign_number(conn, two.id, "9", "55")
        add_mobile_extension(conn, "本社", "7123", "office-link")
    with reading(engine) as conn:
        assert on_net_target(conn, one.id, "8201") == _line("+81363040002")
        assert on_net_target(conn, two.id, "8201") == _line("+81363040002")
        assert on_net_target(conn, one.id, "955") == OnNetTarget(number="+81363040002", trunk=None, digits="955")
        assert on_net_target(conn, one.id, "7123") == OnNetTarget(number=None, trunk="office-link", digits="7123")
        for nothing in ("201", "8", "820", "82011", "8202", ""):
            assert on_net_target(conn, one.id, nothing) is None
        group = get_group(conn, "本社")
        assert group.line_ids == (one.id, two.id)
        assert [number.digits for number in group.numbers] == ["8201", "955"]
        assert trunks_with_extensions(conn) == {"office-link"}


def test_never_across_groups(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = _two(conn, line_in)
        stranger, outside = line_in(conn, number="03-6304-0003"), line_in(conn, number="03-6304-0004")
        add_group(conn, "支社")
        join_group(conn, "支社", stranger.id, NOW)
        assign_number(conn, two.id, "8", "201")
        assign_number(conn, stranger.id, "8", "202")
        add_mobile_extension(conn, "支社", "7123", "office-link")
        assert on_net_target(conn, one.id, "8202") is None
        assert on_net_target(conn, one.id, "7123") is None
        assert on_net_target(conn, stranger.id, "8201") is None
        assert on_net_target(conn, outside.id, "8201") is None
        assign_number(conn, stranger.id, "82", "01")
        assert on_net_target(conn, one.id, "8201") == _line("+81363040002")
        assert on_net_target(conn, stranger.id, "8201") == _line("+81363040003")


def test_one_select_answers(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = _two(conn, line_in)
        assign_number(conn, two.id, "8", "201")
    statements: list[str] = []

    def note(*arguments: object) -> None:
        if str(arguments[2]) != "BEGIN":
            statements.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    with reading(engine) as conn:
        on_net_target(conn, one.id, "8201")
    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_a_number_that_another_member_leases_by_now_is_not_reached(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, _ = _two(conn, line_in)
        gone = line_in(conn, number="03-6304-0003", contract_id=one.contract_id)
        join_group(conn, "本社", gone.id, NOW)
        assign_number(conn, gone.id, "8", "201")
        end_line(conn, gone.id, NOW, NOW)
        assert on_net_target(conn, one.id, "8201") == _line("+81363040003")
        line_in(conn, number="03-6304-0003", at=NOW + timedelta(days=1))
        assert on_net_target(conn, one.id, "8201") is None


def test_a_number_is_lengthened_never_shortened(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = _two(conn, line_in)
        assign_number(conn, two.id, "8", "201")
        assign_number(conn, one.id, "8", "202")
        assert change_number(conn, "本社", "8201", "81", "2010") == OnNetNumber(
            site="81", extension="2010", line_id=two.id
        )
        assert on_net_target(conn, one.id, "8201") is None
        assert on_net_target(conn, one.id, "812010") is not None
        assert change_number(conn, "本社", "8202", "8", "2020").digits == "82020"
        before = _rows(conn)
        for digits, site, extension, why in [
            ("812010", "8", "1201", "lengthened, never shortened"),
            ("812010", "8202", "015", "beginning of 82020"),
            ("82020", "812", "010", "does not have yet"),
            ("812010", "0", "312345", "on-net number"),
            ("8201", "8", "2011", "a number of a line in group 本社"),
        ]:
            with pytest.raises(BadValue, match=why):
                change_number(conn, "本社", digits, site, extension)
        assert _rows(conn) == before


def test_a_refused_change_leaves_the_group_as_it_was(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = _two(conn, line_in)
        outside = line_in(conn, number="03-6304-0003")
        ended = end_line(conn, line_in(conn, number="03-6304-0004", contract_id=one.contract_id).id, NOW, NOW)
        assign_number(conn, two.id, "8", "201")
        add_mobile_extension(conn, "本社", "7123", "office-link")
        before = _rows(conn)
        each: list[tuple[Callable[[], object], str]] = [
            (lambda: add_group(conn, " 本社 "), "a name that no group has yet"),
            (lambda: add_group(conn, "  "), "a name of printable characters"),
            (lambda: get_group(conn, "支社"), "denwaban onnet list"),
            (lambda: join_group(conn, "本社", one.id, NOW), "a line in no on-net group yet"),
            (lambda: join_group(conn, "支社", outside.id, NOW), "the name of a group"),
            (lambda: join_group(conn, "本社", 99, NOW), "the id of a line"),
            (lambda: join_group(conn, "本社", ended.id, NOW), "a line that has not ended"),
            (lambda: leave_group(conn, two.id), "release them first"),
            (lambda: leave_group(conn, outside.id), "denwaban onnet join"),
            (lambda: remove_group(conn, "本社"), "an empty one"),
            (lambda: assign_number(conn, outside.id, "8", "202"), "denwaban onnet join"),
            (lambda: assign_number(conn, one.id, "82", "01"), "does not have yet"),
            (lambda: assign_number(conn, one.id, "8", "2011"), "beginning of 8201"),
            (lambda: assign_number(conn, one.id, "71", "23"), "does not have yet"),
            (lambda: assign_number(conn, one.id, "1", "10"), "a code of the plan"),
            (lambda: add_mobile_extension(conn, "本社", "820", "office-link"), "beginning of 8201"),
            (lambda: add_mobile_extension(conn, "本社", "110", "office-link"), "a code of the plan"),
            (lambda: change_number(conn, "本社", "7123", "8", "202"), "a number of a line"),
            (lambda: release_number(conn, "本社", "8202"), "a number in group"),
        ]
        for refused, why in each:
            with pytest.raises(BadValue, match=why):
                refused()
        assert _rows(conn) == before


def test_what_is_released_is_gone_and_an_empty_group_can_be_removed(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = _two(conn, line_in)
        assign_number(conn, two.id, "8", "201")
        add_mobile_extension(conn, "本社", "7123", "office-link")
        release_number(conn, "本社", "8201")
        release_number(conn, "本社", "7123")
        assert trunks_with_extensions(conn) == set()
        leave_group(conn, one.id)
        assert leave_group(conn, two.id).line_ids == ()
        remove_group(conn, "本社")
        assert list_groups(conn) == []
