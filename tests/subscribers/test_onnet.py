import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled
from subscribers.onnet import check_lengthened, check_unambiguous, mobile_extension, on_net_number

SITES = st.text("0123456789", max_size=13)
EXTENSIONS = st.text("0123456789", max_size=13)
NUMBERS = st.text("0123456789", min_size=1, max_size=6)


@given(site=SITES, extension=EXTENSIONS)
def test_a_number_is_taken_exactly_when_its_parts_fit_and_the_whole_dials_on_net(site: str, extension: str) -> None:
    whole = dialled(site + extension)
    fits = 1 <= len(site) <= 11 and 2 <= len(extension) <= 11
    if fits and whole.kind is NumberClass.ON_NET and whole.digits == site + extension:
        assert on_net_number(site, extension, 1).digits == site + extension
    else:
        with pytest.raises(BadValue):
            on_net_number(site, extension, 1)


@given(site=st.text(max_size=12), extension=st.text(max_size=12))
def test_no_text_is_taken_whose_dialling_would_be_another_number(site: str, extension: str) -> None:
    try:
        number = on_net_number(site, extension, 1)
    except BadValue:
        return
    assert dialled(number.digits).digits == number.digits
    assert number.digits.isascii()


@pytest.mark.parametrize(
    ("site", "extension", "thing"),
    [
        ("", "201", "site number"),
        ("8" * 12, "201", "site number"),
        ("8", "2", "extension"),
        ("8", "2" * 12, "extension"),
        ("8a", "201", "site number"),
        ("0", "312345678", "on-net number"),
        ("1", "10", "on-net number"),
        ("11", "9201", "on-net number"),
        ("184", "8201", "on-net number"),
        ("1", "20", "on-net number"),
        ("#8", "201", "site number"),
    ],
)
def test_what_is_no_site_or_extension_or_dials_something_else(site: str, extension: str, thing: str) -> None:
    with pytest.raises(BadValue, match=f"^{thing}: "):
        on_net_number(site, extension, 1)


def test_the_longest_and_the_shortest_and_full_width_digits_are_taken() -> None:
    assert on_net_number("8" * 11, "2" * 11, 1).digits == "8" * 11 + "2" * 11
    assert on_net_number("8", "20", 1).digits == "820"
    assert on_net_number("８", "２０１", 1).digits == "8201"


@pytest.mark.parametrize("digits", ["070", "7", "71", "1170", "7" * 23, "7-123", "#7123", "1847123", "seven"])
def test_a_mobile_extension_is_dialled_as_it_is(digits: str) -> None:
    with pytest.raises(BadValue, match=r"^mobile extension: "):
        mobile_extension(digits, "office-link")
    assert mobile_extension("7123", "office-link").digits == "7123"


@given(digits=NUMBERS, taken=st.lists(NUMBERS, max_size=6))
def test_of_two_numbers_neither_begins_with_the_other(digits: str, taken: list[str]) -> None:
    ambiguous = any(one.startswith(digits) or digits.startswith(one) for one in taken)
    if ambiguous:
        with pytest.raises(BadValue, match="on-net number"):
            check_unambiguous(digits, taken)
    else:
        check_unambiguous(digits, taken)


def test_what_another_number_begins_with_is_named() -> None:
    with pytest.raises(BadValue, match="beginning of 82015"):
        check_unambiguous("8201", ["9", "82015"])
    with pytest.raises(BadValue, match="does not have yet"):
        check_unambiguous("8201", ["8201"])


def test_digits_may_be_lengthened_never_shortened() -> None:
    check_lengthened("8201", "82010")
    check_lengthened("8201", "9100")
    with pytest.raises(BadValue, match="found '820', expected 4 digits or more: 8201 may be lengthened"):
        check_lengthened("8201", "820")
