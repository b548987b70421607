"""How a registered phone is called back: what it is shown, by which trunks, and what is said for the record."""

from dataclasses import replace

from agi.calling_back import phone_variables
from agi.paid import Paid, Why, read_paid
from dialplan.route import TRUNK_FAILED, Leg, decode
from dialplan.trunks import Trunk
from tests.agi.test_screening_steps import LINE, PHONE, TRUNK


def legs(*trunks: Trunk, leased: bool = False) -> tuple[Leg, ...]:
    found = phone_variables(LINE, PHONE, trunks, leased=leased, ring=45, chance=0.0)
    return decode(found["ROUTE"]).legs if found is not None else ()


def test_it_shows_the_leased_number_and_is_marked_as_what_nobody_pays_for() -> None:
    found = phone_variables(LINE, PHONE, (TRUNK,), leased=False, ring=45, chance=0.0)
    assert found is not None
    assert (found["SHOWN"], found["PRES"]) == ("0363040001", "allowed")
    assert read_paid(found["PAYS"]) == Paid(why=Why.CALLBACK)
    assert decode(found["ROUTE"]).line == LINE.id


def test_it_rings_as_long_as_it_shall_and_leaves_the_lines_channels_to_the_call_that_follows() -> None:
    (leg,) = legs(TRUNK)
    assert (leg.dial, leg.ring, leg.talk) == (f"PJSIP/0{PHONE[3:]}@carrier", 45, None)
    assert (leg.group, leg.limit, LINE.channels) == ("b1", 3, 1)


def test_the_next_trunk_is_tried_when_one_fails_and_the_last_leads_nowhere() -> None:
    second = replace(TRUNK, name="second", priority=2, capacity=30)
    assert [(leg.trunk, leg.then, leg.capacity) for leg in legs(second, TRUNK)] == [
        ("carrier", TRUNK_FAILED, None),
        ("second", (), 30),
    ]


def test_a_trunk_that_may_not_show_the_leased_number_is_not_used() -> None:
    assert legs(replace(TRUNK, shows=("06",))) == ()


def test_a_phone_that_is_a_leased_number_of_ours_is_called_inside() -> None:
    (leg,) = legs(leased=True)
    assert (leg.dial, leg.trunk) == (f"Local/0{PHONE[3:]}@on-switch/n", None)
