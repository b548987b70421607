import pytest

from agi.menu import Complete, Incomplete, Invalid, Match, digits, ended, one_of, whole


def taken(typed: str) -> Match[str]:
    return Complete(typed)


def test_a_single_key_is_an_answer_or_wrong_at_once() -> None:
    assert one_of("012")("1") == Complete("1")
    assert one_of("012")("3") == Invalid()


def test_a_number_is_complete_with_its_hash_and_not_before() -> None:
    match = ended(taken)
    assert [match(typed) for typed in ("0", "03", "03#")] == [Incomplete(), Incomplete(), Complete("03")]


def test_hash_alone_is_an_empty_number() -> None:
    assert ended(taken)("#") == Complete("")


def test_more_keys_than_any_number_has_are_wrong_without_waiting_for_the_hash() -> None:
    match = ended(taken, longest=8, too_long="remote-pin-length")
    assert match("12345678") == Incomplete()
    assert match("123456789") == Invalid(say="remote-pin-length")


@pytest.mark.parametrize(("keys", "value"), [("5#", 5), ("05#", 5), ("60#", 60), ("20#", 20)])
def test_a_whole_number_within_its_bounds(keys: str, value: int) -> None:
    assert whole(5, 60)(keys) == Complete(value)


@pytest.mark.parametrize("keys", ["4#", "61#", "#", "A#", "0600"])
def test_a_whole_number_outside_them_is_wrong(keys: str) -> None:
    assert whole(5, 60)(keys) == Invalid()


@pytest.mark.parametrize("keys", ["123#", "#", "123456789", "12A4#"])
def test_digits_of_another_length_are_told_so(keys: str) -> None:
    assert digits(4, 8, "remote-pin-length")(keys) == Invalid(say="remote-pin-length")


@pytest.mark.parametrize("keys", ["1234#", "00000000#"])
def test_digits_of_a_fitting_length_keep_their_zeros(keys: str) -> None:
    assert digits(4, 8, "remote-pin-length")(keys) == Complete(keys[:-1])
