from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said


def test_a_number_is_set_changed_listed_and_given_up(home: Home) -> None:
    assert home.json("hashdial", "list") == {"hash_numbers": []}
    assert "denwaban hashdial add" in home.done("hashdial", "list").out
    nationwide = {"digits": "#1234", "reach": "nationwide", "member": 1, "target": "+81312345678"}
    assert home.json("hashdial", "add", "#1234", "03-1234-5678", "--member", 1) == nationwide
    said = home.done("hashdial", "add", 1234, "06-6666-0001", "--member", 1, "--block", "kansai")
    assert "#1234 reaches 06-6666-0001 from block kansai, for member 1." in said.out
    changed = home.json("hashdial", "change", 1234, "0120-111-222", "--block", "kansai")
    assert (changed["reach"], changed["target"]) == ("kansai", "+81120111222")
    assert [one["reach"] for one in home.json("hashdial", "list", "--member", 1)["hash_numbers"]] == [
        "kansai",
        "nationwide",
    ]
    assert "0120-111-222" in home.done("hashdial", "list").out
    assert home.json("hashdial", "list", "--member", 2) == {"hash_numbers": []}
    home.done("hashdial", "remove", 1234, "--block", "kansai")
    assert home.json("hashdial", "list") == {"hash_numbers": [nationwide]}


def test_the_ten_blocks_are_shown(new_home: Home) -> None:
    blocks = new_home.json("hashdial", "blocks")["blocks"]
    assert [one["name"] for one in blocks] == [
        *("北海道", "東北", "信越", "関東", "北陸", "東海", "関西", "四国", "中国", "九州沖縄")
    ]
    assert blocks[2]["prefectures"] == ["新潟", "長野"]
    assert "九州沖縄" in new_home.done("hashdial", "blocks").out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", 123, "03-1234-5678", "--member", 1), "#-dial number: found '123', expected # and 4 digits"),
        (("add", 1235, "110", "--member", 1), "number to be reached: found '110'"),
        (("add", 1235, "03-1234-5678", "--member", 9), "member: found 9"),
        (("add", 1234, "03-1234-5678", "--member", 1), "#-dial number: found '#1234 nationwide'"),
        (("add", 1234, "03-1234-5678", "--member", 2, "--block", "kanto"), "member 1 has it nationwide"),
        (("change", 9999, "03-1234-5678"), "one that is set (`denwaban hashdial list`)"),
        (("remove", 1234, "--block", "kanto"), "#-dial number: found '#1234 kanto'"),
    ],
)
def test_what_a_hash_number_cannot_be(
    home: Home, refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    home.done("hashdial", "add", 1234, "03-1111-2222", "--member", 1)
    assert complaint in refused("hashdial", *arguments).err
