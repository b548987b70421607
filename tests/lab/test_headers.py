import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import headers


@pytest.mark.parametrize(
    ("header", "user"),
    [
        ('"0312345678" <sip:0312345678@127.0.0.1>;tag=1', "0312345678"),
        ("<sip:+81312345678@127.0.0.1:5060;user=phone>", "+81312345678"),
        ("sip:h1@127.0.0.1;tag=2", "h1"),
        ("<tel:+81312345678>", "+81312345678"),
        ("<sip:%231234@127.0.0.1>", "#1234"),
        ("<SIPS:a@b>", "a"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_user_of_a_header(header: str, user: str) -> None:
    assert headers.user(header) == user


@pytest.mark.parametrize(
    "header",
    ['"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', "<sip:Anonymous@127.0.0.1>", "<sip:x@anonymous.invalid>"],
)
def test_a_hidden_caller_shows_as_anonymous(header: str) -> None:
    assert headers.shown(header) == "anonymous"


def test_two_ways_to_write_a_number_are_the_same() -> None:
    assert headers.same("0312345678", "+81312345678")
    assert headers.same("81312345678", "03-1234-5678")
    assert headers.same("h1", "h1")
    assert not headers.same("0312345678", "0312345679")
    assert not headers.same("", "")


@given(st.text(max_size=200))
def test_no_header_breaks_the_reader(header: str) -> None:
    assert isinstance(headers.shown(header) + headers.user(header), str)
    assert headers.same(header, header) == bool(header)
