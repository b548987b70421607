from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled
from subscribers.forwarding import Forwarding
from subscribers.lines import Line
from subscribers.targets import TargetRefusal, check_forward_list, check_target, refusal_of_target

MakeLine = Callable[..., Line]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("110", TargetRefusal.EMERGENCY),
        ("118", TargetRefusal.EMERGENCY),
        ("119", TargetRefusal.EMERGENCY),
        ("117", TargetRefusal.SPECIAL),
        ("177", TargetRefusal.SPECIAL),
        ("0120-123-456", TargetRefusal.FREE_PHONE),
        ("0800-123-4567", TargetRefusal.FREE_PHONE),
        ("0570-012-345", TargetRefusal.NAVI),
        ("#1234", TargetRefusal.HASH_DIAL),
        ("0033 03-1234-5678", TargetRefusal.CARRIER_PREFIX),
        ("010 1 212 555 1234", TargetRefusal.INTERNATIONAL),
        ("+1 212 555 1234", TargetRefusal.INTERNATIONAL),
        ("0990-512-345", TargetRefusal.PREMIUM),
        ("020-1234-5678", TargetRefusal.PAGER),
        ("03-6304-0001", TargetRefusal.OWN_NUMBER),
        ("+81 3 6304 0002", TargetRefusal.OWN_NUMBER),
        ("80123456", TargetRefusal.ON_NET),
        ("", TargetRefusal.INVALID),
        ("03-1234", TargetRefusal.INVALID),
        ("0" * 40, TargetRefusal.INVALID),
    ],
)
def test_a_line_may_not_be_forwarded_to(text: str, refusal: TargetRefusal, a_line: MakeLine) -> None:
    line = a_line(additional=("+81363040002",))
    assert refusal_of_target(dialled(text), line) is refusal
    with pytest.raises(BadValue, match=r"forward number: found .*, expected a number to forward to, not"):
        check_target(text, line)


@pytest.mark.parametrize("text", ["03-1234-5678", "0422-12-3456", "090-1234-5678", "070-1234-5678", "050-3123-4567"])
def test_fixed_mobile_and_050_numbers_are_taken(text: str, a_line: MakeLine) -> None:
    assert refusal_of_target(dialled(text), a_line()) is None
    assert check_target(text, a_line()) == dialled(text).e164


def test_a_line_opened_for_it_is_forwarded_abroad(a_line: MakeLine) -> None:
    assert check_target("010-1-212-555-1234", a_line(international_allowed=True)) == "+12125551234"


def test_184_in_front_belongs_to_a_call_not_to_the_list(a_line: MakeLine) -> None:
    with pytest.raises(BadValue, match="without 184 or 186"):
        check_target("184 090-1234-5678", a_line())


@pytest.mark.parametrize("kind", list(NumberClass))
def test_every_class_is_decided(kind: NumberClass, a_line: MakeLine) -> None:
    number = replace(dialled("090-1234-5678"), kind=kind)
    taken = {NumberClass.FIXED, NumberClass.MOBILE, NumberClass.IP}
    refusal = refusal_of_target(number, a_line())
    assert (refusal is None) == (kind in taken)
    assert refusal is None or refusal.name == kind.name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=50), st.from_regex(r"[+#]?[0-9*#-]{0,40}", fullmatch=True)))
def test_whatever_is_keyed_becomes_e164_or_a_refusal(text: str, a_line: MakeLine) -> None:
    try:
        number = check_target(text, a_line())
    except BadValue:
        return
    assert number.startswith("+81")
    assert number not in a_line().numbers


def test_a_list_is_checked_again_when_the_line_changes(a_line: MakeLine) -> None:
    line = a_line(international_allowed=True, forwarding=Forwarding(entries=(None, "+12125551234", None, None)))
    check_forward_list(line)
    with pytest.raises(BadValue, match=r"\+12125551234"):
        check_forward_list(replace(line, international_allowed=False))
