"""Steps 2 to 6 of a call to a leased number (services §2): each rule, and that they come in their order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.caller import SOMEBODY, WITHHELD, Caller
from agi.incoming import Decision, Incoming, decide
from dialplan.codes import MEMBER_MENU
from dialplan.refusals import RELEASES, Refusal
from dialplan.trunks import Trunk
from subscribers.forwarding import Forwarding, ForwardMode
from subscribers.lines import Handset, Language, Line, Plan
from subscribers.members import IdentityCheck, IdentityMethod, Member, MemberKind
from subscribers.screening import ON_NO_LIST, UNSCREENED, Listed, Screening, SelectMode

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
PHONE, STRANGER, TARGET = "+819011110001", "+819055556666", "+819077778888"
MEMBER = Member(
    id=1,
    name="山田商店",
    kind=MemberKind.VIRTUAL_OFFICE,
    room_capacity=None,
    identity=IdentityCheck(checked_on=AT.date(), method=IdentityMethod.IN_PERSON, checked_by="佐藤"),
    suspended_at=None,
    leaves_at=None,
)
LINE = Line(
    id=1,
    contract_id=1,
    member_id=1,
    number="+81363040001",
    plan=Plan.FIXED_PHONE,
    additional=(),
    double_channel=False,
    starts_at=AT,
    ends_at=None,
    suspended_at=None,
    call_waiting=False,
    present_leased=False,
    international_allowed=False,
    language=Language.JAPANESE,
    handset=Handset(sip_user="h1", sealed_password="gAAA"),
    registered_phones=(PHONE,),
    forwarding=Forwarding(mode=ForwardMode.UNCONDITIONAL, entries=(TARGET, None, None, None)),
    revision=1,
)
TRUNK = Trunk(name="carrier", host="127.0.0.2", sources=("127.0.0.2",))

SHOWN = Caller(number=STRANGER)


def decided(
    caller: Caller = SHOWN,
    listed: Listed = ON_NO_LIST,
    screening: Screening = UNSCREENED,
    line: Line = LINE,
) -> Decision:
    return decide(
        Incoming(
            number=line.number,
            diversions=0,
            at=AT,
            line=replace(line, screening=screening),
            member=MEMBER,
            target_is_leased=False,
            trunks=(TRUNK,),
            caller=caller,
            listed=listed,
        )
    )


def dials(decision: Decision) -> list[str]:
    return [leg.dial for leg in decision.route.legs]


FORWARDED, RINGS = ["PJSIP/09077778888@carrier"], ["PJSIP/h1"]
VOUCHED = Caller(number=PHONE, vouched=True)


def test_a_registered_phone_the_network_vouches_for_gets_the_menu() -> None:
    assert decided(VOUCHED).flow == MEMBER_MENU


@pytest.mark.parametrize(
    "caller",
    [
        Caller(number=PHONE),
        Caller(number=PHONE, withheld=True, vouched=True),
        Caller(number=STRANGER, vouched=True),
        Caller(vouched=True),
        SOMEBODY,
        WITHHELD,
    ],
)
def test_nobody_else_gets_it(caller: Caller) -> None:
    decision = decided(caller)
    assert (decision.flow, dials(decision)) == (None, FORWARDED)


def test_without_the_menu_a_member_is_a_caller_like_any_other() -> None:
    assert dials(decided(VOUCHED)) == FORWARDED
    assert decided(VOUCHED, Listed(nuisance=True)).route.refusal is Refusal.NUISANCE_BLOCKED


def test_a_suspended_line_has_no_menu() -> None:
    suspended = replace(LINE, suspended_at=AT - timedelta(days=1))
    assert decided(VOUCHED, line=suspended) == decided(line=suspended)
    assert decided(VOUCHED, line=suspended).flow is None


@pytest.mark.parametrize("withheld", [False, True])
def test_a_nuisance_caller_is_refused_shown_or_withheld(withheld: bool) -> None:
    caller = Caller(number=STRANGER, withheld=withheld)
    assert decided(caller, Listed(nuisance=True)).route.refusal is Refusal.NUISANCE_BLOCKED
    assert decided(caller, screening=Screening(nuisance=True)).route.refusal is None


def test_who_withholds_is_asked_for_the_number_and_others_pass() -> None:
    for withheld in (WITHHELD, Caller(number=STRANGER, withheld=True)):
        assert decided(withheld, screening=Screening(number_request=True)).route.refusal is Refusal.NUMBER_REQUEST
        assert decided(withheld).route.refusal is None
    for shown in (Caller(number=STRANGER), SOMEBODY):
        assert decided(shown, screening=Screening(number_request=True)).route.refusal is None


def test_only_allowed_callers_get_through_an_allow_list() -> None:
    on = Screening(allow_on=True, allow_limit=20)
    assert dials(decided(listed=Listed(allowed=True), screening=on)) == FORWARDED
    for caller in (Caller(number=STRANGER), SOMEBODY, WITHHELD):
        assert decided(caller, screening=on).route.refusal is Refusal.CALLER_NOT_ALLOWED
    assert dials(decided(screening=Screening(allow_limit=20))) == FORWARDED


@pytest.mark.parametrize(
    ("mode", "listed", "goes"),
    [
        (SelectMode.FORWARDED, True, FORWARDED),
        (SelectMode.FORWARDED, False, RINGS),
        (SelectMode.RING, True, RINGS),
        (SelectMode.RING, False, FORWARDED),
        (SelectMode.OFF, True, FORWARDED),
        (SelectMode.OFF, False, FORWARDED),
    ],
)
def test_select_says_who_follows_the_forwarding(mode: SelectMode, listed: bool, goes: list[str]) -> None:
    assert dials(decided(listed=Listed(selected=listed), screening=Screening(select=mode))) == goes


@pytest.mark.parametrize("mode", SelectMode)
@pytest.mark.parametrize("listed", [False, True])
def test_select_does_not_act_on_withheld_numbers(mode: SelectMode, listed: bool) -> None:
    caller = Caller(number=STRANGER, withheld=True)
    assert dials(decided(caller, Listed(selected=listed), screening=Screening(select=mode))) == FORWARDED


def test_a_number_that_is_merely_unavailable_is_on_no_select_list() -> None:
    assert dials(decided(SOMEBODY, screening=Screening(select=SelectMode.FORWARDED))) == RINGS
    assert dials(decided(SOMEBODY, screening=Screening(select=SelectMode.RING))) == FORWARDED


def test_a_call_select_leaves_to_ring_on_a_line_without_a_handset_reaches_nobody() -> None:
    bare = replace(LINE, handset=None)
    decision = decided(line=bare, screening=Screening(select=SelectMode.FORWARDED))
    assert decision.route.refusal is Refusal.CANNOT_BE_REACHED


def test_select_forwards_nobody_when_forwarding_is_off() -> None:
    off = replace(LINE, forwarding=Forwarding(entries=(TARGET, None, None, None)))
    assert (
        dials(decided(listed=Listed(selected=True), line=off, screening=Screening(select=SelectMode.FORWARDED)))
        == RINGS
    )


callers = st.builds(
    Caller,
    number=st.sampled_from([None, PHONE, STRANGER]),
    withheld=st.booleans(),
    vouched=st.booleans(),
)
lists = st.builds(Listed, nuisance=st.booleans(), allowed=st.booleans(), selected=st.booleans())
screenings = st.builds(
    Screening, number_request=st.booleans(), allow_on=st.booleans(), select=st.sampled_from(SelectMode)
)


@given(callers, lists, screenings)
def test_the_first_step_that_applies_decides(caller: Caller, listed: Listed, screening: Screening) -> None:
    decision = decided(caller, listed, screening)
    if caller.vouched and not caller.withheld and caller.number == PHONE:
        assert decision.flow == MEMBER_MENU
        decision = decided(replace(caller, vouched=False), listed, screening)
    assert decision.flow is None
    if listed.nuisance:
        expected: Refusal | None = Refusal.NUISANCE_BLOCKED
    elif screening.number_request and caller.withheld:
        expected = Refusal.NUMBER_REQUEST
    elif screening.allow_on and not listed.allowed:
        expected = Refusal.CALLER_NOT_ALLOWED
    else:
        expected = None
    assert decision.route.refusal is expected
    assert bool(decision.route.legs) is (expected is None)


def test_a_caller_who_is_turned_away_is_released_as_rejected() -> None:
    causes = {release.refusal: release.cause for release in RELEASES}
    turned_away = (Refusal.NUISANCE_BLOCKED, Refusal.NUMBER_REQUEST, Refusal.CALLER_NOT_ALLOWED)
    assert [causes[refusal] for refusal in turned_away] == [21, 21, 21]
    assert set(causes) == set(Refusal)
