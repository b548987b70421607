"""The classes of Japan's numbering plan, as subscribers key them and trunks present them."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialplan import areas
from dialplan.errors import BadValue
from dialplan.numbers import (
    Dialled,
    NumberClass,
    Presentation,
    dialled,
    national,
    normalise,
    presented,
    shown,
)
from dialplan.special import SPECIALS, Reach

K = NumberClass
DIGITS = st.text("0123456789", max_size=40)
KEYS = st.text("0123456789#+*-() 　０１２３４５６７８９＃＋ー", max_size=50)
MOBILE = st.from_regex(r"0[6789]0[1-9][0-9]{7}", fullmatch=True)
AREAS = ("03", "042", "044", "045", "052", "06", "075", "047", "048")


@st.composite
def fixed_numbers(draw: st.DrawFn) -> str:
    area = draw(st.sampled_from(AREAS))
    # 04-7 and 0428 are other areas: the digit after the code is kept to one that belongs to every one here.
    rest = draw(st.text("0123456789", min_size=9 - len(area), max_size=9 - len(area)))
    return area + "3" + rest


NATIONAL = MOBILE | fixed_numbers() | st.from_regex(r"0120[0-9]{6}|0800[0-9]{7}|050[1-9][0-9]{7}", fullmatch=True)


@pytest.mark.parametrize(
    ("keyed", "kind", "e164", "area"),
    [
        ("0312345678", K.FIXED, "+81312345678", "03"),
        ("03-1234-5678", K.FIXED, "+81312345678", "03"),
        ("（０３）１２３４−５６７８", K.FIXED, "+81312345678", "03"),
        ("０３ー１２３４ー５６７８", K.FIXED, "+81312345678", "03"),
        ("0661234567", K.FIXED, "+81661234567", "06"),
        ("0421234567", K.FIXED, "+81421234567", "042"),
        ("0428781234", K.FIXED, "+81428781234", "0428"),
        ("0422212345", K.FIXED, "+81422212345", "0422"),
        ("0471231234", K.FIXED, "+81471231234", "04"),
        ("0473341234", K.FIXED, "+81473341234", "047"),
        ("0499212345", K.FIXED, "+81499212345", "04992"),
        ("0112345678", K.FIXED, "+81112345678", "011"),
        ("09011112222", K.MOBILE, "+819011112222", None),
        ("08011112222", K.MOBILE, "+818011112222", None),
        ("07011112222", K.MOBILE, "+817011112222", None),
        ("06011112222", K.MOBILE, "+816011112222", None),
        ("05055270840", K.IP, "+815055270840", None),
        ("0120123456", K.FREE_PHONE, "+81120123456", None),
        ("08001234567", K.FREE_PHONE, "+818001234567", None),
        ("0570012345", K.NAVI, "+81570012345", None),
        ("02041234567", K.PAGER, "+812041234567", None),
        ("0990123456", K.PREMIUM, "+81990123456", None),
        ("0101-212-555-1234", K.INTERNATIONAL, "+12125551234", None),
        ("+1 (212) 555-1234", K.INTERNATIONAL, "+12125551234", None),
        ("+44 020 7946 0018", K.INTERNATIONAL, "+442079460018", None),
        ("+39 06 698 12345", K.INTERNATIONAL, "+390669812345", None),
        ("010 8816 3123 4567", K.INTERNATIONAL, "+881631234567", None),
        ("+81 (0)3-1234-5678", K.FIXED, "+81312345678", "03"),
        ("010 81 90 1111 2222", K.MOBILE, "+819011112222", None),
        ("+81120123456", K.FREE_PHONE, "+81120123456", None),
        ("0036 09011112222", K.CARRIER_PREFIX, None, None),
        ("0033-010-1-212-555-1234", K.CARRIER_PREFIX, None, None),
        ("0039", K.CARRIER_PREFIX, None, None),
        ("001 010 1 212 555 1234", K.CARRIER_PREFIX, None, None),
        ("122 0077 03 1234 5678", K.CARRIER_PREFIX, None, None),
        ("#1234", K.HASH_DIAL, None, None),
        ("＃１２３４", K.HASH_DIAL, None, None),
        ("1001", K.ON_NET, None, None),
        ("8123", K.ON_NET, None, None),
        ("200", K.ON_NET, None, None),
        ("9" * 22, K.ON_NET, None, None),
    ],
)
def test_a_number_as_it_is_keyed_in_japan_has_its_class(
    keyed: str, kind: NumberClass, e164: str | None, area: str | None
) -> None:
    number = dialled(keyed)
    assert (number.kind, number.e164, number.area_code, number.why) == (kind, e164, area, None)
    assert number.presentation is Presentation.UNSET
    assert number.raw == keyed


@pytest.mark.parametrize("area", AREAS)
def test_every_area_code_sold_is_told_from_its_numbers(area: str) -> None:
    assert dialled((area + "3").ljust(10, "4")).area_code == area


@pytest.mark.parametrize(
    ("keyed", "expected"),
    [
        ("", "not 0 digits"),
        ("0", "10 digits for a fixed number, not 1"),
        ("00", "carrier prefix"),
        ("1" * 2, "not 2 digits"),
        ("9" * 23, "not 23 digits"),
        ("0" * 40, "at most 24 digits"),
        ("031234567", "10 digits for a fixed number, not 9"),
        ("031234567８９", "10 digits for a fixed number, not 11"),
        ("0901111222", "11 digits for a mobile number, not 10"),
        ("012012345", "10 digits for a free_phone number, not 9"),
        ("09001112222", "1 to 9 after 090, not 0"),
        ("05001112222", "1 to 9 after 050, not 0"),
        ("02001234567890", "1 to 9 after 020, not 0"),  # machines' data numbers: nothing to talk to
        ("0180123456", "an area code or class of Japan, not 0180"),
        ("0901-ABC", "digits, hyphens"),
        ("٠٣١٢٣٤٥٦٧٨", "digits, hyphens"),
        ("*21*0312345678", "digits, hyphens"),
        ("#123", "# and 4 digits, not 3"),
        ("#12345", "# and 4 digits, not 5"),
        ("#", "# and 4 digits, not 0"),
        ("010", "a country code"),
        ("+", "a country code"),
        ("+1212", "a country code"),
        ("010999123456789", "a country code"),
        ("+81110", "10 digits for a fixed number, not 4"),
        ("+81 010 1 212 555 1234", "a number inside Japan"),
        ("+81 0036 09011112222", "a number inside Japan"),
        ("184", "a number after 184"),
        ("１８６", "a number after 186"),
        ("184 186 0312345678", "186 only in front of a number"),
        ("184184", "184 only in front of a number"),
        ("1101", "110 by itself"),
        ("14220312345678", "142 by itself"),
        ("122", "122 only in front of a number"),
        ("199", "a three-digit code in use"),
    ],
)
def test_an_invalid_number_says_what_was_found_and_what_was_expected(keyed: str, expected: str) -> None:
    number = dialled(keyed)
    assert number.kind is K.INVALID
    assert number.e164 is None
    assert number.why is not None
    assert number.why.startswith(f"number: found {keyed!r}, expected ")
    assert expected in number.why


@pytest.mark.parametrize("code", [f"1{tens:02}" for tens in range(100)])
def test_every_three_digit_code_is_emergency_special_or_nothing(code: str) -> None:
    special = SPECIALS.get(code)
    number = dialled(code)
    if code in {"110", "118", "119"}:
        assert number.kind is K.EMERGENCY
    elif special is None or special.reach is Reach.PREFIX:
        assert number.kind is K.INVALID
    else:
        assert number.kind is K.SPECIAL
    assert number.digits == code
    assert number.e164 is None


def test_the_codes_the_documents_name_are_all_known() -> None:
    reach = {code: special.reach for code, special in SPECIALS.items()}
    assert {code for code in reach if reach[code] is Reach.EMERGENCY} == {"110", "118", "119"}
    assert {code for code in reach if reach[code] is Reach.NATIONAL} == {"117", "171", "177"}
    assert {code for code in reach if reach[code] is Reach.MENU} == {"142", "144", "147", "148"}
    assert {code for code in reach if reach[code] is Reach.REFUSED} == {"106", "114"}
    assert {"104", "113", "115", "116", "136", "188"} <= {c for c in reach if reach[c] is Reach.PRICED}


@pytest.mark.parametrize("written", ["110", "１１０", " 1 1 0 ", "1-1-0", "110#", "184110", "186 110"])
def test_the_police_are_reached_however_110_is_written(written: str) -> None:
    assert (dialled(written).kind, dialled(written).digits) == (K.EMERGENCY, "110")


@given(NATIONAL | st.sampled_from(["110", "119", "117", "#1234", "8123", "+12125551234", "0101212555123４"]))
def test_184_and_186_are_kept_and_change_nothing_else(number: str) -> None:
    plain, withheld, showing = dialled(number), dialled("184" + number), dialled("１８６-" + number)
    assert withheld.presentation is Presentation.WITHHOLD
    assert showing.presentation is Presentation.SHOW
    for prefixed in (withheld, showing):
        assert (prefixed.kind, prefixed.digits, prefixed.e164) == (plain.kind, plain.digits, plain.e164)


@given(st.text(max_size=80) | KEYS | DIGITS)
@example("")
@example("\ud800")
@example("²⁰½")
@example("0" * 10_000)
@example("+" + "9" * 15)
def test_no_text_whatever_raises(text: str) -> None:
    for number in (dialled(text), presented(text)):
        if number is None:
            assert not any(char in "0123456789" for char in text[:64])
            continue
        assert isinstance(number, Dialled)
        assert (number.kind is K.INVALID) == (number.why is not None)
        assert number.why is None or "\n" not in number.why
        assert (number.area_code is not None) == (number.kind is K.FIXED)
    shown(text)


@given(DIGITS)
def test_what_is_left_to_dial_means_the_same_number(digits: str) -> None:
    number = dialled(digits)
    if number.kind is not K.INVALID:
        again = dialled(number.digits)
        assert (again.kind, again.digits, again.e164) == (number.kind, number.digits, number.e164)


@given(NATIONAL)
def test_a_number_normalised_comes_back_as_it_is_dialled(number: str) -> None:
    e164 = normalise(number)
    assert national(e164) == number
    assert normalise(national(e164)) == e164
    assert normalise(e164) == e164
    assert normalise(shown(e164)) == e164


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
@example("+442079460018")
@example("+5491123456789")
def test_an_international_number_is_stored_in_one_form_only(text: str) -> None:
    try:
        e164 = normalise(text)
    except BadValue:
        return
    assert normalise(e164) == e164
    assert normalise(national(e164)) == e164


@given(fixed_numbers() | st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True))
@example("0839621234")
@example("0839631234")
def test_six_digits_are_enough_to_tell_the_area(number: str) -> None:
    parsed = phonenumbers.PhoneNumber(country_code=81, national_number=int(number))
    formatted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    fixed = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE
    assert areas.area_code(number) == (formatted.partition("-")[0] if fixed else None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("110", "'110', expected a number that can be reached from anywhere, not emergency"),
        ("#1234", "'#1234', expected a number that can be reached from anywhere, not hash_dial"),
        ("0036 09011112222", "not carrier_prefix"),
        ("8123", "not on_net"),
        ("18409011112222", "'18409011112222', expected a number without 184 or 186 in front"),
        ("0312", "'0312', expected 10 digits for a fixed number, not 4"),
        ("x, expected y", "'x, expected y', expected digits, hyphens, spaces"),
        ("9" * 65, "expected at most 64 characters, not 65"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(text: str, found: str) -> None:
    with pytest.raises(BadValue) as caught:
        normalise(text, "forward number")
    assert str(caught.value).startswith("forward number: found ")
    assert found in str(caught.value)


@pytest.mark.parametrize("text", ["", "0312345678", "+", "+810312345678", "+81312345678901234", "anonymous"])
def test_national_takes_nothing_but_e164(text: str) -> None:
    with pytest.raises(BadValue, match=r"E\.164 number"):
        national(text)


@pytest.mark.parametrize(
    ("e164", "people_read"),
    [
        ("+81312345678", "03-1234-5678"),
        ("+81422212345", "0422-21-2345"),
        ("+819011112222", "090-1111-2222"),
        ("+81120123456", "0120-123-456"),
        ("+815055270840", "050-5527-0840"),
        ("+12125551234", "+1 212-555-1234"),
        ("110", "110"),
        ("#1234", "#1234"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_number_is_shown_with_the_hyphens_people_expect(e164: str, people_read: str) -> None:
    assert shown(e164) == people_read


@pytest.mark.parametrize("text", [None, "", " ", "anonymous", "Restricted", "unavailable", "P", "O", "C", "非通知"])
def test_a_trunk_that_presents_no_digits_presents_nobody(text: str | None) -> None:
    assert presented(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "e164"),
    [
        ("+81312345678", K.FIXED, "+81312345678"),
        ("81312345678", K.FIXED, "+81312345678"),
        ("819011112222", K.MOBILE, "+819011112222"),
        ("0312345678", K.FIXED, "+81312345678"),
        ("09011112222", K.MOBILE, "+819011112222"),
        ("12125551234", K.INTERNATIONAL, "+12125551234"),
        ("01012125551234", K.INTERNATIONAL, "+12125551234"),
        ("18455551234", K.INTERNATIONAL, "+18455551234"),
        ("0120123456", K.FREE_PHONE, "+81120123456"),
        ("110", K.EMERGENCY, None),
        ("8123", K.ON_NET, None),
        ("abc12", K.INVALID, None),
        ("031234", K.INVALID, None),
        ("18409011112222", K.INVALID, None),
    ],
)
def test_a_presented_number_is_read_in_every_form_carriers_use(
    text: str, kind: NumberClass, e164: str | None
) -> None:
    number = presented(text)
    assert number is not None
    assert (number.kind, number.e164, number.presentation) == (kind, e164, Presentation.UNSET)
