from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line
from subscribers.members import IdentityCheck, IdentityMethod, Member, MemberKind
from subscribers.records.find import get_line
from subscribers.records.members import (
    add_contract,
    add_member,
    get_contract,
    get_member,
    list_contracts,
    list_members,
    record_identity_check,
    resume_member,
    set_leaving,
    set_mail,
    suspend_member,
)
from subscribers.tables import identity_checks

MemberIn = Callable[..., Member]
LineIn = Callable[..., Line]
CHECK = IdentityCheck(checked_on=date(2026, 11, 2), method=IdentityMethod.IN_PERSON, checked_by="佐藤")
TODAY = date(2026, 11, 20)


def test_a_member_comes_back_as_added(engine: Engine) -> None:
    with writing(engine) as conn:
        member = add_member(conn, name=" 山田商店 ", kind=MemberKind.RENTAL_OFFICE, room_capacity=4)
    with reading(engine) as conn:
        assert get_member(conn, member.id) == member
        assert list_members(conn) == [member]
    assert (member.name, member.room_capacity, member.identity) == ("山田商店", 4, None)


def test_the_newest_identity_check_counts_and_older_ones_stay(engine: Engine, member_in: MemberIn) -> None:
    newer = replace(CHECK, checked_on=TODAY, method=IdentityMethod.ELECTRONIC)
    with writing(engine) as conn:
        member = member_in(conn)
        assert member.identity == CHECK
        assert record_identity_check(conn, member.id, newer, TODAY).identity == newer
        assert conn.execute(select(func.count()).select_from(identity_checks)).scalar_one() == 2


def test_a_bad_check_is_refused_and_not_kept(engine: Engine, member_in: MemberIn) -> None:
    with writing(engine) as conn:
        member = member_in(conn)
        with pytest.raises(BadValue):
            record_identity_check(conn, member.id, replace(CHECK, checked_on=date(2026, 11, 21)), TODAY)
        assert get_member(conn, member.id).identity == CHECK


def test_a_member_is_suspended_once_and_resumed(engine: Engine, member_in: MemberIn, now: datetime) -> None:
    with writing(engine) as conn:
        member = member_in(conn)
        assert suspend_member(conn, member.id, now).suspended_at == now
        with pytest.raises(BadValue, match="a member who is not suspended"):
            suspend_member(conn, member.id, now + timedelta(days=1))
        assert resume_member(conn, member.id) == member
        with pytest.raises(BadValue, match="a suspended member"):
            resume_member(conn, member.id)


def test_changes_of_a_member_change_the_revision_of_its_lines(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        other = line_in(conn, number="03-6304-0002")
        revisions = [line.revision]
        each: list[Callable[[], object]] = [
            lambda: record_identity_check(conn, line.member_id, CHECK, TODAY),
            lambda: suspend_member(conn, line.member_id, now),
            lambda: resume_member(conn, line.member_id),
            lambda: set_leaving(conn, line.member_id, datetime(2027, 3, 31, tzinfo=UTC)),
        ]
        for change in each:
            change()
            revisions.append(get_line(conn, line.id).revision)
        assert sorted(set(revisions)) == revisions
        assert get_line(conn, other.id) == other


def test_a_member_gets_mail_where_an_address_is_kept(engine: Engine, member_in: MemberIn) -> None:
    with writing(engine) as conn:
        member = member_in(conn)
        assert member.mail is None
        assert set_mail(conn, member.id, "yamada+tel@mail.example.jp").mail == "yamada+tel@mail.example.jp"
        for bad in (
            "",
            "yamada",
            "a@b",
            "a@example.jp, b@example.jp",
            "a@example.jp\nBcc: b@example.jp",
            "<a@example.jp>",
        ):
            with pytest.raises(BadValue, match="mail address"):
                set_mail(conn, member.id, bad)
        assert get_member(conn, member.id).mail == "yamada+tel@mail.example.jp"
        assert set_mail(conn, member.id, None) == member
        with pytest.raises(BadValue, match="member: found 99"):
            set_mail(conn, 99, "a@example.jp")


def test_contracts_come_back_as_added(engine: Engine, member_in: MemberIn) -> None:
    with writing(engine) as conn:
        member = member_in(conn)
        made = [add_contract(conn, member.id, day) for day in (date(2026, 11, 1), date(2026, 12, 1))]
        assert list_contracts(conn, member.id) == made
        assert get_contract(conn, made[0].id).opened_on == date(2026, 11, 1)


def test_an_unknown_id_is_named(engine: Engine, now: datetime) -> None:
    with writing(engine) as conn:
        each: list[Callable[[], object]] = [
            lambda: get_member(conn, 99),
            lambda: add_contract(conn, 99, TODAY),
            lambda: suspend_member(conn, 99, now),
            lambda: resume_member(conn, 99),
            lambda: set_leaving(conn, 99, None),
            lambda: record_identity_check(conn, 99, CHECK, TODAY),
        ]
        for unknown in each:
            with pytest.raises(BadValue, match="member: found 99, expected the id of a member"):
                unknown()
        with pytest.raises(BadValue, match="contract: found 99"):
            get_contract(conn, 99)
