from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import writing
from subscribers.lines import Handset, Line, Plan
from subscribers.records.find import get_line
from subscribers.records.phones import lend_handset, register_phone, take_back_handset, unregister_phone

LineIn = Callable[..., Line]


def test_three_phones_are_registered_and_one_taken_off(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        for number in ("090-1111-0003", "03-1234-5678", "050-3111-0001"):
            line = register_phone(conn, line.id, number)
        assert line.registered_phones == ("+81312345678", "+815031110001", "+819011110003")
        with pytest.raises(BadValue, match="registered phones: found 4"):
            register_phone(conn, line.id, "090-1111-0004")
        changed = unregister_phone(conn, line.id, "03-1234-5678")
        assert changed.registered_phones == ("+815031110001", "+819011110003")
        assert changed.revision > line.revision
        with pytest.raises(BadValue, match="registered phone"):
            unregister_phone(conn, line.id, "03-1234-5678")


@pytest.mark.parametrize("number", ["", "110", "0120-123-456", "+12125551234", "0570-012-345", "03-6304-0001", "x"])
def test_a_number_nobody_calls_from_is_not_registered(number: str, engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        with pytest.raises(BadValue, match="registered phone"):
            register_phone(conn, line.id, number)
        assert get_line(conn, line.id).registered_phones == ()


def test_one_phone_may_be_registered_on_two_lines(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        for number in ("03-6304-0001", "03-6304-0002"):
            line = line_in(conn, number=number)
            assert register_phone(conn, line.id, "090-1111-0001").registered_phones == ("+819011110001",)


def test_a_handset_is_lent_and_taken_back(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn, plan=Plan.FIXED_PHONE, additional=["03-6304-0002"])
        lent = lend_handset(conn, line.id, sip_user="h-1", sealed_password="gAAA", presents="03-6304-0002")
        assert lent.handset == Handset(sip_user="h-1", sealed_password="gAAA", presents="+81363040002")
        with pytest.raises(BadValue, match="one is lent per line"):
            lend_handset(conn, line.id, sip_user="h-2", sealed_password="gAAA")
        assert take_back_handset(conn, line.id).handset is None
        with pytest.raises(BadValue, match="a line with a handset"):
            take_back_handset(conn, line.id)


def test_a_handset_is_refused_on_the_in_out_plan_and_for_a_taken_name(engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        with pytest.raises(BadValue, match="plan in-out"):
            lend_handset(conn, line_in(conn).id, sip_user="h-1", sealed_password="gAAA")
        one = line_in(conn, plan=Plan.FIXED_PHONE, number="03-6304-0002")
        two = line_in(conn, plan=Plan.FIXED_PHONE, number="03-6304-0003")
        lend_handset(conn, one.id, sip_user="h-1", sealed_password="gAAA")
        with pytest.raises(BadValue, match=f"SIP user: found 'h-1', expected .*line {one.id} has it"):
            lend_handset(conn, two.id, sip_user="h-1", sealed_password="gAAA")


@pytest.mark.parametrize("name", ["", "a b", "a]", "ü", "a\n[x]", "a" * 65, "a;b"])
def test_a_sip_user_that_could_break_a_file_is_refused(name: str, engine: Engine, line_in: LineIn) -> None:
    with writing(engine) as conn:
        line = line_in(conn, plan=Plan.FIXED_PHONE)
        with pytest.raises(BadValue, match="SIP user"):
            lend_handset(conn, line.id, sip_user=name, sealed_password="gAAA")
