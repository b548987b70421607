from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from agi.mail import message
from store.engine import reading, writing
from subscribers.records.faults import (
    DOWN_MAIL,
    UP_MAIL,
    faulty_lines,
    set_faulty,
    sip_users,
    tell_members,
)
from subscribers.records.find import changed_since, get_line
from subscribers.records.mails import Mail
from subscribers.records.members import set_mail
from subscribers.tables import line_revisions, mails
from tests.fixtures.stored import NOW, stored_line


def test_a_fault_is_a_change_that_survival_copies_follow(engine: Engine) -> None:
    with writing(engine) as conn:
        one, other = (stored_line(conn, f"03-6304-000{number}") for number in (1, 2))
        before = conn.execute(select(line_revisions.c.latest)).scalar_one()
        assert set_faulty(conn, {one.id: True, other.id: False, 999: True}) == {one.id}
    with reading(engine) as conn:
        assert faulty_lines(conn) == {one.id}
        changed, _ = changed_since(conn, before)
        assert [(found.line.id, found.line.faulty) for found in changed] == [(one.id, True)]
    with writing(engine) as conn:
        assert set_faulty(conn, {one.id: False, other.id: True}) == {one.id, other.id}
        assert (get_line(conn, one.id).faulty, get_line(conn, other.id).faulty) == (False, True)


def test_what_is_so_already_takes_no_revision(engine: Engine) -> None:
    with writing(engine) as conn:
        line = stored_line(conn)
        before = conn.execute(select(line_revisions.c.latest)).scalar_one()
        assert set_faulty(conn, {line.id: False}) == set()
        assert conn.execute(select(line_revisions.c.latest)).scalar_one() == before


def test_handsets_are_found_by_line(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as conn:
        line = stored_line(conn, handset="h1")
        stored_line(conn, "03-6304-0002")
        assert sip_users(conn) == {line.id: "h1"}


def test_a_member_gets_one_mail_and_nobody_without_an_address_any(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as conn:
        lines = [stored_line(conn, f"03-6304-000{number}") for number in (1, 2)]
        set_mail(conn, lines[0].member_id, "a@example.jp")
        assert tell_members(conn, [lines[0].id, lines[1].id, 999], DOWN_MAIL, NOW) == 1
        assert [(row.recipient, row.facts["numbers"]) for row in conn.execute(select(mails))] == [
            ("a@example.jp", "03-6304-0001")
        ]


@pytest.mark.parametrize(("kind", "subject"), [(DOWN_MAIL, "故障を検知"), (UP_MAIL, "復旧を確認")])
def test_the_mails_say_which_number_and_when_in_japan(kind: str, subject: str) -> None:
    at = datetime(2026, 11, 20, 3, 5, tzinfo=UTC)
    facts = {"member": "山田商店", "numbers": "03-6304-0001、03-6304-0002", "at": at.isoformat()}
    mail = Mail(id=1, recipient="a@example.jp", kind=kind, facts=facts, queued_at=at, attempts=1)
    made = message(mail, "denwaban@example.jp", at)
    assert subject in made["Subject"]
    for told in ("山田商店 様", "03-6304-0001、03-6304-0002", "2026年11月20日 12時05分"):
        assert told in made.get_content()
