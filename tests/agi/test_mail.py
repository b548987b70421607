from datetime import UTC, datetime

from agi.mail import message
from subscribers.records.mails import Mail

AT = datetime(2026, 11, 20, 3, 5, tzinfo=UTC)
FACTS = {
    "member": "山田商店 <b>",
    "number": "03-6304-0001",
    "wrong": "5",
    "at": "2026-11-20T03:00:00+00:00",
    "until": "2026-11-20T15:30:00+00:00",
}
MAIL = Mail(
    id=7, recipient="yamada@example.jp", kind="remote-locked", facts=FACTS, queued_at=AT.replace(minute=0), attempts=2
)


def test_the_member_reads_which_number_is_locked_until_when_in_japan() -> None:
    made = message(MAIL, "denwaban@example.jp", AT)
    assert (made["From"], made["To"]) == ("denwaban@example.jp", "yamada@example.jp")
    assert made["Subject"] == "【電話番】遠隔操作を一時的に停止いたしました"
    body = made.get_content()
    assert body.startswith("山田商店 <b> 様\n")
    for told in ("03-6304-0001", "5回", "2026年11月20日 12時00分", "2026年11月21日 0時30分 まで"):
        assert told in body


def test_every_attempt_is_the_same_mail() -> None:
    first, second = (message(MAIL, "denwaban@example.jp", at) for at in (AT, AT.replace(hour=9)))
    assert first["Message-ID"] == second["Message-ID"] == "<denwaban.7.20261120030000@example.jp>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Date"] != second["Date"]


def test_it_goes_through_servers_that_take_ascii_only() -> None:
    assert message(MAIL, "denwaban@example.jp", AT).as_bytes().isascii()


def test_what_looks_like_a_moment_without_a_zone_is_left_as_it_is() -> None:
    facts = {**FACTS, "member": "20261120"}
    mail = Mail(id=1, recipient="a@example.jp", kind="remote-locked", facts=facts, queued_at=AT, attempts=1)
    assert message(mail, "d@example.jp", AT).get_content().startswith("20261120 様")
