from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.select import (
    add_select_number,
    delete_select_number,
    select_numbers,
    set_number_request,
    set_select_mode,
)
from subscribers.screening import AlreadyListed, ListFull, NotListed, Screening, SelectMode

LineIn = Callable[..., Line]


def test_every_change_is_stored_and_numbered(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        changes = [
            add_select_number(conn, line.id, "090-1111-0001"),
            add_select_number(conn, line.id, "+1 212 555 1234"),
            add_select_number(conn, line.id, "03-1234-5678"),
            delete_select_number(conn, line.id, "０９０－１１１１－０００１"),
            set_select_mode(conn, line.id, SelectMode.FORWARDED),
            set_select_mode(conn, line.id, SelectMode.RING),
            set_number_request(conn, line.id, True),
        ]
    with reading(engine) as conn:
        assert get_line(conn, line.id) == changes[-1]
        assert select_numbers(conn, line.id) == ("+12125551234", "+81312345678")
    assert changes[-1].screening == Screening(select=SelectMode.RING, number_request=True)
    revisions = [line.revision, *(change.revision for change in changes)]
    assert revisions == sorted(set(revisions))
    with writing(engine) as conn:
        set_select_mode(conn, line.id, SelectMode.OFF)
        assert set_number_request(conn, line.id, False).screening == Screening()
        assert len(select_numbers(conn, line.id)) == 2


def test_thirty_numbers_fit_and_no_more(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        for n in range(30):
            add_select_number(conn, line_id, f"090-1111-{n:04}")
        before = get_line(conn, line_id)
        with pytest.raises(ListFull, match="30 at most"):
            add_select_number(conn, line_id, "090-1111-0030")
        with pytest.raises(AlreadyListed):
            add_select_number(conn, line_id, "090-1111-0029")
        with pytest.raises(NotListed):
            delete_select_number(conn, line_id, "090-1111-0030")
        assert get_line(conn, line_id) == before
        assert len(select_numbers(conn, line_id)) == 30


@pytest.mark.parametrize("number", ["", "110", "#1234", "18409011110001", "00330312345678", "x"])
def test_what_nobody_calls_from_is_not_listed(number: str, engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        for change in (add_select_number, delete_select_number):
            with pytest.raises(BadValue, match="select list"):
                change(conn, line_id, number)
        assert select_numbers(conn, line_id) == ()


def test_each_line_has_its_own_list(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        one, two = line_in(conn), line_in(conn, number="03-6304-0002")
        add_select_number(conn, one.id, "090-1111-0001")
        assert select_numbers(conn, two.id) == ()
        assert get_line(conn, two.id) == two


def test_an_unknown_line_is_named(engine: Engine) -> None:
    with writing(engine) as conn:
        each: list[Callable[[], object]] = [
            lambda: add_select_number(conn, 99, "090-1111-0001"),
            lambda: set_select_mode(conn, 99, SelectMode.RING),
            lambda: set_number_request(conn, 99, True),
        ]
        for unknown in each:
            with pytest.raises(BadValue, match="line: found 99"):
                unknown()
