"""What a call is, as one word that both the hook and Asterisk's own record carry."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.paid import UNSAID, Paid, Why, read_paid, write_paid
from dialplan.errors import BadValue

DIGITS = st.from_regex(r"[0-9*#+]{0,20}", fullmatch=True)


@given(
    st.one_of(
        st.builds(Paid, withheld=st.booleans()),
        st.builds(Paid, why=st.sampled_from([Why.EMERGENCY, Why.THROUGH, Why.CALLBACK]), withheld=st.booleans()),
        st.builds(
            Paid,
            why=st.just(Why.OUT),
            withheld=st.booleans(),
            to=DIGITS,
            by=DIGITS,
            to_kind=st.sampled_from(["", "on_net"]),
            held=st.sampled_from(["", "sw1-1795209624.12/1"]),
        ),
    )
)
def test_reading_undoes_writing(paid: Paid) -> None:
    assert read_paid(write_paid(paid)) == paid


def test_nothing_said_is_an_ordinary_call_and_withheld_stays_the_word_of_old() -> None:
    assert read_paid("") == UNSAID
    assert read_paid("withheld") == Paid(withheld=True)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_clear_error(text: str) -> None:
    with suppress(BadValue):
        assert write_paid(read_paid(text)) == text


@pytest.mark.parametrize(
    "text",
    ["out", "out:1:2:3", "out:1:2:3:4", "out:1:2:3::5:6", "callback:", "emergency:1", "-withheld"],
)
def test_what_nobody_writes_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_paid(text)
