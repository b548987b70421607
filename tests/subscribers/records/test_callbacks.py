"""Callback jobs on both databases: who may have one, one in flight for a phone, and what a crash leaves."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.callbacks import AskedBy, Callback, CallbackState
from subscribers.lines import Line
from subscribers.records.callbacks import (
    any_callback_due,
    call_gone,
    callbacks_under_way,
    cancel_callback,
    get_callback,
    list_callbacks,
    phone_answered,
    request_callback,
    take_due_callback,
)
from subscribers.records.lines import suspend_line
from subscribers.records.members import set_mail
from subscribers.records.phones import register_phone, unregister_phone
from subscribers.tables import callbacks, mails

LineIn = Callable[..., Line]
PHONE, OTHER = "+819011110001", "+819011110002"
PAUSES = (timedelta(seconds=30), timedelta(minutes=2))


@pytest.fixture
def line(engine: Engine, line_in: LineIn) -> Line:
    """With two registered phones, and a member who gets mail."""
    with writing(engine) as conn:
        line = line_in(conn)
        set_mail(conn, line.member_id, "member@example.jp")
        register_phone(conn, line.id, PHONE)
        return register_phone(conn, line.id, OTHER)


def asked(engine: Engine, line: Line, at: datetime, phone: str = PHONE) -> Callback:
    with writing(engine) as conn:
        job, new = request_callback(conn, line.id, phone, None, AskedBy.PHONE, at)
    assert new
    return job


def taken(engine: Engine, at: datetime) -> Callback:
    with writing(engine) as conn:
        found = take_due_callback(conn, "sw1", at)
    assert found is not None
    return found[0]


def gone(engine: Engine, job: Callback, at: datetime) -> Callback | None:
    assert job.channel is not None
    with writing(engine) as conn:
        return call_gone(conn, job.id, job.channel, "NOANSWER", at, PAUSES)


def told(engine: Engine) -> list[dict[str, str]]:
    with reading(engine) as conn:
        return [row.facts for row in conn.execute(select(mails).where(mails.c.kind == "callback-failed"))]


def test_a_job_comes_back_as_it_was_stored(engine: Engine, line: Line, now: datetime) -> None:
    with writing(engine) as conn:
        job, _ = request_callback(conn, line.id, "090-1111-0001", "184 0312349999", AskedBy.COMMAND, now)
    with reading(engine) as conn:
        assert get_callback(conn, job.id) == job
        assert list_callbacks(conn, line_id=line.id) == (job,)
        assert list_callbacks(conn, line_id=line.id + 1) == ()
    assert (job.phone, job.number, job.asked_by, job.state) == (PHONE, "1840312349999", "command", "pending")


@pytest.mark.parametrize("how", ["unregistered", "suspended", "pending"])
def test_nobody_asks_for_a_phone_that_may_not_be_called(engine: Engine, line: Line, now: datetime, how: str) -> None:
    at = line.starts_at - timedelta(seconds=1) if how == "pending" else now
    with writing(engine) as conn:
        if how == "suspended":
            suspend_line(conn, line.id, now)
        phone = "09033334444" if how == "unregistered" else PHONE
        with pytest.raises(BadValue, match="phone to call back"):
            request_callback(conn, line.id, phone, None, AskedBy.PHONE, at)
        assert list_callbacks(conn) == ()


@pytest.mark.parametrize("how", ["unregistered", "suspended"])
def test_one_that_may_no_longer_be_called_is_given_up_when_its_time_comes(
    engine: Engine, line: Line, now: datetime, how: str
) -> None:
    asked(engine, line, now)
    with writing(engine) as conn:
        if how == "unregistered":
            unregister_phone(conn, line.id, PHONE)
        else:
            suspend_line(conn, line.id, now)
    job = taken(engine, now)
    assert (job.state, job.tries, job.channel, job.ended_at) == ("failed", 0, None, now)
    assert job.reason is not None
    assert [facts["tries"] for facts in told(engine)] == ["0"]


def test_a_phone_has_one_callback_in_flight_whatever_its_state(engine: Engine, line: Line, now: datetime) -> None:
    def again() -> Callback:
        with writing(engine) as conn:
            found, new = request_callback(conn, line.id, PHONE, "0312349999", AskedBy.COMMAND, now)
        assert not new
        return found

    job = asked(engine, line, now)
    assert again() == job
    calling = taken(engine, now)
    assert again() == calling
    assert calling.channel is not None
    with writing(engine) as conn:
        connected = phone_answered(conn, job.id, calling.channel, now)
    assert connected is not None
    assert again() == connected[0]
    gone(engine, calling, now)
    assert asked(engine, line, now).id != job.id
    assert asked(engine, line, now, OTHER).phone == OTHER


def test_the_database_itself_refuses_a_second_one(engine: Engine, line: Line, now: datetime) -> None:
    asked(engine, line, now)
    values = {"line_id": line.id, "phone": PHONE, "asked_by": "phone", "asked_at": now, "tries": 1}
    with pytest.raises(IntegrityError), writing(engine) as conn:
        conn.execute(insert(callbacks).values(state="calling", **values))
    with writing(engine) as conn:
        conn.execute(insert(callbacks).values(state="ended", **values))


def test_of_several_who_ask_at_once_one_is_new_and_all_are_told_the_same(
    engine: Engine, line: Line, now: datetime
) -> None:
    found: list[tuple[int, bool]] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        ready.wait()
        with writing(engine) as conn:
            job, new = request_callback(conn, line.id, PHONE, None, AskedBy.COMMAND, now)
        found.append((job.id, new))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len({job_id for job_id, _ in found}) == 1
    assert sorted(new for _, new in found) == [False, False, False, True]


def test_one_is_taken_once_when_it_is_due_and_the_longest_waiting_first(
    engine: Engine, line: Line, now: datetime
) -> None:
    second = asked(engine, line, now + timedelta(seconds=1), OTHER)
    first = asked(engine, line, now)
    with reading(engine) as conn:
        assert not any_callback_due(conn, now - timedelta(seconds=1))
        assert any_callback_due(conn, now)
    later = now + timedelta(seconds=2)
    assert [taken(engine, later).id, taken(engine, later).id] == [first.id, second.id]
    with writing(engine) as conn:
        assert take_due_callback(conn, "sw1", later) is None


def test_what_a_switch_has_under_way_is_found_again_after_a_crash(engine: Engine, line: Line, now: datetime) -> None:
    asked(engine, line, now)
    job = taken(engine, now)
    with reading(engine) as conn:
        assert callbacks_under_way(conn, "sw1", now) == (job,)
        assert callbacks_under_way(conn, "sw", now) == callbacks_under_way(conn, "sw2", now) == ()


def test_what_a_switch_that_is_gone_left_behind_is_anybodys_after_a_day(
    engine: Engine, line: Line, now: datetime
) -> None:
    asked(engine, line, now)
    job = taken(engine, now)
    with reading(engine) as conn:
        assert callbacks_under_way(conn, "sw2", now + timedelta(hours=23)) == ()
        assert callbacks_under_way(conn, "sw2", now + timedelta(days=1, seconds=1)) == (job,)


def test_an_answer_counts_once_and_only_for_the_call_that_was_made(engine: Engine, line: Line, now: datetime) -> None:
    asked(engine, line, now)
    job = taken(engine, now)
    assert job.channel is not None
    with writing(engine) as conn:
        assert phone_answered(conn, job.id, "sw1CB-1795143000.11", now) is None
        assert phone_answered(conn, job.id + 1, job.channel, now) is None
        found = phone_answered(conn, job.id, job.channel, now)
        assert found is not None
        assert (found[0].state, found[1]) == ("connected", True)
        assert phone_answered(conn, job.id, job.channel, now) == (found[0], False)
    gone(engine, job, now)
    with writing(engine) as conn:
        assert phone_answered(conn, job.id, job.channel, now) is None


def test_after_three_tries_it_is_given_up_and_the_member_is_told_once(
    engine: Engine, line: Line, now: datetime
) -> None:
    asked(engine, line, now)
    at = now
    for _ in range(3):
        job = taken(engine, at)
        after = gone(engine, job, at)
        assert after is not None
        assert gone(engine, job, at) is None
        at = after.due_at or at
    with reading(engine) as conn:
        (failed,) = list_callbacks(conn)
    assert (failed.state, failed.tries, failed.reason) == (CallbackState.FAILED, 3, "NOANSWER")
    (facts,) = told(engine)
    assert (facts["number"], facts["phone"], facts["tries"]) == ("03-6304-0001", "090-1111-0001", "3")


def test_only_one_that_waits_can_be_cancelled_and_nobody_is_told(engine: Engine, line: Line, now: datetime) -> None:
    job = asked(engine, line, now)
    with writing(engine) as conn:
        assert cancel_callback(conn, job.id, now).state is CallbackState.FAILED
    other = asked(engine, line, now)
    taken(engine, now)
    with writing(engine) as conn, pytest.raises(BadValue, match="one that is pending"):
        cancel_callback(conn, other.id, now)
    assert told(engine) == []
