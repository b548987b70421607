from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said


@pytest.fixture
def grouped(home: Home) -> Home:
    """Both lines are in group 本社; line 2 has 8-201."""
    home.done("onnet", "add", "本社")
    home.done("onnet", "join", "本社", 1)
    home.done("onnet", "join", "本社", "047-345-6789")
    home.done("onnet", "assign", 2, 8, 201)
    return home


def test_a_group_is_made_filled_and_shown(home: Home) -> None:
    assert home.json("onnet", "list") == {"groups": []}
    assert "denwaban onnet add GROUP" in home.done("onnet", "list").out
    assert home.json("onnet", "add", "本社") == {"group": "本社", "lines": [], "numbers": [], "mobile_extensions": []}
    assert "denwaban onnet join 本社 LINE" in home.done("onnet", "show", "本社").out
    assert "Line 1, 03-1234-5678, is in on-net group 本社." in home.done("onnet", "join", "本社", 1).out
    assert home.json("onnet", "join", "本社", "047-345-6789")["lines"] == [1, 2]
    number = {"digits": "8201", "site": "8", "extension": "201", "line": 2}
    assert home.json("onnet", "assign", 2, "８", "２０１") == number
    shown = home.done("onnet", "show", "本社").out
    assert "8201" in shown
    assert "2 047-345-6789" in shown
    assert "Without a number (denwaban onnet assign): 1 03-1234-5678" in shown
    assert home.json("onnet", "show", "本社")["numbers"] == [number]
    assert "本社" in home.done("onnet", "list").out


def test_a_number_is_lengthened_and_released(grouped: Home) -> None:
    assert grouped.json("onnet", "change", "本社", 8201, 81, 2010)["digits"] == "812010"
    said = grouped.done("onnet", "change", "本社", 812010, 81, 2011)
    assert "812011 reaches line 2; 812010 does no more." in said.out
    assert grouped.json("onnet", "release", "本社", 812011)["numbers"] == []
    assert grouped.json("onnet", "leave", 2)["lines"] == [1]
    grouped.done("onnet", "leave", 1)
    assert grouped.json("onnet", "remove", "本社") == {"removed": "本社"}
    assert grouped.json("onnet", "list") == {"groups": []}


def test_a_mobile_extension_limits_its_trunk_to_100_calls_or_what_is_said(grouped: Home) -> None:
    office = ("onnet", "mobile", "本社")
    grouped.done("trunk", "add", "office-link", "--host", "127.0.0.9", "--source", "127.0.0.9")
    first = grouped.json(*office, 7123, "--trunk", "office-link")
    assert first == {"digits": "7123", "trunk": "office-link", "channels": 100}
    assert grouped.json(*office, 7124, "--trunk", "office-link", "--channels", 30)["channels"] == 30
    assert grouped.json(*office, 7125, "--trunk", "office-link")["channels"] == 30
    said = grouped.run("trunk", "remove", "office-link")
    assert (said.status, said.out) == (2, "")
    assert "office-link with mobile extensions" in said.err
    assert "office-link" in grouped.done("onnet", "show", "本社").out
    for digits in (7123, 7124, 7125):
        grouped.done("onnet", "release", "本社", digits)
    grouped.done("trunk", "remove", "office-link")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "本社"), "on-net group: found '本社', expected a name that no group has yet"),
        (("show", "支社"), "on-net group: found '支社', expected the name of a group"),
        (("join", "本社", 1), "line: found '1, in group 本社'"),
        (("join", "本社", "03-9999-9999"), "line: found '03-9999-9999'"),
        (("assign", 1, 8, 201), "on-net number: found '8201'"),
        (("assign", 1, 8, 20), "on-net number: found '820'"),
        (("assign", 1, 8, 2), "extension: found '2', expected 2 to 11 digits"),
        (("assign", 1, 1, 10), "on-net number: found '110'"),
        (("assign", 1, 0, 312345678), "on-net number: found '0312345678'"),
        (("change", "本社", 8201, 8, 20), "8201 may be lengthened, never shortened"),
        (("change", "本社", 8202, 8, 2020), "on-net number: found '8202'"),
        (("mobile", "本社", 7123, "--trunk", "nowhere"), "trunk: found 'nowhere'"),
        (("mobile", "本社", 119, "--trunk", "carrier", "--channels", 3), "mobile extension: found '119'"),
        (("leave", 2), "release them first"),
        (("remove", "本社"), "on-net group: found '本社 with 2 lines and 1 numbers'"),
        (("release", "本社", 1234), "on-net number: found '1234'"),
    ],
)
def test_what_a_group_cannot_have(
    grouped: Home, refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("onnet", *arguments).err
