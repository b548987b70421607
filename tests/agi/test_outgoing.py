"""Which numbers a line may call out to, how they are reached, and what is shown (services §3 and §4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.outgoing import Outgoing, Reached, Refused, paid, reach, route_out, shown, withheld
from agi.paid import Paid, Why
from dialplan.numbers import dialled
from dialplan.refusals import Refusal
from dialplan.route import TRUNK_FAILED
from dialplan.trunks import Trunk
from subscribers.lines import Handset
from subscribers.onnet import OnNetTarget
from tests.agi.test_screening_steps import AT, LINE, MEMBER, PHONE, TRUNK

CALL = Outgoing(line=LINE, member=MEMBER, at=AT, dialled=dialled("0312345678"), trunks=(TRUNK,))


def called(digits: str, **facts: object) -> Reached | Refused:
    return reach(replace(CALL, dialled=dialled(digits), **facts))  # type: ignore[arg-type]


def refusal(found: Reached | Refused) -> Refusal:
    assert isinstance(found, Refused)
    assert found.reason
    return found.refusal


def reached(found: Reached | Refused) -> Reached:
    assert isinstance(found, Reached), found
    return found


@pytest.mark.parametrize(
    ("digits", "sent"),
    [
        ("0312345678", "0312345678"),
        ("09012345678", "09012345678"),
        ("05012345678", "05012345678"),
        ("0120123456", "0120123456"),
        ("0570123456", "0570123456"),
        ("1840312345678", "0312345678"),
        ("117", "117"),
        ("171", "171"),
        ("177", "177"),
        ("+81312345678", "0312345678"),
    ],
)
def test_a_number_that_may_be_dialled_goes_out_by_the_carrier(digits: str, sent: str) -> None:
    (leg,) = reached(called(digits)).legs
    assert (leg.dial, leg.how, leg.trunk, leg.group, leg.limit) == (
        f"PJSIP/{sent}@carrier",
        "out",
        "carrier",
        "f1",
        1,
    )


@pytest.mark.parametrize(
    "digits",
    ["114", "106", "00390312345678", "00330312345678", "00360312345678", "122003903123", "0990123456", "110", "119"],
)
def test_a_barred_number_is_never_dialled(digits: str) -> None:
    assert refusal(called(digits)) is Refusal.CANNOT_BE_DIALLED


@pytest.mark.parametrize("digits", ["031234567", "0000", "184", "1", "abc", "*99"])
def test_what_is_no_number_is_not_in_use(digits: str) -> None:
    assert refusal(called(digits)) in (Refusal.NOT_IN_USE, Refusal.CANNOT_BE_DIALLED)


def test_international_calls_are_closed_until_the_line_is_opened() -> None:
    assert refusal(called("010442079460000")) is Refusal.INTERNATIONAL_CLOSED
    opened = replace(LINE, international_allowed=True)
    found = reached(called("010442079460000", line=opened))
    assert (found.number, found.legs[0].dial) == ("+442079460000", "PJSIP/010442079460000@carrier")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"starts_at": AT + timedelta(seconds=1)}, Refusal.NOT_IN_USE),
        ({"ends_at": AT}, Refusal.NOT_IN_USE),
        ({"suspended_at": AT}, Refusal.SUSPENDED),
    ],
)
def test_only_an_active_line_calls_out(change: dict[str, object], expected: Refusal) -> None:
    assert refusal(called("0312345678", line=replace(LINE, **change))) is expected  # type: ignore[arg-type]


def test_the_lines_own_number_is_not_called() -> None:
    assert refusal(called("0363040001")) is Refusal.CANNOT_BE_DIALLED


def test_another_leased_number_never_leaves_the_switch() -> None:
    (leg,) = reached(called("0363040002", target_is_leased=True)).legs
    assert (leg.dial, leg.trunk) == ("Local/0363040002@on-switch/n", None)


def test_an_on_net_number_reaches_the_line_of_the_group_and_is_marked_as_such() -> None:
    found = reached(called("8112345", on_net=OnNetTarget(number="+81363040002", trunk=None, digits="8112345")))
    assert (found.legs[0].dial, found.number, found.to_kind) == (
        "Local/0363040002@on-switch/n",
        "+81363040002",
        "on_net",
    )
    assert refusal(called("8112345")) is Refusal.NOT_IN_USE


def test_a_mobile_extension_hangs_off_its_trunk_with_the_trunks_own_limit() -> None:
    mobile = Trunk(name="office-link", host="127.0.0.9", sources=("127.0.0.9",), capacity=100)
    target = OnNetTarget(number=None, trunk="office-link", digits="2001")
    (leg,) = reached(called("8112001", on_net=target, trunks=(TRUNK, mobile))).legs
    assert (leg.dial, leg.trunk, leg.capacity, leg.then) == ("PJSIP/2001@office-link", "office-link", 100, ())
    assert refusal(called("8112001", on_net=target)) is Refusal.CANNOT_BE_REACHED


def test_hash_dial_reaches_the_number_its_owner_set_by_the_rules_of_that_number() -> None:
    found = reached(called("#1234", hash_number="+81312345678"))
    assert found.number == "+81312345678"
    assert refusal(called("#1234")) is Refusal.NOT_IN_USE
    assert refusal(called("#1234", hash_number="+442079460000")) is Refusal.INTERNATIONAL_CLOSED


@pytest.mark.parametrize(
    ("keyed", "default", "expected"),
    [("", False, False), ("", True, True), ("184", False, True), ("186", True, False)],
)
def test_184_and_186_go_before_the_lines_default(keyed: str, default: bool, expected: bool) -> None:
    call = replace(CALL, line=replace(LINE, withhold=default), dialled=dialled(keyed + "0312345678"))
    assert withheld(call) is expected
    assert paid(call, None).withheld is expected


def test_the_handset_shows_the_number_chosen_for_it_and_a_registered_phone_the_leased_one() -> None:
    line = replace(LINE, handset=Handset(sip_user="h1", sealed_password="x", presents="+81363040009"))
    assert shown(replace(CALL, line=line)) == "+81363040009"
    assert shown(replace(CALL, line=line, by=PHONE)) == LINE.number


def test_several_trunks_are_tried_in_order_and_only_the_last_leads_nowhere() -> None:
    second = replace(TRUNK, name="second", priority=2, capacity=30)
    legs = reached(called("0312345678", trunks=(second, TRUNK))).legs
    assert [leg.trunk for leg in legs] == ["carrier", "second"]
    assert [leg.then for leg in legs] == [TRUNK_FAILED, ()]
    assert [leg.capacity for leg in legs] == [None, 30]


def test_a_trunk_that_may_not_show_the_number_is_not_used_even_to_withhold_it() -> None:
    elsewhere = replace(TRUNK, shows=("06",))
    assert refusal(called("1840312345678", trunks=(elsewhere,))) is Refusal.TRY_LATER


def test_the_time_that_may_be_talked_bounds_every_leg() -> None:
    found = reached(called("0312345678", trunks=(TRUNK, replace(TRUNK, name="second"))))
    assert [leg.talk for leg in route_out(CALL, found, 59_500).legs] == [59_500, 59_500]


def test_the_record_says_who_called_out_and_where_to() -> None:
    call = replace(CALL, by=PHONE)
    assert paid(call, reached(reach(call))) == Paid(why=Why.OUT, to="0312345678", by=PHONE)
    assert paid(call, None).to == "0312345678"


@given(st.text(max_size=30))
def test_whatever_is_keyed_is_reached_or_refused_and_emergency_never_reached(digits: str) -> None:
    found = called(digits)
    if isinstance(found, Reached):
        assert found.legs
        assert dialled(digits).digits not in ("110", "118", "119")
