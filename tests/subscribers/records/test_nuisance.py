from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.listed import listed
from subscribers.records.nuisance import (
    add_nuisance,
    delete_all_nuisance,
    delete_last_nuisance,
    is_nuisance,
    nuisance_count,
)
from subscribers.screening import AlreadyListed, ListFull, NotListed

LineIn = Callable[..., Line]


def caller(n: int) -> str:
    return f"+81901111{n:04}"


def test_the_entry_added_last_goes_first(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        for n in (3, 1, 2):  # not in the order of their digits
            assert add_nuisance(conn, line_id, caller(n), withheld=False, at=now).screening.nuisance
        assert nuisance_count(conn, line_id) == 3
        left = []
        for _ in range(3):
            line = delete_last_nuisance(conn, line_id)
            left.append(([n for n in (1, 2, 3) if is_nuisance(conn, line_id, caller(n))], line.screening.nuisance))
        assert left == [([1, 3], True), ([3], True), ([], False)]
        with pytest.raises(NotListed, match="no entry"):
            delete_last_nuisance(conn, line_id)


def test_all_are_deleted_at_once(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        one, two = line_in(conn), line_in(conn, number="03-6304-0002")
        for line in (one, two):
            for n in range(2):
                add_nuisance(conn, line.id, caller(n), withheld=False, at=now)
        assert not delete_all_nuisance(conn, one.id).screening.nuisance
        assert not delete_all_nuisance(conn, one.id).screening.nuisance
        assert (nuisance_count(conn, one.id), nuisance_count(conn, two.id)) == (0, 2)


def test_thirty_entries_fit_and_no_more(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        for n in range(30):
            add_nuisance(conn, line_id, caller(n), withheld=False, at=now)
        before = get_line(conn, line_id)
        with pytest.raises(ListFull):
            add_nuisance(conn, line_id, caller(30), withheld=False, at=now)
        with pytest.raises(AlreadyListed):
            add_nuisance(conn, line_id, caller(29), withheld=False, at=now)
        assert get_line(conn, line_id) == before


def test_a_withheld_number_is_recognised_again_and_never_told(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        add_nuisance(conn, line_id, caller(1), withheld=True, at=now)
        assert listed(conn, line_id, caller(1)).nuisance
        with pytest.raises(AlreadyListed, match="a withheld number") as refused:
            add_nuisance(conn, line_id, caller(1), withheld=True, at=now)
        assert caller(1) not in str(refused.value)


def test_changes_are_numbered(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        changes = [
            add_nuisance(conn, line.id, caller(1), withheld=False, at=now),
            delete_last_nuisance(conn, line.id),
            delete_all_nuisance(conn, line.id),
        ]
    with reading(engine) as conn:
        assert get_line(conn, line.id) == changes[-1]
    revisions = [line.revision, *(change.revision for change in changes)]
    assert revisions == sorted(set(revisions))


def test_an_unknown_line_is_named(engine: Engine, now: datetime) -> None:
    with writing(engine) as conn, pytest.raises(BadValue, match="line: found 99"):
        add_nuisance(conn, 99, caller(1), withheld=False, at=now)
