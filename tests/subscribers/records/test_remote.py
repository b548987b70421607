from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, func, select

from dialplan.errors import BadValue
from store.engine import reading, writing
from store.secrets import hash_secret, matches_hash
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.lines import suspend_line
from subscribers.records.members import set_mail
from subscribers.records.remote import (
    hashed_pin,
    judge,
    pin_record,
    remote_access_on,
    turn_remote_off,
    turn_remote_on,
)
from subscribers.tables import mails, remote_access, remote_lockouts

LineIn = Callable[..., Line]
HASHED = hash_secret("2580")
NUMBER = "0363040001"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def line(engine: Engine, line_in: LineIn) -> Line:
    """With remote access, PIN 2580, and a member who gets mail."""
    with writing(engine) as conn:
        line = line_in(conn, additional=["03-6304-0002"])
        set_mail(conn, line.member_id, "member@example.jp")
        return turn_remote_on(conn, line.id, HASHED)


def tried(engine: Engine, number: str, pin: str, at: datetime) -> int | None:
    """As agi.pins does it."""
    with writing(engine) as conn:
        record = pin_record(conn, number, at)
        return judge(conn, record, matches_hash(pin, record.pin_hash), at)


def wrong(engine: Engine, times: int, at: datetime, number: str = NUMBER) -> None:
    with writing(engine) as conn:
        for _ in range(times):
            assert judge(conn, pin_record(conn, number, at), False, at) is None


