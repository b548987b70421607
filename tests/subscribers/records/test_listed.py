"""Which lists a caller is on; and the lists against a model of them, whatever is done in whatever order."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line
from subscribers.records.allow import add_allowed, allowed_numbers, delete_allowed, set_allow_size, turn_allow_list
from subscribers.records.find import get_line
from subscribers.records.listed import all_listed_callers, listed, listed_callers
from subscribers.records.nuisance import add_nuisance, delete_all_nuisance, delete_last_nuisance, nuisance_count
from subscribers.records.select import add_select_number, delete_select_number, select_numbers
from subscribers.screening import Listed

LineIn = Callable[..., Line]
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ONE, TWO, THREE = (f"+81901111000{n}" for n in (1, 2, 3))


def test_a_caller_is_looked_up_on_all_lists_of_the_line_in_one_select(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line, other = line_in(conn), line_in(conn, number="03-6304-0002")
        set_allow_size(conn, line.id, 20)
        add_allowed(conn, line.id, [ONE, TWO])
        add_select_number(conn, line.id, TWO)
        add_nuisance(conn, line.id, THREE, withheld=True, at=NOW)
        add_nuisance(conn, other.id, ONE, withheld=False, at=NOW)
    statements = list[str]()
    event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *rest: statements.append(sql.split()[0]))
    with reading(engine) as conn:
        found = [listed(conn, line.id, number) for number in (ONE, TWO, THREE, "+819011110004")]
    assert [sql for sql in statements if sql != "BEGIN"] == ["SELECT"] * 4
    assert found == [
        Listed(allowed=True),
        Listed(allowed=True, selected=True),
        Listed(nuisance=True),
        Listed(),
    ]
    with reading(engine) as conn:
        of_line = dict(zip((ONE, TWO, THREE), found, strict=False))
        assert listed_callers(conn, line.id) == of_line
        assert all_listed_callers(conn) == {line.id: of_line, other.id: {ONE: Listed(nuisance=True)}}
        assert listed_callers(conn, 99) == {}


def test_a_caller_is_looked_up_in_an_index_however_long_the_list(sqlite_engine: Engine, line_in: LineIn) -> None:
    plans = list[str]()
    with writing(sqlite_engine) as conn:
        line = line_in(conn)
        asked = list[tuple[str, Any]]()
        event.listen(conn, "before_cursor_execute", lambda c, cursor, sql, values, *rest: asked.append((sql, values)))
        listed(conn, line.id, ONE)
        [(sql, values)] = asked
        plans += [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    searches = [plan for plan in plans if "_entries" in plan]
    assert len(searches) == 3
    assert all(plan.startswith("SEARCH") and "line_id=? AND number=?" in plan for plan in searches)


NUMBERS = st.integers(min_value=0, max_value=39).map(lambda n: f"+81901111{n:04}")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["select", "unselect", "block", "unblock", "clear", "allow", "disallow", "on", "off"]),
        NUMBERS,
    ),
    max_size=80,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_is_done_the_lists_are_what_the_model_says(
    sqlite_engine: Engine, line_in: LineIn, steps: list[tuple[str, str]]
) -> None:
    selected, blocked, allowed = set[str](), list[str](), set[str]()
    on = False
    with sqlite_engine.connect() as conn, conn.begin() as transaction:
        line_id = line_in(conn).id
        revision = set_allow_size(conn, line_id, 20).revision
        does: dict[str, Callable[[str], Line]] = {
            "select": lambda number: add_select_number(conn, line_id, number),
            "unselect": lambda number: delete_select_number(conn, line_id, number),
            "block": lambda number: add_nuisance(conn, line_id, number, withheld=False, at=NOW),
            "unblock": lambda number: delete_last_nuisance(conn, line_id),
            "clear": lambda number: delete_all_nuisance(conn, line_id),
            "allow": lambda number: add_allowed(conn, line_id, [number]),
            "disallow": lambda number: delete_allowed(conn, line_id, [number]),
            "on": lambda number: turn_allow_list(conn, line_id, True),
            "off": lambda number: turn_allow_list(conn, line_id, False),
        }
        for what, number in steps:
            possible = {
                "select": number not in selected and len(selected) < 30,
                "unselect": number in selected,
                "block": number not in blocked and len(blocked) < 30,
                "unblock": bool(blocked),
                "clear": True,
                "allow": number in allowed or len(allowed) < 20,
                "disallow": number in allowed and not (on and len(allowed) == 1),
                "on": bool(allowed),
                "off": True,
            }[what]
            if not possible:
                step = conn.begin_nested()
                with pytest.raises(BadValue):
                    does[what](number)
                step.rollback()
                continue
            line = does[what](number)
            assert line.revision > revision
            revision = line.revision
            match what:
                case "select":
                    selected.add(number)
                case "unselect":
                    selected.remove(number)
                case "block":
                    blocked.append(number)
                case "unblock":
                    blocked.pop()
                case "clear":
                    blocked.clear()
                case "allow":
                    allowed.add(number)
                case "disallow":
                    allowed.remove(number)
                case _:
                    on = what == "on"
            assert set(select_numbers(conn, line_id)) == selected
            assert nuisance_count(conn, line_id) == len(blocked)
            assert set(allowed_numbers(conn, line_id)) == allowed
            screening = get_line(conn, line_id).screening
            assert (screening.nuisance, screening.allow_on) == (bool(blocked), on)
            assert listed_callers(conn, line_id) == {
                one: Listed(nuisance=one in blocked, allowed=one in allowed, selected=one in selected)
                for one in selected | set(blocked) | allowed
            }
        transaction.rollback()
