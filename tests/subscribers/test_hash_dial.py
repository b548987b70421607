import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, geocoder

from dialplan import areas
from dialplan.errors import BadValue
from subscribers.hash_dial import (
    REGIONS,
    Block,
    HashNumber,
    block_of,
    check_hash_target,
    check_new_hash_number,
    hash_digits,
)

ENGLISH = {
    Block.HOKKAIDO: "Hokkaido",
    Block.TOHOKU: "Aomori Iwate Miyagi Akita Yamagata Fukushima",
    Block.SHINETSU: "Niigata Nagano",
    Block.KANTO: "Ibaraki Tochigi Gunma Saitama Chiba Tokyo Kanagawa Yamanashi",
    Block.HOKURIKU: "Toyama Ishikawa Fukui",
    Block.TOKAI: "Gifu Shizuoka Aichi Mie",
    Block.KANSAI: "Shiga Kyoto Osaka Hyogo Nara Wakayama",
    Block.SHIKOKU: "Tokushima Kagawa Ehime Kochi",
    Block.CHUGOKU: "Tottori Shimane Okayama Hiroshima Yamaguchi",
    Block.KYUSHU_OKINAWA: "Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki Kagoshima Okinawa",
}
# phonenumbers takes towns there for namesakes elsewhere; the codes are of Tochigi, Gifu, Wakayama, Nara, Fukui and
# Hiroshima.
NAMESAKES = {"0288", "0578", "0735", "0747", "0779", "0846"}


def test_there_are_ten_blocks_of_all_prefectures_and_no_beginning_is_in_two() -> None:
    assert {region.block for region in REGIONS} == set(Block)
    assert len(REGIONS) == 10
    prefectures = [one for region in REGIONS for one in region.prefectures]
    assert len(prefectures) == len(set(prefectures)) == 47
    assert [len(region.prefectures) for region in REGIONS] == [
        len(ENGLISH[region.block].split()) for region in REGIONS
    ]
    begins = [one for region in REGIONS for one in region.begins]
    assert len(begins) == len(set(begins))


def test_every_area_of_japan_lies_in_the_block_of_its_prefecture() -> None:
    blocks = {name: block for block, names in ENGLISH.items() for name in names.split()}
    codes, told = set(), set()
    for head in range(1000, 100000, 7):
        number = f"0{head:05}".ljust(10, "0")
        code = areas.area_code(number)
        if code is None:
            continue
        found = block_of(number)
        assert found is not None, number
        codes.add(code)
        described = geocoder.description_for_number(PhoneNumber(country_code=81, national_number=int(number)), "en")
        prefecture = described.split(", ")[-1]
        if prefecture != "Japan" and code not in NAMESAKES:
            told.add(code)
            assert found is blocks[prefecture], (number, described)
    assert len(codes) > 390
    assert len(told) > 350


@pytest.mark.parametrize(
    ("number", "block"),
    [
        ("+81312345678", Block.KANTO),
        ("0422123456", Block.KANTO),
        ("+81522123456", Block.TOKAI),
        ("+81666123456", Block.KANSAI),
        ("+81752123456", Block.KANSAI),
        ("+81552123456", Block.KANTO),
        ("+81559123456", Block.TOKAI),
        ("+81762123456", Block.HOKURIKU),
        ("+81774123456", Block.KANSAI),
        ("+81982123456", Block.KYUSHU_OKINAWA),
        ("+819011112222", None),
        ("+815011112222", None),
        ("+81120111222", None),
        ("+12125551234", None),
        ("", None),
    ],
)
def test_a_number_lies_in_its_block_or_nowhere(number: str, block: Block | None) -> None:
    assert block_of(number) is block


@pytest.mark.parametrize("text", ["#1234", "1234", " 1234 ", "＃１２３４", "１２３４"])
def test_four_digits_are_a_number_with_or_without_their_sign(text: str) -> None:
    assert hash_digits(text) == "#1234"


@given(st.text(max_size=8))
def test_nothing_else_is(text: str) -> None:
    try:
        digits = hash_digits(text)
    except BadValue:
        return
    assert digits[0] == "#"
    assert len(digits) == 5
    assert digits[1:].isdecimal()
    assert digits.isascii()


@pytest.mark.parametrize("text", ["#123", "#12345", "12a4", "", "184#1234", "##1234", "110"])
def test_what_is_no_hash_number_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"^#-dial number: "):
        hash_digits(text)


def test_it_reaches_a_plain_number_of_japan() -> None:
    for good, e164 in [
        ("03-1234-5678", "+81312345678"),
        ("090-1111-2222", "+819011112222"),
        ("050-1111-2222", "+815011112222"),
        ("0120-111-222", "+81120111222"),
    ]:
        assert check_hash_target(good) == e164
    for bad in ("110", "117", "0570-111-222", "0990-111-222", "+12125551234", "#1234", "8201", "18403-1234-5678", ""):
        with pytest.raises(BadValue, match="number to be reached"):
            check_hash_target(bad)


def _has(block: Block | None, member_id: int) -> HashNumber:
    return HashNumber(digits="#1234", block=block, member_id=member_id, target="+81312345678")


def test_a_reach_is_set_once_and_no_other_member_cuts_into_it() -> None:
    held = [_has(Block.KANTO, 1)]
    check_new_hash_number("#1234", Block.KANSAI, 2, held)
    check_new_hash_number("#1235", Block.KANTO, 2, held)
    check_new_hash_number("#1234", None, 1, held)
    with pytest.raises(BadValue, match="#1234 kanto"):
        check_new_hash_number("#1234", Block.KANTO, 1, held)
    with pytest.raises(BadValue, match="member 1 has it kanto"):
        check_new_hash_number("#1234", None, 2, held)
    with pytest.raises(BadValue, match="member 1 has it nationwide"):
        check_new_hash_number("#1234", Block.KANTO, 2, [_has(None, 1)])
    check_new_hash_number("#1234", Block.KANTO, 1, [_has(None, 1)])
