from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from store.engine import writing
from subscribers.records.mails import ATTEMPTS, NEWS_FOR, any_due, mail_failed, mail_sent, pause, queue_mail, take_due
from subscribers.tables import mails

FACTS = {"number": "03-6304-0001"}
MINUTE = timedelta(minutes=1)


def test_a_mail_is_taken_once_and_sent(engine: Engine, now: datetime) -> None:
    with writing(engine) as conn:
        assert not any_due(conn, now)
        queue_mail(conn, "a@example.jp", "remote-locked", FACTS, now)
        assert any_due(conn, now)
        mail = take_due(conn, now)
        assert mail is not None
        assert (mail.recipient, mail.kind, mail.facts, mail.queued_at) == (
            "a@example.jp",
            "remote-locked",
            FACTS,
            now,
        )
        assert take_due(conn, now) is None
        mail_sent(conn, mail.id, now)
        assert not any_due(conn, now + NEWS_FOR / 2)


def test_who_waits_longest_comes_first(engine: Engine, now: datetime) -> None:
    with writing(engine) as conn:
        for minutes, address in ((2, "b@example.jp"), (1, "a@example.jp"), (3, "c@example.jp")):
            queue_mail(conn, address, "remote-locked", FACTS, now + minutes * MINUTE)
        taken = [take_due(conn, now + 2 * MINUTE) for _ in range(3)]
    assert [mail.recipient for mail in taken if mail] == ["a@example.jp", "b@example.jp"]


def test_a_mail_whose_sender_died_or_failed_is_due_again_and_in_the_end_given_up(
    engine: Engine, now: datetime
) -> None:
    at, attempts = now, []
    with writing(engine) as conn:
        queue_mail(conn, "a@example.jp", "remote-locked", FACTS, now)
        while mail := take_due(conn, at):
            attempts.append(mail.attempts)
            if mail.attempts % 2:
                mail_failed(conn, mail.id, "451 try later")
            assert not any_due(conn, at + pause(mail.attempts) - MINUTE / 60)
            at += pause(mail.attempts)
        assert attempts == list(range(1, ATTEMPTS + 1))
        assert timedelta(hours=20) < at - pause(ATTEMPTS) - now < timedelta(hours=24)
        row = conn.execute(select(mails)).one()
    assert (row.due_at, row.sent_at, row.problem) == (None, None, "451 try later")


def test_old_news_is_not_sent_when_mail_is_turned_on_again(engine: Engine, now: datetime) -> None:
    with writing(engine) as conn:
        queue_mail(conn, "a@example.jp", "remote-locked", FACTS, now)
        assert any_due(conn, now + NEWS_FOR - MINUTE)
        assert not any_due(conn, now + NEWS_FOR)
        assert take_due(conn, now + NEWS_FOR) is None
