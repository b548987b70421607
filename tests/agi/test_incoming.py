"""Steps 1, 7 and 10 of a call to a leased number, and the rules of a forwarded leg (services §2)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agi.incoming import MAX_DIVERSIONS, Decision, Incoming, decide
from dialplan.refusals import Refusal
from dialplan.route import UNANSWERED_SECONDS, Outcome
from subscribers.forwarding import Forwarding, ForwardMode
from subscribers.lines import Line, Plan
from tests.agi.test_screening_steps import AT, LINE, MEMBER, TARGET, TRUNK

BARE = replace(LINE, plan=Plan.IN_OUT, handset=None)
CONDITIONAL = (ForwardMode.NO_ANSWER, ForwardMode.BUSY, ForwardMode.NO_ANSWER_OR_BUSY)


def decided(line: Line | None, **facts: object) -> Decision:
    call = Incoming(
        number=LINE.number,
        diversions=0,
        at=AT,
        line=line,
        member=None if line is None else MEMBER,
        target_is_leased=False,
        trunks=(TRUNK,),
    )
    return decide(replace(call, **facts))  # type: ignore[arg-type]


def forwarding(mode: ForwardMode, line: Line = LINE, target: str = TARGET) -> Line:
    return replace(line, forwarding=Forwarding(mode=mode, entries=(target, None, None, None), ring_seconds=7))


def refusal(decision: Decision) -> Refusal | None:
    assert bool(decision.route.legs) == (decision.route.refusal is None)
    return decision.route.refusal


def test_a_number_without_a_line_is_not_in_use_and_nobody_pays() -> None:
    decision = decided(None)
    assert refusal(decision) is Refusal.NOT_IN_USE
    assert decision.route.line is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"starts_at": AT + timedelta(seconds=1)}, Refusal.NOT_IN_USE),
        ({"ends_at": AT}, Refusal.NOT_IN_USE),
        ({"suspended_at": AT}, Refusal.SUSPENDED),
        ({"suspended_at": AT + timedelta(seconds=1)}, None),
    ],
)
def test_a_line_that_is_not_active_is_refused_from_the_very_second(
    change: dict[str, object], expected: Refusal | None
) -> None:
    assert refusal(decided(replace(LINE, **change))) is expected  # type: ignore[arg-type]


def test_without_an_identity_check_a_line_is_not_in_use_whatever_its_dates() -> None:
    assert refusal(decided(LINE, member=replace(MEMBER, identity=None))) is Refusal.NOT_IN_USE


def test_unconditional_forwarding_dials_the_target_and_names_the_leased_number() -> None:
    (leg,) = decided(forwarding(ForwardMode.UNCONDITIONAL)).route.legs
    assert (leg.dial, leg.ring, leg.diverting, leg.show) == (
        "PJSIP/09077778888@carrier",
        UNANSWERED_SECONDS,
        "0363040001",
        None,
    )


@pytest.mark.parametrize(
    ("mode", "ring", "then"),
    [
        (ForwardMode.NO_ANSWER, 7, {Outcome.NO_ANSWER, Outcome.UNAVAILABLE, Outcome.CONGESTION}),
        (ForwardMode.BUSY, UNANSWERED_SECONDS, {Outcome.BUSY}),
        (ForwardMode.NO_ANSWER_OR_BUSY, 7, set(Outcome) - {Outcome.FULL}),
    ],
)
def test_a_conditional_mode_rings_the_handset_and_forwards_after_its_outcomes(
    mode: ForwardMode, ring: int, then: set[Outcome]
) -> None:
    handset, forwarded = decided(forwarding(mode)).route.legs
    assert (handset.dial, handset.ring, set(handset.then)) == ("PJSIP/h1", ring, then)
    assert forwarded.dial == "PJSIP/09077778888@carrier"


@pytest.mark.parametrize("mode", [ForwardMode.UNCONDITIONAL, *CONDITIONAL])
def test_a_line_with_nothing_to_ring_forwards_at_once_in_every_mode(mode: ForwardMode) -> None:
    (leg,) = decided(forwarding(mode, BARE)).route.legs
    assert leg.dial == "PJSIP/09077778888@carrier"


def test_without_forwarding_the_handset_rings_and_without_a_handset_nobody_is_reached() -> None:
    (leg,) = decided(forwarding(ForwardMode.OFF)).route.legs
    assert (leg.dial, leg.ring, leg.then) == ("PJSIP/h1", UNANSWERED_SECONDS, ())
    assert refusal(decided(forwarding(ForwardMode.OFF, BARE))) is Refusal.CANNOT_BE_REACHED


@pytest.mark.parametrize("target", ["+81120123456", "+81570123456", "+16502530000", LINE.number])
def test_a_target_that_may_not_be_dialled_is_refused_but_the_handset_still_rings(target: str) -> None:
    assert refusal(decided(forwarding(ForwardMode.UNCONDITIONAL, target=target))) is Refusal.FORWARD_REFUSED
    (leg,) = decided(forwarding(ForwardMode.NO_ANSWER, target=target)).route.legs
    assert (leg.dial, leg.then) == ("PJSIP/h1", ())


def test_an_international_target_needs_a_line_that_is_opened_for_it() -> None:
    opened = replace(forwarding(ForwardMode.UNCONDITIONAL, target="+16502530000"), international_allowed=True)
    (leg,) = decided(opened).route.legs
    assert leg.dial == "PJSIP/01016502530000@carrier"


def test_the_sixth_diversion_ends_the_loop_but_the_handset_still_rings() -> None:
    line = forwarding(ForwardMode.UNCONDITIONAL)
    assert refusal(decided(line, diversions=MAX_DIVERSIONS - 1)) is None
    assert refusal(decided(line, diversions=MAX_DIVERSIONS)) is Refusal.FORWARD_LOOP
    (leg,) = decided(forwarding(ForwardMode.BUSY), diversions=MAX_DIVERSIONS).route.legs
    assert leg.dial == "PJSIP/h1"


def test_a_leased_target_is_reached_inside_the_switch() -> None:
    line = forwarding(ForwardMode.UNCONDITIONAL, target="+81341000001")
    (leg,) = decided(line, target_is_leased=True).route.legs
    assert leg.dial == "Local/0341000001@on-switch/n"


@pytest.mark.parametrize(("double", "waiting", "forwarded", "handset"), [(False, False, 1, 1), (True, True, 2, 2)])
def test_channels_limit_forwarded_calls_and_call_waiting_those_on_the_handset(
    double: bool, waiting: bool, forwarded: int, handset: int
) -> None:
    line = replace(forwarding(ForwardMode.BUSY), double_channel=double, call_waiting=waiting)
    first, second = decided(line).route.legs
    assert (first.group, first.limit) == ("h1", handset)
    assert (second.group, second.limit) == ("f1", forwarded)


def test_an_additional_number_is_named_as_the_one_that_was_called() -> None:
    line = replace(forwarding(ForwardMode.UNCONDITIONAL), additional=("+81363040002",), present_leased=True)
    (leg,) = decided(line, number="+81363040002").route.legs
    assert (leg.diverting, leg.show) == ("0363040002", "0363040002")


FAILOVER = "+81311112222"


def test_a_handset_known_to_be_down_is_not_rung_but_failed_over() -> None:
    line = replace(forwarding(ForwardMode.OFF), failover_number=FAILOVER, faulty=True)
    (leg,) = decided(line).route.legs
    assert (leg.dial, leg.diverting) == ("PJSIP/0311112222@carrier", "0363040001")


def test_a_handset_that_went_away_unnoticed_is_tried_before_the_failover() -> None:
    line = replace(forwarding(ForwardMode.OFF), failover_number=FAILOVER)
    handset, failover = decided(line).route.legs
    assert set(handset.then) == {Outcome.UNAVAILABLE, Outcome.CONGESTION}
    assert failover.dial == "PJSIP/0311112222@carrier"


def test_forwarding_comes_before_the_failover_and_does_not_ring_what_is_down() -> None:
    line = replace(forwarding(ForwardMode.NO_ANSWER), failover_number=FAILOVER, faulty=True)
    (leg,) = decided(line).route.legs
    assert leg.dial == "PJSIP/09077778888@carrier"
    busy = replace(forwarding(ForwardMode.BUSY), failover_number=FAILOVER, faulty=True)
    assert [leg.dial for leg in decided(busy).route.legs] == ["PJSIP/0311112222@carrier"]


def test_a_failover_that_may_not_be_dialled_leaves_the_handset_ringing() -> None:
    line = replace(forwarding(ForwardMode.OFF), failover_number="+16502530000", faulty=True)
    assert [leg.dial for leg in decided(line).route.legs] == ["PJSIP/h1"]


def test_a_forwarded_call_has_every_trunk_and_shows_the_leased_number_where_the_callers_may_not_be() -> None:
    strict = replace(TRUNK, name="strict", priority=2, shows=("03",))
    elsewhere = replace(TRUNK, name="elsewhere", priority=3, shows=("06",))
    legs = decided(forwarding(ForwardMode.UNCONDITIONAL), trunks=(elsewhere, strict, TRUNK)).route.legs
    assert [(leg.trunk, leg.show) for leg in legs] == [("carrier", None), ("strict", "0363040001")]
    assert [bool(leg.then) for leg in legs] == [True, False]
