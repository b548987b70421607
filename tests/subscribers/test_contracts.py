from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dialplan.errors import BadValue
from subscribers.contracts import check_double_channel, check_numbers, ends_at
from subscribers.lines import Line

MakeLine = Callable[..., Line]


def test_a_contract_carries_five_numbers_in_all(a_line: MakeLine, now: datetime) -> None:
    lines = [a_line(additional=("+81363040002", "+81363040003")), a_line(id=2, number="+81363040004")]
    check_numbers(lines, 1, now)
    with pytest.raises(BadValue, match=r"numbers of the contract: found 6, expected 5 at most"):
        check_numbers(lines, 2, now)


def test_numbers_of_an_ended_line_do_not_count(a_line: MakeLine, now: datetime) -> None:
    check_numbers([a_line(additional=("a", "b", "c", "d"), ends_at=now)], 5, now)


def test_one_line_of_a_contract_has_the_extra_channel(a_line: MakeLine, now: datetime) -> None:
    lines = [a_line(double_channel=True), a_line(id=2)]
    check_double_channel(lines, 1, now)
    with pytest.raises(BadValue, match="double channel: found 'line 1 has it'"):
        check_double_channel(lines, 2, now)
    with pytest.raises(BadValue, match="double channel"):
        check_double_channel(lines, None, now)
    check_double_channel([a_line(double_channel=True, ends_at=now)], 2, now)


def test_a_contract_ends_with_its_last_line(a_line: MakeLine, now: datetime) -> None:
    later = now + timedelta(days=1)
    assert ends_at([]) is None
    assert ends_at([a_line(ends_at=now), a_line(id=2)]) is None
    assert ends_at([a_line(ends_at=later), a_line(id=2, ends_at=now)]) == later
