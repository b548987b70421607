from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said


def test_a_trunk_is_added_with_a_password_that_no_list_shows(new_home: Home) -> None:
    added = new_home.json(
        *("trunk", "add", "second", "--host", "sip.example.jp", "--port", 5070, "--source", "192.0.2.0/24"),
        *("--source", "198.51.100.7", "--untrusted", "--username", "denwa", "--password-stdin", "--codec", "alaw"),
        *("--priority", 5, "--weight", 3, "--capacity", 30, "--prefix", "010", "--prefix", "0120", "--shows", "03"),
        stdin="himitsu-2026\n",
    )
    assert added == {
        "name": "second",
        "host": "sip.example.jp",
        "port": 5070,
        "sources": ["192.0.2.0/24", "198.51.100.7"],
        "trusted": False,
        "username": "denwa",
        "codecs": ["alaw"],
        "priority": 5,
        "weight": 3,
        "capacity": 30,
        "prefixes": ["010", "0120"],
        "shows": ["03"],
        "extensions": False,
    }
    listed = new_home.json("trunk", "list")["trunks"]
    assert [one["name"] for one in listed] == ["carrier", "second"]
    assert listed[1] == added
    assert "himitsu" not in new_home.done("trunk", "list").out
    assert b"himitsu" not in (new_home.folder / "denwaban.db").read_bytes()
    new_home.done("render")
    assert "password = himitsu-2026" in (new_home.folder / "asterisk" / "pjsip_trunks.conf").read_text("utf-8")


def test_how_a_trunk_is_chosen_is_changed_and_what_is_not_named_stays(new_home: Home) -> None:
    changed = new_home.json("trunk", "set", "carrier", "--weight", 7, "--capacity", 2, "--prefix", "03")
    assert (changed["weight"], changed["capacity"], changed["prefixes"], changed["priority"]) == (7, 2, ["03"], 1)
    again = new_home.json("trunk", "set", "carrier", "--capacity", 0, "--prefix", "")
    assert (again["weight"], again["capacity"], again["prefixes"]) == (7, None, [])
    assert new_home.json("trunk", "list")["trunks"] == [again]


def test_a_trunk_is_removed(new_home: Home) -> None:
    assert new_home.json("trunk", "remove", "carrier") == {"removed": "carrier"}
    assert new_home.json("trunk", "list") == {"trunks": []}


def test_people_read_the_trunks_as_a_table(new_home: Home) -> None:
    listed = new_home.done("trunk", "list").out
    assert "carrier" in listed
    assert "127.0.0.2:5060" in listed


HOST = ("--host", "192.0.2.1", "--source", "192.0.2.1")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "carrier", *HOST), "trunk name: found 'carrier', expected a name that no trunk has yet"),
        (("add", "Carrier", *HOST), "trunk name: found 'Carrier'"),
        (("add", "two", "--host", "192.0.2.1", "--source", "0.0.0.0/0"), "a network no wider than /8"),
        (("add", "two", *HOST, "--codec", "mp3"), "codec: found 'mp3', expected one of"),
        (("add", "two", *HOST, "--username", "denwa"), "user name and password, or neither"),
        (("add", "two", *HOST, "--port", 0), "port: found 0, expected 1 to 65535"),
        (("remove", "two"), "trunk: found 'two'"),
        (("set", "two", "--weight", 2), "trunk: found 'two'"),
        (("set", "carrier", "--weight", 0), "weight: found 0, expected 1 to 100000"),
        (("set", "carrier", "--prefix", "+81"), "prefix: found '+81', expected digits as dialled in Japan"),
    ],
)
def test_what_a_trunk_cannot_be(refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str) -> None:
    assert complaint in refused("trunk", *arguments).err
