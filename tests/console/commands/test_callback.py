"""`denwaban callback`: asked for, looked at, taken back; nothing is asked for a phone that is not registered."""

from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said

PHONE = "090-1111-0001"


@pytest.fixture
def registered(home: Home) -> Home:
    home.done("line", "phone", "add", 2, PHONE)
    return home


def test_a_registered_phone_is_called_back_through_its_line(registered: Home) -> None:
    asked = registered.json("callback", PHONE, "--to", "184 03-1234-9999")
    assert (asked["id"], asked["line"], asked["phone"], asked["to"]) == (1, 2, "+819011110001", "1840312349999")
    assert (asked["state"], asked["tries"], asked["asked_by"], asked["new"]) == ("pending", 0, "command", True)
    shown = registered.json("callback", "show", 1)
    assert shown == {key: value for key, value in asked.items() if key != "new"}
    assert registered.json("callback", "list")["callbacks"] == [shown]
    assert registered.json("callback", "list", "--line", 1)["callbacks"] == []


def test_while_one_is_under_way_that_one_is_told(registered: Home) -> None:
    first = registered.json("callback", "ask", PHONE)
    again = registered.json("callback", "+81 90 1111 0001", "--to", "0312349999")
    assert (again["id"], again["new"], again["to"]) == (first["id"], False, None)
    assert "under way already (pending)" in registered.done("callback", PHONE).out


def test_one_that_waits_is_taken_back_and_the_next_is_a_new_one(registered: Home) -> None:
    registered.done("callback", PHONE)
    cancelled = registered.json("callback", "cancel", 1)
    assert (cancelled["state"], cancelled["reason"], cancelled["due_at"]) == ("failed", "cancelled", None)
    assert registered.run("callback", "cancel", 1).status == 2
    assert registered.json("callback", PHONE)["id"] == 2
    assert [one["id"] for one in registered.json("callback", "list", "--under-way")["callbacks"]] == [2]


def test_a_phone_of_several_lines_needs_the_line_named(registered: Home) -> None:
    registered.done("line", "phone", "add", 1, PHONE)
    said = registered.run("callback", PHONE)
    assert "--line: it is registered on lines 1 (03-1234-5678), 2 (047-345-6789)" in said.err
    assert registered.json("callback", PHONE, "--line", "03-1234-5678")["line"] == 1


def test_people_read_how_it_stands(registered: Home) -> None:
    assert "Callback 1 to 090-1111-0001 asked for." in registered.done("callback", PHONE).out
    assert "asked on the phone" in registered.done("callback", "show", 1).out
    assert "090-1111-0001" in registered.done("callback", "list").out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((PHONE,), "a registered phone of a line"),
        ((PHONE, "--line", 1), "it is not registered on line 1"),
        (("ask", "119"), "phone to call back: found '119'"),
        (("show", 7), "callback: found 7"),
        (("cancel", 7), "callback: found 7"),
    ],
)
def test_nothing_is_asked_for_a_phone_that_is_not_registered(
    refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("callback", *arguments).err


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        ("110", "no emergency number: it is dialled directly"),
        ("184119", "no emergency number"),
        ("0990123456", "a number that the line may call: premium numbers cannot be dialled"),
        ("010 44 20 7946 0000", "the line is not opened for international calls"),
        ("047-345-6789", "the line's own number"),
        ("何か", "number to connect"),
    ],
)
def test_a_number_that_may_not_be_called_is_refused_when_it_is_asked_for(
    registered: Home, number: str, complaint: str
) -> None:
    before = registered.everything()
    said = registered.run("callback", PHONE, "--to", number)
    assert said.status == 2
    assert complaint in said.err
    assert registered.everything() == before


def test_an_empty_list_says_how_to_ask_for_one(home: Home) -> None:
    assert "denwaban callback PHONE" in home.done("callback", "list").out
    assert "under way" in home.done("callback", "list", "--under-way").out
