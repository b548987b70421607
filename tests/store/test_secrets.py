import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from store.secrets import WrongKey, new_key, seal, unseal

KEY = new_key()


@given(st.text(st.characters(codec="utf-8")))
def test_what_was_sealed_comes_back(secret: str) -> None:
    assert unseal(seal(secret, KEY), KEY) == secret


def test_a_sealed_secret_shows_nothing_and_differs_each_time() -> None:
    one, two = seal("hush-hush", KEY), seal("hush-hush", KEY)
    assert one != two
    assert "hush" not in one


def test_another_key_and_an_altered_text_are_refused_by_name() -> None:
    sealed = seal("hush", KEY)
    for text, key in ((sealed, new_key()), (sealed[:-6] + "AAAA==", KEY), ("", KEY), ("é", KEY)):
        with pytest.raises(WrongKey, match="SIP password of h1"):
            unseal(text, key, "SIP password of h1")


@pytest.mark.parametrize("key", ["", "short", "!" * 44, "é" * 44])
def test_an_unusable_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(BadValue, match=r"secrets key: found '.* characters'") as refused:
        seal("hush", key)
    assert not key or key not in str(refused.value)
