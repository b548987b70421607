import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.caller import Caller, asserts, caller_of

MOBILE = "+819011112222"


@pytest.mark.parametrize("number", ["09011112222", "+819011112222", "819011112222"])
@pytest.mark.parametrize("presentation", ["allowed", "allowed_not_screened", "allowed_passed_screen", ""])
def test_a_shown_number_is_read_however_a_carrier_writes_it(number: str, presentation: str) -> None:
    assert caller_of(presentation, number, "") == Caller(number=MOBILE)


@pytest.mark.parametrize("presentation", ["prohib", "prohib_not_screened", "prohib_passed_screen"])
def test_a_withheld_number_is_known_where_the_network_tells_it(presentation: str) -> None:
    assert caller_of(presentation, "09011112222", "Anonymous") == Caller(number=MOBILE, withheld=True)


def test_a_caller_who_is_anonymous_by_name_alone_withholds_too() -> None:
    assert caller_of("allowed_not_screened", "anonymous", "Anonymous") == Caller(withheld=True)
    assert caller_of("allowed_not_screened", "Anonymous", "") == Caller(withheld=True)


@pytest.mark.parametrize(
    "name", ["Coin line/payphone", "coin line/payphone", "Unavailable", "Interaction with other"]
)
@pytest.mark.parametrize("presentation", ["prohib", "allowed_not_screened", "unavailable"])
def test_a_payphone_and_a_network_that_cannot_tell_withhold_nothing(name: str, presentation: str) -> None:
    assert caller_of(presentation, "anonymous", name) == Caller()


def test_a_number_that_is_unavailable_is_not_withheld() -> None:
    assert caller_of("unavailable", "", "") == Caller()


@pytest.mark.parametrize(
    "header",
    [
        "<sip:09011112222@carrier.example>",
        "<sip:+819011112222@carrier.example;user=phone>",
        "sip:+819011112222@carrier.example",
        "<tel:+819011112222>",
        "<tel:+81-90-1111-2222>",
        "tel:+819011112222",
        '"山田" <sips:+819011112222@carrier.example>',
        "Yamada <SIP:+819011112222@carrier.example>, <tel:+819011112222>",
        '"a \\" b" <sip:+819011112222@carrier.example>',
    ],
)
def test_what_a_carrier_asserts_is_read(header: str) -> None:
    assert asserts(header, MOBILE)
    assert not asserts(header, "+819011112223")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        '"<sip:+819011112222@x>" <sip:+819033334444@carrier.example>',
        '"+819011112222" <sip:+819033334444@carrier.example>',
        '"a\\" <sip:+819011112222@x>" <sip:+819033334444@carrier.example>',
        "sip:+819011112222@x <sip:+819033334444@carrier.example>",
        "<sip:+819033334444@carrier.example>, <sip:+819011112222@x>",
        "<sip:carrier.example;+819011112222>",
        "<sip:+819033334444@+819011112222>",
        "<sip:anonymous@anonymous.invalid>",
        "<http://+819011112222>",
        '"unended <sip:+819011112222@x>',
        "<<sip:+819011112222@x>>",
        "+819011112222",
    ],
)
def test_nothing_but_the_asserted_number_itself_counts(header: str | None) -> None:
    assert not asserts(header, MOBILE)


@given(st.text(alphabet='"<>\\;@:sip+819011112222 ,tel', max_size=60))
def test_no_display_name_can_lend_a_number(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    assert not asserts(f'"{quoted}" <sip:+819033334444@carrier.example>', MOBILE)


@given(st.text(max_size=200))
def test_no_header_breaks_the_reading(header: str) -> None:
    assert asserts(header, MOBILE) in (True, False)
