from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said


def test_a_line_forwards_to_the_number_set(home: Home) -> None:
    assert home.json("forward", "set", "03-1234-5678", "090-1111-2222")["entries"][0] == "+819011112222"
    started = home.json("forward", "start", "03-1234-5678", "--mode", "no-answer")
    assert (started["mode"], started["target"]) == ("no-answer", "+819011112222")
    assert home.json("forward", "show", 1) == started
    assert home.json("line", "show", 1)["forwarding"]["mode"] == "no-answer"


def test_another_entry_is_chosen_and_the_ring_time_set(home: Home) -> None:
    home.done("forward", "set", 1, "090-1111-2222")
    home.done("forward", "set", 1, "--entry", 3, "06-1234-5678")
    used = home.json("forward", "use", 1, 3)
    assert (used["entry_in_use"], used["target"]) == (3, "+81612345678")
    assert home.json("forward", "ring", 1, 45)["ring_seconds"] == 45


def test_a_stopped_forwarding_starts_again_in_its_last_mode(home: Home) -> None:
    home.done("forward", "set", 1, "090-1111-2222")
    home.done("forward", "start", 1, "--mode", "busy")
    stopped = home.json("forward", "stop", 1)
    assert (stopped["mode"], stopped["last_mode"]) == ("off", "busy")
    assert home.json("forward", "start", 1)["mode"] == "busy"


def test_people_read_where_calls_go(home: Home) -> None:
    said = home.done("forward", "set", 1, "09011112222")
    assert "Entry 1 of the forward list is 090-1111-2222 now." in said.out
    assert "Line 1, 03-1234-5678: forwarding is off; it would go to 090-1111-2222, list entry 1." in said.out
    said = home.done("forward", "start", 1)
    assert "forwards (unconditional) to 090-1111-2222" in said.out
    shown = home.done("forward", "show", 1).out
    assert "090-1111-2222 (in use)" in shown
    assert "20 s" in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set", 1, "110"), "a number to forward to, not an emergency number"),
        (("set", 1, "0120-123-456"), "not a free-phone number"),
        (("set", 1, "+1 212-555-1234"), "not an international number, and the line is not opened for it"),
        (("set", 1, "03-1234-5678"), "not a number of the line itself"),
        (("set", 1, "184 090-1111-2222"), "a number without 184 or 186 in front"),
        (("set", 1, "何か"), "not a telephone number"),
        (("set", 1, "--entry", 5, "090-1111-2222"), "forward list entry: found 5, expected 1 to 4"),
        (("use", 1, 2), "forward list entry 2: found None"),
        (("ring", 1, 61), "ring seconds: found 61, expected 5 to 60"),
        (("start", 1), "forward list entry 1: found None"),
        (("start", 1, "--mode", "off"), "forward mode: found 'off'"),
        (("show", 99), "line: found 99"),
        (("stop", "03-9999-9999"), "line: found '03-9999-9999'"),
    ],
)
def test_what_a_line_cannot_forward_to(
    refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("forward", *arguments).err
