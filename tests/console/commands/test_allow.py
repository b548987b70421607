from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said


def test_an_allow_list_is_sold_filled_turned_on_and_shown(home: Home) -> None:
    allow = ("line", "allow")
    assert home.json(*allow, "size", "03-1234-5678", 100) == {
        "line": 1,
        "number": "+81312345678",
        "on": False,
        "limit": 100,
        "used": 0,
    }
    assert home.json(*allow, "add", 1, "090-1111-2222", "+81 90-1111-2222", "03-1111-2222")["used"] == 2
    said = home.done(*allow, "on", 1)
    assert "Allow list of line 1, 03-1234-5678: on, 2 of 100 numbers." in said.out
    assert "`denwaban serve` picks this up by itself" in said.out
    assert home.json("line", "show", 1)["screening"] == {
        "nuisance": False,
        "number_request": False,
        "allow_list": True,
        "allow_limit": 100,
        "select": "off",
    }
    assert home.json(*allow, "remove", 1, "03-1111-2222")["used"] == 1
    assert home.json(*allow, "list", 1)["numbers"] == ["+819011112222"]
    assert "090-1111-2222" in home.done(*allow, "list", 1).out
    assert home.json(*allow, "off", 1)["on"] is False


def test_a_long_list_comes_from_a_file(home: Home) -> None:
    file = home.folder / "callers.txt"
    file.write_text("".join(f"090-1111-{n:04}\n\n" for n in range(300)), encoding="utf-8")
    home.done("line", "allow", "size", 1, 500)
    assert home.json("line", "allow", "add", 1, "080-1111-0000", "--from", file)["used"] == 301
    assert home.json("line", "allow", "remove", 1, "--from", file)["used"] == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("size", 1, 30), "allow list size: found 30, expected 0 or one of 20, 100, 500, 1000, 12000"),
        (("size", 99, 20), "line: found 99"),
        (("add", 1, "090-1111-2222"), "numbers on the allow list: found 1, expected 0 at most, as sold"),
        (("add", 1, "110"), "allow list: found '110'"),
        (("add", 1), "numbers: found 'none', expected at least one"),
        (("add", 1, "--from", "/nowhere/callers.txt"), "file of numbers: found '/nowhere/callers.txt'"),
        (("remove", 1, "090-1111-2222"), "allow list: found '+819011112222', expected a number on the list"),
        (("on", 1), "allow list: found 'none', expected a list that has been sold"),
    ],
)
def test_what_an_allow_list_cannot_be(
    refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("line", "allow", *arguments).err
