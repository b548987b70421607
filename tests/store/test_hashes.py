"""Secrets that are only ever compared."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplan.errors import BadValue
from store.secrets import hash_secret, matches_hash


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_only_the_secret_itself_matches(secret: str, other: str) -> None:
    hashed = hash_secret(secret)
    assert matches_hash(secret, hashed)
    assert matches_hash(other, hashed) is (other == secret)


def test_the_same_secret_is_never_hashed_alike_and_cannot_be_read() -> None:
    one, two = hash_secret("83749265"), hash_secret("83749265")
    assert one != two
    assert "83749265" not in one
    assert one.startswith("scrypt$14$8$1$")


def test_nothing_matches_no_hash_and_that_takes_as_long_to_find() -> None:
    hashed = hash_secret("1234")

    def fastest(expected: str | None) -> float:
        took = []
        for _ in range(5):
            begun = time.process_time()
            assert not matches_hash("9999", expected)
            took.append(time.process_time() - begun)
        return min(took)

    assert fastest(None) == pytest.approx(fastest(hashed), rel=0.5)


@pytest.mark.parametrize("text", ["", "1234", "scrypt$14$8$1$00", "md5$14$8$1$00$00", "scrypt$14$8$1$zz$00"])
def test_what_was_not_made_here_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(BadValue, match="hash_secret made") as refused:
        matches_hash("1234", text)
    assert not text or text not in str(refused.value)
