from pathlib import Path

import pytest

from dialplan.errors import BadValue
from lab import configure
from lab.configure import Handset
from lab.place import Place, beside, spoken

HANDSET = Handset(sip_user="h01", password="very-secret", number="0312345678")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(root=tmp_path, addresses=beside(8), sounds=spoken())
    place.lay_out()
    return place


def test_handsets_are_kept_and_written(place: Place) -> None:
    assert configure.handsets(place) == []
    configure.give(place, [HANDSET])
    assert configure.handsets(place) == [HANDSET]
    configure.write(place, "phones")
    text = (place.etc("phones") / "pjsip_handsets.conf").read_text()
    assert "password = very-secret\n" in text
    assert "client_uri = sip:h01@127.0.8.1:5060\n" in text


def test_writing_again_changes_nothing(place: Place) -> None:
    configure.write(place, "carrier")
    before = {file: file.read_bytes() for file in place.etc("carrier").iterdir()}
    configure.write(place, "carrier")
    assert {file: file.read_bytes() for file in place.etc("carrier").iterdir()} == before
    assert len(before) > 10


@pytest.mark.parametrize(
    "handset",
    [
        Handset(sip_user="h", password="x"),
        Handset(sip_user="", password="x"),
        Handset(sip_user="a]b", password="x"),
        Handset(sip_user="h01", password="a\nb"),
        Handset(sip_user="h01", password="a;b"),
        Handset(sip_user="h01", password=""),
    ],
)
def test_a_handset_that_would_break_the_file_is_refused_and_the_old_ones_stay(place: Place, handset: Handset) -> None:
    configure.give(place, [HANDSET])
    with pytest.raises(BadValue):
        configure.give(place, [handset])
    assert configure.handsets(place) == [HANDSET]


def test_a_sip_user_given_twice_is_refused(place: Place) -> None:
    with pytest.raises(BadValue, match="h01"):
        configure.give(place, [HANDSET, HANDSET])


def test_a_password_is_not_told_by_a_printed_handset() -> None:
    assert "very-secret" not in repr(HANDSET)


def test_secrets_are_for_their_owner_only(place: Place) -> None:
    configure.give(place, [HANDSET])
    assert configure.password(place, "phones") == configure.password(place, "phones")
    for name in ("password", "handsets.json"):
        assert (place.role("phones") / name).stat().st_mode & 0o077 == 0
