from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Language, Line
from subscribers.records.find import get_line
from subscribers.records.forwarding import set_forward_entry
from subscribers.records.lines import add_number
from subscribers.records.options import Options, change_options, set_failover, set_withhold

LineIn = Callable[..., Line]
NEW_YORK = "+12125551234"


def test_only_what_is_named_changes_and_every_change_is_numbered(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        changes = [
            set_withhold(conn, line.id, True),
            set_failover(conn, line.id, "090-1111-0001"),
            change_options(conn, line.id, call_waiting=True, language=Language.ENGLISH),
            change_options(conn, line.id, present_leased=True, international_allowed=True),
        ]
    with reading(engine) as conn:
        found = get_line(conn, line.id)
    assert found == changes[-1]
    assert (found.withhold, found.failover_number) == (True, "+819011110001")
    assert (found.call_waiting, found.language) == (True, Language.ENGLISH)
    assert (found.present_leased, found.international_allowed) == (True, True)
    revisions = [line.revision, *(change.revision for change in changes)]
    assert revisions == sorted(set(revisions))
    with writing(engine) as conn:
        taken = set_failover(conn, line.id, None)
        assert (taken.failover_number, taken.withhold) == (None, True)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110", "an emergency number"),
        ("117", "a 3-digit service number"),
        ("0120-111-222", "free-phone"),
        ("0570-111-222", "0570"),
        ("#1234", "#-dial"),
        ("0039-03-1234-5678", "carrier prefix"),
        ("8201", "on-net"),
        ("+1 212 555 1234", "not opened"),
        ("03-6304-0001", "a number of the line itself"),
        ("184-090-1111-0001", "without 184"),
        ("", "not a telephone number"),
    ],
)
def test_a_line_fails_over_only_to_what_it_may_be_forwarded_to(
    engine: Engine, line_in: LineIn, number: str, why: str
) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        before = set_failover(conn, line_id, "090-1111-0001")
        with pytest.raises(BadValue, match="fault-failover number") as refused:
            change_options(conn, line_id, failover_number=number, withhold=True)
        assert why in str(refused.value)
        assert get_line(conn, line_id) == before


@pytest.mark.parametrize("needs", ["forward list", "failover"])
def test_a_line_is_not_closed_for_international_calls_while_it_needs_one(
    engine: Engine, line_in: LineIn, needs: str
) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        opened: Options = {"international_allowed": True}
        if needs == "failover":
            opened["failover_number"] = NEW_YORK
        change_options(conn, line_id, **opened)
        if needs == "forward list":
            set_forward_entry(conn, line_id, 1, NEW_YORK)
        before = get_line(conn, line_id)
        with pytest.raises(BadValue, match="an international number"):
            change_options(conn, line_id, international_allowed=False, call_waiting=True)
        assert get_line(conn, line_id) == before
        set_forward_entry(conn, line_id, 1, None)
        closed = change_options(conn, line_id, international_allowed=False, failover_number=None)
        assert (closed.international_allowed, closed.failover_number) == (False, None)


def test_the_failover_number_is_not_leased_to_the_line_itself(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        set_failover(conn, line.id, "03-6304-0002")
        with pytest.raises(BadValue, match=r"fault-failover number.*a number of the line itself"):
            add_number(conn, line.id, "03-6304-0002", line.starts_at)


def test_an_unknown_line_is_named(engine: Engine) -> None:
    with writing(engine) as conn, pytest.raises(BadValue, match="line: found 99"):
        set_withhold(conn, 99, True)
