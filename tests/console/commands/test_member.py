from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said


def test_a_member_is_added_and_shown(new_home: Home) -> None:
    added = new_home.json("member", "add", " 株式会社例 ", "--kind", "rental-office", "--capacity", 3)
    assert added == {
        "id": 1,
        "name": "株式会社例",
        "kind": "rental-office",
        "room_capacity": 3,
        "identity": None,
        "suspended_at": None,
        "leaves_at": None,
        "mail": None,
    }
    assert new_home.json("member", "show", 1) == {**added, "lines": []}
    assert new_home.json("member", "list") == {"members": [added]}


def test_notices_go_where_the_member_wants_them(home: Home) -> None:
    assert home.json("member", "mail", 1, "yamada@example.jp")["mail"] == "yamada@example.jp"
    assert "yamada@example.jp" in home.done("member", "show", 1).out
    said = home.done("member", "mail", 1)
    assert "Mail to member 1, 株式会社例: none." in said.out
    assert home.json("member", "show", 1)["mail"] is None


@pytest.mark.parametrize("address", ["yamada", "a@example.jp,b@example.jp", "山田@example.jp"])
def test_what_is_no_address_is_refused(refused: Callable[..., Said], address: str) -> None:
    assert "mail address: found" in refused("member", "mail", 1, address).err


def test_people_are_told_that_identity_comes_next(new_home: Home) -> None:
    said = new_home.done("member", "add", "[bold]例[/bold]", "--kind", "coworking")
    assert "Member 1 added: [bold]例[/bold] (coworking)." in said.out
    assert "denwaban member identity 1" in said.out


def test_an_identity_check_makes_the_members_lines_active(new_home: Home) -> None:
    new_home.done("member", "add", "例子", "--kind", "virtual-office")
    new_home.done("line", "add", "03-1234-5678", "--member", 1, "--plan", "in-out", "--starts-at", "2026-01-05T09:00")
    assert new_home.json("line", "show", 1)["state"] == "pending"
    member = new_home.json("member", "identity", 1, "--on", "2026-01-05", "--method", "by-post", "--by", "佐藤")
    assert member["identity"] == {"on": "2026-01-05", "method": "by-post", "by": "佐藤"}
    assert new_home.json("line", "show", 1)["state"] == "active"


def test_people_see_a_member_with_its_lines(home: Home) -> None:
    said = home.done("member", "show", 1)
    for words in ("株式会社例", "checked 2026-01-05 (in-person) by 佐藤", "03-1234-5678", "active"):
        assert words in said.out
    listed = home.done("member", "list").out
    assert "株式会社例" in listed
    assert "例子" in listed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "例", "--kind", "rental-office"), "room capacity: found None, expected 1 or more"),
        (("add", "例", "--kind", "coworking", "--capacity", 2), "room capacity: found 2, expected none"),
        (("add", " ", "--kind", "coworking"), "member name: found ' ', expected"),
        (("show", 99), "member: found 99, expected the id of a member"),
        (("identity", 99, "--on", "2026-01-05", "--method", "electronic", "--by", "x"), "member: found 99"),
        (("identity", 1, "--on", "5 Jan", "--method", "electronic", "--by", "x"), "found '5 Jan', expected a date"),
        (("identity", 1, "--on", "2199-01-05", "--method", "electronic", "--by", "x"), "or earlier"),
        (("identity", 1, "--on", "2026-01-05", "--method", "electronic", "--by", " "), "the name of who checked it"),
    ],
)
def test_what_a_member_cannot_be(refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str) -> None:
    assert complaint in refused("member", *arguments).err


def test_a_kind_that_does_not_exist_is_a_wrong_use_of_the_command(home: Home) -> None:
    before = home.everything()
    said = home.run("member", "add", "例", "--kind", "castle")
    assert said.status == 2
    assert "rental-office" in said.err
    assert home.everything() == before
