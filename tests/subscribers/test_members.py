from dataclasses import replace
from datetime import date

import pytest

from dialplan.errors import BadValue
from subscribers.members import IdentityCheck, IdentityMethod, MemberKind, check_identity, check_member

CHECK = IdentityCheck(checked_on=date(2024, 2, 29), method=IdentityMethod.BY_POST, checked_by="佐藤")


@pytest.mark.parametrize(
    ("ended", "kept"),
    [(date(2026, 11, 30), date(2033, 11, 30)), (date(2024, 2, 29), date(2031, 3, 1))],
)
def test_an_identity_check_is_kept_seven_years_after_the_contract_ended(ended: date, kept: date) -> None:
    assert CHECK.kept_until(ended) == kept


def test_a_check_cannot_be_dated_ahead_and_names_its_checker() -> None:
    check_identity(CHECK, date(2024, 2, 29))
    with pytest.raises(BadValue, match=r"identity check date: found '2024-02-29', expected 2024-02-28"):
        check_identity(CHECK, date(2024, 2, 28))
    with pytest.raises(BadValue, match="the name of who checked it"):
        check_identity(replace(CHECK, checked_by=" "), date(2025, 1, 1))


def test_only_a_rental_office_has_a_room_capacity() -> None:
    check_member("山田", MemberKind.RENTAL_OFFICE, 1)
    check_member("山田", MemberKind.COWORKING, None)
    for capacity in (None, 0, -1):
        with pytest.raises(BadValue, match="room capacity"):
            check_member("山田", MemberKind.RENTAL_OFFICE, capacity)
    for kind in (MemberKind.COWORKING, MemberKind.VIRTUAL_OFFICE):
        with pytest.raises(BadValue, match="room capacity"):
            check_member("山田", kind, 1)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00"])
def test_a_member_has_a_name_that_can_be_printed(name: str) -> None:
    with pytest.raises(BadValue, match="member name"):
        check_member(name, MemberKind.COWORKING, None)
