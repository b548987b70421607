"""The copies that Asterisk keeps say for every caller what the decision says."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from agi.ami_wire import checked
from agi.caller import Caller, caller_of
from agi.flows.forwarding import gather
from agi.incoming import decide
from agi.survival import all_copies, fresh_copies
from dialplan.numbers import national
from dialplan.refusals import Refusal
from dialplan.route import decode, encode
from dialplan.trunks import Trunk
from store.engine import writing
from subscribers.forwarding import ForwardMode
from subscribers.lines import Line
from subscribers.records.allow import add_allowed, set_allow_size, turn_allow_list
from subscribers.records.forwarding import set_forward_entry, start_forwarding
from subscribers.records.nuisance import add_nuisance, delete_all_nuisance
from subscribers.records.options import change_options
from subscribers.records.phones import register_phone
from subscribers.records.select import add_select_number, set_number_request, set_select_mode
from subscribers.screening import SelectMode
from tests.fixtures.stored import NOW, stored_line

TRUNK = Trunk(name="carrier", host="127.0.0.2", sources=("127.0.0.2",))
NUMBER = "0363040001"
CALLERS = ["+819011110001", "+819011110002", "+81312345678", "+12125551234"]


def forwarded(conn: Connection) -> Line:
    line = stored_line(conn, handset="h1")
    set_forward_entry(conn, line.id, 1, "090-7777-8888")
    return start_forwarding(conn, line.id)


def of(conn: Connection, number: str = NUMBER) -> dict[str, str]:
    return all_copies(conn, NOW, (TRUNK,))[0][number]


def looked_up(copies: dict[str, str], number: str, withheld: bool) -> str:
    """As extensions.conf does it."""
    who, others = (f"-{number}", "withheld") if withheld else (number, "any")
    return copies.get(who) or copies.get(others) or copies["any"]


def test_a_line_that_treats_all_callers_alike_has_one_copy(engine: Engine) -> None:
    with writing(engine) as conn:
        line = forwarded(conn)
        copies = of(conn)
        assert list(copies) == ["any"]
        set_number_request(conn, line.id, True)
        assert of(conn).keys() == {"any", "withheld"}
        assert decode(of(conn)["withheld"]).refusal is Refusal.NUMBER_REQUEST
        assert of(conn)["any"] == copies["any"]


def test_the_longest_copy_is_one_that_asterisk_takes(engine: Engine) -> None:
    """However many carriers there are, and whatever their names: one that it refused would leave the line without."""
    trunks = [
        Trunk(
            name=f"carrier-{n:0>24}",
            host="127.0.0.2",
            sources=("127.0.0.2",),
            shows=("0",),
            capacity=100_000,
            priority=n,
        )
        for n in range(12)
    ]
    with writing(engine) as conn:
        line = stored_line(conn, handset="handset-with-a-longer-name")
        change_options(conn, line.id, international_allowed=True, present_leased=True)
        set_forward_entry(conn, line.id, 1, "010-49-30-901820-00000")
        start_forwarding(conn, line.id, ForwardMode.NO_ANSWER_OR_BUSY)
        copy = all_copies(conn, NOW, tuple(trunks))[0][NUMBER]["any"]
    assert len(decode(copy).legs) == 5
    checked({"Val": copy})


def test_a_nuisance_caller_has_a_copy_for_calling_shown_and_withheld(engine: Engine) -> None:
    with writing(engine) as conn:
        line = forwarded(conn)
        add_nuisance(conn, line.id, CALLERS[0], withheld=True, at=NOW)
        copies = of(conn)
        assert set(copies) == {"any", "09011110001", "-09011110001"}
        assert decode(copies["-09011110001"]).refusal is Refusal.NUISANCE_BLOCKED
        delete_all_nuisance(conn, line.id)
        assert set(of(conn)) == {"any"}


def test_callers_whom_a_list_makes_no_difference_for_have_no_copy(engine: Engine) -> None:
    with writing(engine) as conn:
        line = forwarded(conn)
        add_select_number(conn, line.id, CALLERS[0])
        set_allow_size(conn, line.id, 20)
        add_allowed(conn, line.id, CALLERS)
        assert set(of(conn)) == {"any"}


def test_a_registered_phone_is_an_ordinary_caller_while_nobody_can_hold_a_menu(engine: Engine) -> None:
    with writing(engine) as conn:
        line = forwarded(conn)
        register_phone(conn, line.id, CALLERS[0])
        assert set(of(conn)) == {"any"}


def test_each_number_of_a_line_has_the_copies(engine: Engine) -> None:
    with writing(engine) as conn:
        line = stored_line(conn, additional=["03-6304-0002"])
        add_nuisance(conn, line.id, CALLERS[0], withheld=False, at=NOW)
        copies, revision = all_copies(conn, NOW, (TRUNK,))
        assert set(copies) == {NUMBER, "0363040002"}
        assert set(copies[NUMBER]) == set(copies["0363040002"])
        assert fresh_copies(conn, 0, NOW, NOW, (TRUNK,)) == (copies, revision)


def test_a_change_of_a_list_is_followed_and_carries_all_copies_of_the_line(engine: Engine) -> None:
    with writing(engine) as conn:
        line = forwarded(conn)
        stored_line(conn, "03-6304-0009")
        _, revision = all_copies(conn, NOW, (TRUNK,))
        assert fresh_copies(conn, revision, NOW, NOW, (TRUNK,)) == ({}, revision)
        add_nuisance(conn, line.id, CALLERS[0], withheld=False, at=NOW)
        copies, later = fresh_copies(conn, revision, NOW, NOW + timedelta(seconds=1), (TRUNK,))
        assert later > revision
        assert copies == {NUMBER: of(conn)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nuisance=st.sets(st.sampled_from(CALLERS)),
    selected=st.sets(st.sampled_from(CALLERS)),
    allowed=st.sets(st.sampled_from(CALLERS), min_size=1),
    allow_on=st.booleans(),
    request=st.booleans(),
    mode=st.sampled_from(SelectMode),
    handset=st.booleans(),
)
def test_the_copy_is_what_the_decision_would_be_for_every_caller(
    sqlite_engine: Engine,
    nuisance: set[str],
    selected: set[str],
    allowed: set[str],
    allow_on: bool,
    request: bool,
    mode: SelectMode,
    handset: bool,
) -> None:
    with sqlite_engine.connect() as conn, conn.begin() as transaction:
        line = stored_line(conn, handset="h1" if handset else None)
        set_forward_entry(conn, line.id, 1, "090-7777-8888")
        start_forwarding(conn, line.id)
        for number in sorted(nuisance):
            add_nuisance(conn, line.id, number, withheld=False, at=NOW)
        for number in sorted(selected):
            add_select_number(conn, line.id, number)
        set_allow_size(conn, line.id, 20)
        add_allowed(conn, line.id, allowed)
        turn_allow_list(conn, line.id, allow_on)
        set_number_request(conn, line.id, request)
        set_select_mode(conn, line.id, mode)
        copies = of(conn)
        for number in (*CALLERS, "+819099998888"):
            for presentation in ("allowed", "prohib"):
                caller = caller_of(presentation, national(number), "")
                assert caller == Caller(number=number, withheld=presentation == "prohib")
                route = decide(gather(conn, NUMBER, NOW, (TRUNK,), caller)).route
                assert looked_up(copies, national(number), caller.withheld) == encode(route)
        transaction.rollback()


@pytest.mark.parametrize("size", [12000])
def test_the_largest_allow_list_is_copied(sqlite_engine: Engine, size: int) -> None:
    with writing(sqlite_engine) as conn:
        line = forwarded(conn)
        set_allow_size(conn, line.id, size)
        add_allowed(conn, line.id, [f"090{10_000_000 + n}" for n in range(size)])
        turn_allow_list(conn, line.id, True)
        copies = of(conn)
    assert len(copies) == 1 + 2 * size
    assert decode(copies["any"]).refusal is Refusal.CALLER_NOT_ALLOWED
    assert decode(copies["09010000000"]).legs
