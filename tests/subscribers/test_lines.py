from collections.abc import Callable
from datetime import datetime

import pytest

from dialplan.errors import BadValue
from subscribers.lines import Handset, Line, Plan, check_dates, check_handset, check_registered_phone

MakeLine = Callable[..., Line]
PHONES = ("+819011110001", "+819011110002", "+819011110003")


def test_a_line_has_one_channel_or_two_with_double_channel(a_line: MakeLine) -> None:
    assert [a_line(double_channel=double).channels for double in (False, True)] == [1, 2]


def test_three_phones_may_be_registered(a_line: MakeLine) -> None:
    check_registered_phone(a_line(registered_phones=PHONES[:2]), PHONES[2])
    with pytest.raises(BadValue, match="registered phones: found 4, expected 3 at most"):
        check_registered_phone(a_line(registered_phones=PHONES), "+819011110004")


def test_a_phone_is_registered_once_and_is_not_the_line(a_line: MakeLine) -> None:
    with pytest.raises(BadValue, match="not yet registered"):
        check_registered_phone(a_line(registered_phones=PHONES[:1]), PHONES[0])
    for own in ("+81363040001", "+81363040002"):
        with pytest.raises(BadValue, match="another number than the line's own"):
            check_registered_phone(a_line(additional=("+81363040002",)), own)


def test_one_handset_is_lent_and_on_the_fixed_phone_plan_only(a_line: MakeLine) -> None:
    check_handset(a_line(), None)
    with pytest.raises(BadValue, match="expected a line on plan fixed-phone"):
        check_handset(a_line(plan=Plan.IN_OUT), None)
    with pytest.raises(BadValue, match="one is lent per line"):
        check_handset(a_line(handset=Handset(sip_user="h1", sealed_password="x")), None)


def test_a_handset_shows_a_number_of_its_line(a_line: MakeLine) -> None:
    line = a_line(additional=("+81363040002",))
    for number in line.numbers:
        check_handset(line, number)
    with pytest.raises(BadValue, match="number the handset shows"):
        check_handset(line, "+81363040003")


def test_a_line_ends_after_it_starts(now: datetime) -> None:
    check_dates(now, None)
    with pytest.raises(BadValue, match="end of the line"):
        check_dates(now, now)


def test_a_sealed_password_stays_out_of_logs() -> None:
    assert "gAAA" not in repr(Handset(sip_user="h1", sealed_password="gAAA"))
