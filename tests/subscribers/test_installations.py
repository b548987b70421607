from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from subscribers.installations import LONGEST, installation


@pytest.mark.parametrize(
    "postcode", ["100-0001", "1000001", "〒100-0001", "〒 １００－０００１", "１００ー０００１", " 1000001 "]
)
def test_a_postcode_is_kept_in_one_form(postcode: str, now: datetime) -> None:
    found = installation(postcode, " 東京都千代田区千代田　１－１ ", "", now)
    assert (found.postcode, found.address, found.building) == ("100-0001", "東京都千代田区千代田　１－１", "")


@pytest.mark.parametrize(
    ("postcode", "address", "building", "thing"),
    [
        ("100-001", "東京都", "", "postcode"),
        ("", "東京都", "", "postcode"),
        ("abc-defg", "東京都", "", "postcode"),
        ("100-0001", "  ", "", "address"),
        ("100-0001", "東京都\n千代田区", "", "address"),
        ("100-0001", "東" * (LONGEST + 1), "", "address"),
        ("100-0001", "東京都", "例ビル\x00", "building"),
    ],
)
def test_what_no_ambulance_could_find_is_refused(
    postcode: str, address: str, building: str, thing: str, now: datetime
) -> None:
    with pytest.raises(BadValue, match=f"^{thing}: "):
        installation(postcode, address, building, now)


@given(postcode=st.text(max_size=12), address=st.text(max_size=30))
def test_what_is_kept_fits_its_columns_and_a_line_of_a_file(postcode: str, address: str) -> None:
    at = datetime.fromisoformat("2026-11-20T00:00:00+00:00")
    try:
        found = installation(postcode, address, "", at)
    except BadValue:
        return
    assert len(found.postcode) == 8
    assert found.address
    assert len(found.address.splitlines()) == 1
