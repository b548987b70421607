import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from voice import spoken
from voice.prompts import PROMPTS

KEYS = {row.key for row in PROMPTS}


def test_a_number_is_read_digit_by_digit() -> None:
    assert spoken.number("0120") == ("digit-0", "digit-1", "digit-2", "digit-0")


@given(st.text(alphabet="0123456789", min_size=1, max_size=40))
def test_every_digit_has_a_prompt_and_keeps_its_place(dialled: str) -> None:
    keys = spoken.number(dialled)
    assert "".join(key.removeprefix("digit-") for key in keys) == dialled
    assert set(keys) <= KEYS


@given(st.text().filter(lambda text: not (text.isascii() and text.isdigit())))
def test_what_is_not_digits_is_refused(dialled: str) -> None:
    with pytest.raises(BadValue, match="number to speak"):
        spoken.number(dialled)


def test_every_ring_time_has_a_prompt() -> None:
    assert [spoken.seconds(value) for value in range(5, 61)] == [f"seconds-{value}" for value in range(5, 61)]
    assert {spoken.seconds(value) for value in range(5, 61)} <= KEYS


def test_every_count_has_a_prompt() -> None:
    assert [spoken.count(value) for value in range(31)] == [f"count-{value}" for value in range(31)]
    assert {spoken.count(value) for value in range(31)} <= KEYS


@pytest.mark.parametrize("value", [-1, 0, 4, 61])
def test_a_ring_time_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(BadValue, match=f"{value}, expected 5 to 60"):
        spoken.seconds(value)


@pytest.mark.parametrize("value", [-1, 31])
def test_a_count_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(BadValue, match=f"{value}, expected 0 to 30"):
        spoken.count(value)
