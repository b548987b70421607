from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.forwarding import Forwarding, ForwardMode
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.forwarding import (
    set_forward_entry,
    set_ring_seconds,
    start_forwarding,
    stop_forwarding,
    use_forward_entry,
)

LineIn = Callable[..., Line]


def test_every_change_is_stored_and_numbered(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        changes = [
            set_forward_entry(conn, line.id, 1, "090-1111-0001"),
            set_forward_entry(conn, line.id, 4, "03-1234-5678"),
            set_forward_entry(conn, line.id, 1, "090-1111-0002"),
            use_forward_entry(conn, line.id, 4),
            set_ring_seconds(conn, line.id, 35),
            start_forwarding(conn, line.id, ForwardMode.BUSY),
            stop_forwarding(conn, line.id),
            start_forwarding(conn, line.id),
        ]
    with reading(engine) as conn:
        found = get_line(conn, line.id)
    assert found == changes[-1]
    assert found.forwarding == Forwarding(
        mode=ForwardMode.BUSY,
        last_mode=ForwardMode.BUSY,
        ring_seconds=35,
        entries=("+819011110002", None, None, "+81312345678"),
        entry_in_use=4,
    )
    revisions = [line.revision, *(change.revision for change in changes)]
    assert revisions == sorted(set(revisions))


def test_a_refused_change_leaves_forwarding_as_it_was(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        set_forward_entry(conn, line_id, 1, "090-1111-0001")
        before = start_forwarding(conn, line_id)
        each: list[Callable[[], object]] = [
            lambda: set_forward_entry(conn, line_id, 1, "110"),
            lambda: set_forward_entry(conn, line_id, 1, "03-6304-0001"),
            lambda: set_forward_entry(conn, line_id, 1, None),
            lambda: set_forward_entry(conn, line_id, 5, "090-1111-0001"),
            lambda: use_forward_entry(conn, line_id, 2),
            lambda: set_ring_seconds(conn, line_id, 61),
        ]
        for refused in each:
            with pytest.raises(BadValue):
                refused()
        assert get_line(conn, line_id).forwarding == before.forwarding


def test_an_emptied_entry_is_gone(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        set_forward_entry(conn, line.id, 2, "090-1111-0001")
        assert set_forward_entry(conn, line.id, 2, None).forwarding.entries == (None, None, None, None)
