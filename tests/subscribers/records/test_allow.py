from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line
from subscribers.records.allow import (
    add_allowed,
    allowed_count,
    allowed_numbers,
    delete_allowed,
    set_allow_size,
    turn_allow_list,
)
from subscribers.records.find import get_line
from subscribers.screening import ListFull, NotListed, Screening

LineIn = Callable[..., Line]


def test_a_list_is_sold_filled_turned_on_and_given_up(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        changes = [
            set_allow_size(conn, line.id, 20),
            add_allowed(conn, line.id, ["090-1111-0002", "090-1111-0001", "+81 90-1111-0001"]),
            turn_allow_list(conn, line.id, True),
            add_allowed(conn, line.id, ["090-1111-0001", "090-1111-0003"]),
            delete_allowed(conn, line.id, ["090-1111-0002"]),
        ]
        assert changes[-1].screening == Screening(allow_limit=20, allow_on=True)
        assert allowed_numbers(conn, line.id) == ("+819011110001", "+819011110003")
        changes += [
            turn_allow_list(conn, line.id, False),
            delete_allowed(conn, line.id, ["090-1111-0001", "090-1111-0003"]),
            set_allow_size(conn, line.id, 0),
        ]
    with reading(engine) as conn:
        assert get_line(conn, line.id) == changes[-1]
        assert changes[-1].screening == Screening()
    revisions = [line.revision, *(change.revision for change in changes)]
    assert revisions == sorted(set(revisions))


def test_no_more_fit_than_were_sold_and_a_refused_batch_adds_nothing(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        with pytest.raises(ListFull, match="0 at most"):
            add_allowed(conn, line_id, ["090-1111-0001"])
        set_allow_size(conn, line_id, 20)
        before = add_allowed(conn, line_id, [f"090-1111-{n:04}" for n in range(19)])
        with pytest.raises(ListFull, match="found 21, expected 20 at most"):
            add_allowed(conn, line_id, ["090-1111-0019", "090-1111-0020"])
        with pytest.raises(BadValue, match="110"):
            add_allowed(conn, line_id, ["090-1111-0019", "110"])
        with pytest.raises(NotListed):
            delete_allowed(conn, line_id, ["090-1111-0001", "090-1111-0019"])
        with pytest.raises(BadValue, match="expected 0 or one of"):
            set_allow_size(conn, line_id, 21)
        with pytest.raises(BadValue, match="room for the 19 numbers"):
            set_allow_size(conn, line_id, 0)
        assert get_line(conn, line_id) == before
        assert allowed_count(conn, line_id) == 19


def test_a_list_that_is_on_never_becomes_empty(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        set_allow_size(conn, line_id, 20)
        with pytest.raises(BadValue, match="at least one number"):
            turn_allow_list(conn, line_id, True)
        add_allowed(conn, line_id, ["090-1111-0001"])
        turn_allow_list(conn, line_id, True)
        with pytest.raises(BadValue, match="turn it off first"):
            delete_allowed(conn, line_id, ["090-1111-0001"])
        assert allowed_count(conn, line_id) == 1


def test_the_largest_block_is_filled_and_emptied(engine: Engine, line_in: LineIn) -> None:
    numbers = [f"090-{n // 10000:04}-{n % 10000:04}" for n in range(10_000_000, 10_012_000)]
    with writing(engine) as conn:
        line_id = line_in(conn).id
        set_allow_size(conn, line_id, 12000)
        add_allowed(conn, line_id, numbers)
        assert allowed_count(conn, line_id) == 12000
        with pytest.raises(ListFull):
            add_allowed(conn, line_id, ["080-1111-0001"])
        delete_allowed(conn, line_id, numbers)
        assert allowed_count(conn, line_id) == 0
