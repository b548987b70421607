"""What a requested name means, for all real makers at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.mac import Mac
from provisioning.makers.all import MAKERS
from provisioning.makers.maker import Maker
from provisioning.naming import kind_of, mac_of, meanings, meant

MAC = Mac("001565010203")


@pytest.mark.parametrize(
    ("name", "makers"),
    [
        ("001565010203.cfg", {"yealink", "polycom", "cisco", "patton"}),
        ("/001565010203.cfg", {"yealink", "polycom", "cisco", "patton"}),
        ("y000000000108.cfg", {"yealink"}),
        ("000000000000.cfg", {"polycom"}),
        ("ConfigBCC342012345.cfg", {"panasonic"}),
        ("KX-HDV230.cfg", {"panasonic"}),
        ("snomD785-000413AABBCC.htm", {"snom"}),
        ("cfg000b82aabbcc", {"grandstream"}),
        ("spa112.cfg", {"cisco"}),
        ("00908FAABBCC.ini", {"audiocodes"}),
        ("audiocodes.ini", {"audiocodes"}),
        ("ffffffffffff.cfg", set()),
        ("010000000001.cfg", set()),
        ("/etc/passwd", set()),
        ("", set()),
    ],
)
def test_a_name_means_something_to_whom_it_belongs(name: str, makers: set[str]) -> None:
    assert {one.maker.key for one in meanings(name, MAKERS)} == makers


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.key)
def test_every_devices_own_file_is_found_again(maker: Maker) -> None:
    for model in maker.models:
        found = meanings(maker.own_file(MAC, model.name), MAKERS)
        mine = meant(found, maker.key)
        assert mine is not None
        assert mac_of(found) == mine.wanted.mac == MAC


def test_a_name_without_a_mac_has_one_maker() -> None:
    """Nothing else could tell which of several is meant."""
    names = ["000000000000.cfg", "cfg.xml", "audiocodes.ini", "y000000000000.boot", "snomD785.htm", "spa112.cfg"]
    for name in names:
        assert len([one for one in meanings(name, MAKERS) if one.wanted.mac is None]) == 1
    assert meant(meanings(names[0], MAKERS), "yealink") is None


@given(st.text(max_size=400))
def test_no_name_is_too_odd(name: str) -> None:
    for one in meanings(name, MAKERS):
        assert one.maker.wanted(name.lstrip("/")) == one.wanted


def test_a_file_says_what_it_is() -> None:
    assert kind_of(b"<?xml?>") == "text/xml"
    assert kind_of(b"#!version") == "text/plain; charset=utf-8"
    assert kind_of(b"\0\0\1") == "application/octet-stream"
    assert kind_of(b"") == "text/plain; charset=utf-8"
