from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.hash_dial import Block, HashNumber
from subscribers.members import Member
from subscribers.records.hash_dial import (
    add_hash_number,
    change_hash_number,
    hash_target,
    list_hash_numbers,
    remove_hash_number,
)

MemberIn = Callable[..., Member]
TOKYO, OSAKA, MOBILE = "+81363040001", "+81666123456", "+819011112222"
HEAD, BRANCH = "+81312345678", "+81666660001"


def test_it_reaches_the_number_set_for_the_callers_block_else_nationwide(engine: Engine, member_in: MemberIn) -> None:
    with writing(engine) as conn:
        member = member_in(conn).id
        added = add_hash_number(conn, member, "1234", "03-1234-5678", None)
        assert added == HashNumber(digits="#1234", block=None, member_id=member, target=HEAD)
        add_hash_number(conn, member, "#1234", "06-6666-0001", Block.KANSAI)
        add_hash_number(conn, member, "#7777", "06-6666-0001", Block.KANSAI)
    with reading(engine) as conn:
        assert hash_target(conn, "#1234", TOKYO) == HEAD
        assert hash_target(conn, "#1234", OSAKA) == BRANCH
        assert hash_target(conn, "#1234", MOBILE) == HEAD
        assert hash_target(conn, "#7777", OSAKA) == BRANCH
        assert hash_target(conn, "#7777", TOKYO) is None
        assert hash_target(conn, "#7777", MOBILE) is None
        assert hash_target(conn, "#0000", OSAKA) is None


def test_the_owner_sets_another_number_and_gives_it_up(engine: Engine, member_in: MemberIn) -> None:
    with writing(engine) as conn:
        member, other = member_in(conn).id, member_in(conn).id
        add_hash_number(conn, member, "1234", "03-1234-5678", Block.KANTO)
        add_hash_number(conn, other, "1234", "06-6666-0001", Block.KANSAI)
        assert change_hash_number(conn, "1234", "090-1111-2222", Block.KANTO).target == MOBILE
        assert hash_target(conn, "#1234", TOKYO) == MOBILE
        assert hash_target(conn, "#1234", OSAKA) == BRANCH
        assert [one.member_id for one in list_hash_numbers(conn)] == [other, member]
        assert [one.block for one in list_hash_numbers(conn, member_id=member)] == [Block.KANTO]
        assert remove_hash_number(conn, "1234", Block.KANTO).target == MOBILE
        assert hash_target(conn, "#1234", TOKYO) is None


def test_a_refused_change_leaves_the_numbers_as_they_were(engine: Engine, member_in: MemberIn) -> None:
    with writing(engine) as conn:
        member, other = member_in(conn).id, member_in(conn).id
        add_hash_number(conn, member, "1234", "03-1234-5678", None)
        before = list_hash_numbers(conn)
        each: list[tuple[Callable[[], object], str]] = [
            (lambda: add_hash_number(conn, member, "1234", "03-1234-5678", None), "one that is free"),
            (lambda: add_hash_number(conn, other, "1234", "03-1234-5678", Block.KANTO), "has it nationwide"),
            (lambda: add_hash_number(conn, member, "12345", "03-1234-5678", None), "# and 4 digits"),
            (lambda: add_hash_number(conn, member, "1235", "110", None), "number to be reached"),
            (lambda: add_hash_number(conn, 99, "1235", "03-1234-5678", None), "the id of a member"),
            (lambda: change_hash_number(conn, "1235", "03-1234-5678", None), "#1235 nationwide"),
            (lambda: change_hash_number(conn, "1234", "0990-111-222", None), "number to be reached"),
            (lambda: remove_hash_number(conn, "1234", Block.KANTO), "#1234 kanto"),
        ]
        for refused, why in each:
            with pytest.raises(BadValue, match=why):
                refused()
        assert list_hash_numbers(conn) == before