def test_remote_access_is_turned_on_changed_and_off(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line = line_in(conn)
        assert not remote_access_on(conn, line.id)
        changes = [turn_remote_on(conn, line.id, pin) for pin in (HASHED, hash_secret("1111"))]
        assert remote_access_on(conn, line.id)
        assert conn.execute(select(func.count()).select_from(remote_access)).scalar_one() == 1
    assert tried(engine, NUMBER, "2580", now) is None
    assert tried(engine, NUMBER, "1111", now) == line.id
    with writing(engine) as conn:
        changes.append(turn_remote_off(conn, line.id))
        assert not remote_access_on(conn, line.id)
    assert tried(engine, NUMBER, "1111", now) is None
    revisions = [line.revision, *(change.revision for change in changes)]
    assert revisions == sorted(set(revisions))


@pytest.mark.parametrize("number", ["0363040001", "0363040002", "+81363040001", "03-6304-0001"])
def test_the_right_pin_opens_the_line_by_each_of_its_numbers(
    engine: Engine, line: Line, now: datetime, number: str
) -> None:
    assert tried(engine, number, "2580", now) == line.id


@pytest.mark.parametrize("pin", ["", "258", "25800", "２５８０", "2580 ", "x"])
def test_nothing_but_the_pin_opens_it(engine: Engine, line: Line, now: datetime, pin: str) -> None:
    assert tried(engine, NUMBER, pin, now) is None


@pytest.mark.parametrize("number", ["0363049999", "", "1", "110", "x", "9" * 64, "'; --"])
def test_whatever_is_keyed_as_a_number_is_answered_alike(
    engine: Engine, line: Line, now: datetime, number: str
) -> None:
    assert tried(engine, number, "2580", now) is None


def test_five_wrong_pins_lock_also_the_right_one_by_all_numbers_for_an_hour(
    engine: Engine, line: Line, now: datetime
) -> None:
    wrong(engine, 3, now)
    wrong(engine, 1, now, "0363040002")
    assert tried(engine, NUMBER, "2580", now) == line.id
    wrong(engine, 1, now, "0363040002")
    for number in (NUMBER, "0363040002"):
        assert tried(engine, number, "2580", now + 59 * MINUTE) is None
        assert tried(engine, number, "2580", now + 60 * MINUTE) == line.id


def test_a_new_pin_does_not_end_the_lock(engine: Engine, line: Line, now: datetime) -> None:
    wrong(engine, 5, now)
    with writing(engine) as conn:
        turn_remote_off(conn, line.id)
        turn_remote_on(conn, line.id, HASHED)
    assert tried(engine, NUMBER, "2580", now + MINUTE) is None


def test_one_line_is_not_locked_for_another(engine: Engine, line: Line, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        other = line_in(conn, number="03-6304-0003")
        turn_remote_on(conn, other.id, HASHED)
    wrong(engine, 5, now)
    assert tried(engine, "0363040003", "2580", now) == other.id


def test_a_line_out_of_service_cannot_be_reached(engine: Engine, line: Line, now: datetime) -> None:
    with writing(engine) as conn:
        suspend_line(conn, line.id, now)
    assert tried(engine, NUMBER, "2580", now) is None


def test_the_member_is_told_once_for_each_lock(engine: Engine, line: Line, now: datetime) -> None:
    def told() -> list[dict[str, str]]:
        with reading(engine) as conn:
            return [row.facts for row in conn.execute(select(mails).order_by(mails.c.id))]

    wrong(engine, 4, now)
    assert told() == []
    wrong(engine, 20, now + MINUTE)
    assert told() == [
        {
            "member": "山田商店",
            "number": "03-6304-0001",
            "wrong": "5",
            "at": (now + MINUTE).isoformat(),
            "until": (now + 61 * MINUTE).isoformat(),
        }
    ]
    wrong(engine, 5, now + 61 * MINUTE)
    assert len(told()) == 2


def test_a_member_without_an_address_is_not_written_to(engine: Engine, line: Line, now: datetime) -> None:
    with writing(engine) as conn:
        set_mail(conn, line.member_id, None)
    wrong(engine, 5, now)
    with reading(engine) as conn:
        assert conn.execute(select(mails)).all() == []


def test_every_refusal_asks_the_database_the_same(engine: Engine, line: Line, now: datetime) -> None:
    """Known, unknown, and each of them locked: the same statements in the same order, but for the mail of the fifth
    wrong PIN.
    """
    seen = list[str]()
    event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *rest: seen.append(sql))

    def refusal(number: str) -> list[str]:
        with writing(engine) as conn:
            record = pin_record(conn, number, now)
            seen.clear()
            judge(conn, record, False, now)
            return list(seen)

    known = [refusal(NUMBER) for _ in range(8)]
    unknown = [refusal("0363049999") for _ in range(8)]
    assert [known[n] for n in range(8) if n != 4] == [known[0]] * 7
    assert unknown == [known[0]] * 8
    assert len(known[0]) == 4


def test_made_up_numbers_do_not_fill_the_table(engine: Engine, line: Line, now: datetime) -> None:
    for n in range(50):
        wrong(engine, 1, now, f"0399{n:06}")
    with writing(engine) as conn:
        assert conn.execute(select(func.count()).select_from(remote_lockouts)).scalar_one() == 50
        judge(conn, pin_record(conn, NUMBER, now), False, now + timedelta(hours=2, minutes=1))
        rows = conn.execute(select(remote_lockouts.c.subject)).scalars().all()
    assert list(rows) == [f"line {line.id}"]


def test_what_is_stored_names_no_number_that_was_tried(engine: Engine, line: Line, now: datetime) -> None:
    wrong(engine, 1, now, "0399123456")
    with reading(engine) as conn:
        [subject] = conn.execute(select(remote_lockouts.c.subject)).scalars()
    assert "99123456" not in subject


def test_a_pin_record_does_not_show_the_hash(engine: Engine, line: Line, now: datetime) -> None:
    with reading(engine) as conn:
        assert "scrypt" not in repr(pin_record(conn, NUMBER, now))
        assert "scrypt" not in repr(get_line(conn, line.id))


def test_a_pin_of_a_bad_form_is_not_hashed() -> None:
    with pytest.raises(BadValue, match="4 to 8 digits"):
        hashed_pin("123")
    assert matches_hash("1234", hashed_pin("1234"))


def test_an_unknown_line_is_named(engine: Engine) -> None:
    with writing(engine) as conn:
        each: list[Callable[[], object]] = [
            lambda: turn_remote_on(conn, 99, HASHED),
            lambda: turn_remote_off(conn, 99),
        ]
        for unknown in each:
            with pytest.raises(BadValue, match="line: found 99"):
                unknown()
