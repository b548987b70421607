import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from provisioning.mac import Mac, parse_mac

DIGITS = "0123456789abcdef"
OF_ONE_DEVICE = st.text(DIGITS, min_size=12, max_size=12).filter(
    lambda text: not int(text[:2], 16) & 1 and text != "0" * 12
)
FULL_WIDTH = str.maketrans("0123456789abcdefABCDEF:-.", "０１２３４５６７８９ａｂｃｄｅｆＡＢＣＤＥＦ：－．")


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """Twelve digits, and one of the ways that labels, switches and people write them."""
    digits = draw(OF_ONE_DEVICE)
    group = draw(st.sampled_from([2, 4, 6, 12]))
    separator = draw(st.sampled_from([":", "-", ".", " "]))
    text = separator.join(digits[i : i + group] for i in range(0, 12, group))
    text = draw(st.sampled_from([text, text.upper()]))
    if draw(st.booleans()):
        text = text.translate(FULL_WIDTH)
    before = draw(st.sampled_from(["", " ", "MAC:", "MAC ", "mac-", "ＭＡＣ："]))
    return digits, before + text + draw(st.sampled_from(["", " ", "\n", "\t"]))


@given(spellings())
def test_a_mac_is_the_same_in_every_spelling(spelling: tuple[str, str]) -> None:
    digits, text = spelling
    mac = parse_mac(text)
    assert mac.text == digits
    assert parse_mac(mac.colons) == parse_mac(mac.upper) == mac


@given(st.text(max_size=40))
def test_any_text_is_a_mac_or_a_complaint_that_shows_little_of_it(text: str) -> None:
    try:
        mac = parse_mac(text)
    except BadValue as error:
        complaint = error
    else:
        assert len(mac.text) == 12
        assert set(mac.text) <= set(DIGITS)
        return
    assert complaint.thing == "MAC address"
    assert complaint.found == text[:40]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00:15:65:1a:2b",
        "00:15:65:1a:2b:3c:4d",
        "00:15:65:1a:2b:3g",
        "0015651a2b3",
        "03-1234-5678",
        "MAC",
        "a" * 999,
    ],
)
def test_what_is_no_mac_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"MAC address: found .*, expected twelve hexadecimal digits"):
        parse_mac(text)


@pytest.mark.parametrize("text", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01"])
def test_the_address_of_none_or_of_many_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="the address of one device"):
        parse_mac(text)


def test_a_mac_is_shown_as_files_and_people_need_it() -> None:
    mac = parse_mac("0015.65AB.2B3C")
    assert (str(mac), mac.upper, mac.colons, mac.oui) == (
        "001565ab2b3c",
        "001565AB2B3C",
        "00:15:65:ab:2b:3c",
        "001565",
    )


@pytest.mark.parametrize("text", ["001565AB2B3C", "00:15:65:ab:2b:3c", "001565ab2b3"])
def test_a_mac_is_made_of_its_plain_form_only(text: str) -> None:
    with pytest.raises(BadValue, match="twelve small hexadecimal digits"):
        Mac(text)
