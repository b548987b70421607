"""A Route becomes JSON that the dialplan executes, and nothing in it can be executed that was not meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from dialplan.refusals import RELEASES, Refusal
from dialplan.route import Leg, Outcome, Route, decode, encode

FORWARD = Leg(
    dial="PJSIP/09011112222@carrier",
    group="f1",
    limit=1,
    diverting="0312345678",
    trunk="carrier",
    capacity=30,
    talk=59_500,
)
HANDSET = Leg(dial="PJSIP/h1", ring=20, group="h1", limit=2, then=(Outcome.NO_ANSWER, Outcome.BUSY))


def test_serialising_gives_the_text_that_the_dialplan_splits() -> None:
    assert json.loads(encode(Route(line=1, legs=(HANDSET, FORWARD)))) == {
        "line": 1,
        "legs": [
            "handset,PJSIP/h1,20,h1,2,NOANSWER&BUSY,,,-,,",
            "forward,PJSIP/09011112222@carrier,180,f1,1,,0312345678,,carrier,30,L(59500)",
        ],
        "say": "",
    }


def test_a_leg_that_shows_another_number_says_so() -> None:
    shown = Leg(dial="PJSIP/1@carrier", group="f1", limit=1, diverting="0312345678", show="0312345678")
    assert shown.how == "show"
    with pytest.raises(BadValue, match="number to show"):
        Leg(dial="PJSIP/h1", group="h1", limit=1, show="0312345678")


def test_a_refusal_carries_its_key_and_no_legs() -> None:
    text = encode(Route(line=None, refusal=Refusal.NOT_IN_USE))
    assert json.loads(text) == {"line": None, "legs": [], "say": "not-in-use"}


@pytest.mark.parametrize("field", ["dial", "group", "diverting", "trunk"])
@pytest.mark.parametrize("value", ["a,b", "${SHELL(x)}", "a b", "a\nb", '"', "a|b", "^", "(x)"])
def test_what_the_dialplan_would_execute_is_refused(field: str, value: str) -> None:
    fields: dict[str, str] = {"dial": "PJSIP/h1", "group": "h1", field: value}
    with pytest.raises(BadValue, match=f"leg's {field}"):
        Leg(limit=1, **fields)  # type: ignore[arg-type]


def test_a_route_has_legs_or_a_refusal_and_its_last_leg_leads_nowhere() -> None:
    for wrong in ({"legs": ()}, {"legs": (FORWARD,), "refusal": Refusal.SUSPENDED}, {"legs": (HANDSET,)}):
        with pytest.raises(BadValue, match="route"):
            Route(line=1, **wrong)


def test_a_route_longer_than_a_channel_variable_is_refused() -> None:
    with pytest.raises(BadValue, match="3000 at most"):
        encode(Route(line=1, legs=(FORWARD,) * 60))


_WORD = st.from_regex(r"[A-Za-z0-9_./@&*#+:-]{1,20}", fullmatch=True)


@given(
    st.integers(1, 10**9),
    st.lists(
        st.builds(
            Leg,
            dial=_WORD,
            ring=st.integers(1, 180),
            group=_WORD,
            limit=st.integers(1, 9),
            capacity=st.none() | st.integers(1, 999),
            talk=st.none() | st.integers(0, 10**7),
            out=st.booleans(),
        ),
        min_size=1,
    ),
)
def test_decoding_undoes_encoding(line: int, legs: list[Leg]) -> None:
    route = Route(line=line, legs=tuple(legs[:5]))
    assert decode(encode(route)) == route


@given(st.text())
def test_any_text_is_a_route_or_a_clear_error(text: str) -> None:
    with pytest.raises(BadValue, match="route"):
        decode(text)


def test_every_refusal_has_one_release_with_a_cause_of_its_own_kind() -> None:
    assert [one.refusal for one in RELEASES] == list(Refusal)
    assert all(1 <= one.cause <= 127 for one in RELEASES)
