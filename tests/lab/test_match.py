"""Legs find their call by what they show."""

from dataclasses import replace

from lab.match import Running, pick
from lab.story import Arrival, Asked

LEASED = "0312345678"
LEG = Arrival(
    where="carrier",
    channel="c1",
    act="answer",
    number="09000000055",
    from_header="<sip:09011112222@127.0.0.1>;tag=1",
    asserted="<sip:09011112222@127.0.0.1>",
    privacy="",
    diversion="<sip:+81312345678@127.0.0.1>;reason=unconditional",
    history="",
    at=1.0,
)
HIDDEN = replace(LEG, from_header='"Anonymous" <sip:anonymous@anonymous.invalid>', asserted="", diversion="")


def call(token: str, from_: str = "09011112222", to: str = LEASED, withheld: bool = False, legs: int = 0) -> Running:
    asked = Asked(token=token, role="carrier", from_=from_, to=to, withheld=withheld)
    return Running(asked=asked, legs=legs)


def token(leg: Arrival, *running: Running) -> str | None:
    found = pick(leg, running)
    return None if found is None else found.token


def test_the_diverting_number_and_the_caller_name_the_call() -> None:
    others = (call("caller", to="0399999999"), call("called", from_="08099999999"))
    assert token(LEG, *others, call("both")) == "both"


def test_the_called_number_tells_more_than_the_caller() -> None:
    assert token(LEG, call("caller", to="0399999999"), call("called", from_="08099999999")) == "called"


def test_a_call_dialled_straight_to_the_far_end_is_found_by_its_number() -> None:
    assert token(replace(LEG, diversion=""), call("x", from_="1", to="09000000055")) == "x"


def test_history_info_serves_where_there_is_no_diversion() -> None:
    told = replace(
        LEG, diversion="", history="<sip:+81312345678@127.0.0.1>;index=1, <sip:09000000055@127.0.0.2>;index=1.1"
    )
    assert token(told, call("other", to="0399999999", from_="1"), call("x", from_="1")) == "x"


def test_a_leg_that_shows_the_leased_number_belongs_to_a_call_to_it() -> None:
    shows = replace(LEG, from_header=f"<sip:{LEASED}@127.0.0.1>", asserted="", diversion="")
    assert token(shows, call("x")) == "x"


def test_a_hidden_caller_belongs_to_a_call_that_hides_him() -> None:
    assert token(HIDDEN, call("open"), call("withheld", withheld=True)) == "withheld"


def test_the_assertion_tells_hidden_callers_apart() -> None:
    asserted = replace(HIDDEN, asserted="<sip:09011112222@127.0.0.1>")
    assert token(asserted, call("a", from_="08000000000", withheld=True), call("b", withheld=True)) == "b"


def test_calls_that_look_alike_are_served_in_turn() -> None:
    assert token(LEG, call("old"), call("young")) == "old"
    assert token(LEG, call("old", legs=1), call("young")) == "young"


def test_a_leg_with_nothing_in_common_belongs_to_nobody() -> None:
    assert token(LEG, call("x", from_="08000000000", to="0399999999")) is None
    assert token(LEG) is None


def test_a_leg_that_hides_the_leased_number_and_asserts_it_belongs_to_a_call_to_it() -> None:
    hides = replace(HIDDEN, asserted=f"<sip:{LEASED}@127.0.0.1>")
    assert token(hides, call("x", to="0399999999"), call("called", from_="08099999999")) == "called"
