"""PINs of remote access, tried by somebody who has a script and many numbers to call from."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from agi.pins import check_pin, set_pin
from dialplan.errors import BadValue
from store.engine import reading, writing
from store.units import Store
from subscribers.lines import Line
from subscribers.records.members import set_mail
from subscribers.remote import WRONG_BEFORE_LOCK
from subscribers.tables import mails, remote_access
from tests.fixtures.stored import NOW, stored_line

NUMBER, UNKNOWN, PIN = "0363040001", "0363049999", "7316"
SECOND = timedelta(seconds=1)


@pytest.fixture
def line(engine: Engine) -> Line:
    with writing(engine) as conn:
        line = stored_line(conn)
        set_mail(conn, line.member_id, "member@example.jp")
        return line


@pytest.fixture
async def store(engine: Engine, line: Line) -> AsyncIterator[Store]:
    """Remote access of `line` is on, with PIN 7316."""
    store = Store(engine)
    await set_pin(store, line.id, PIN)
    yield store
    await store.close()


async def test_the_right_pin_names_the_line_and_a_wrong_one_nothing(store: Store, line: Line) -> None:
    assert await check_pin(store, NUMBER, PIN, NOW) == line.id
    assert await check_pin(store, NUMBER, "7317", NOW) is None
    assert await check_pin(store, UNKNOWN, PIN, NOW) is None


async def test_two_hundred_guesses_get_no_further_than_the_lock_out(store: Store, line: Line, engine: Engine) -> None:
    """The right PIN is the sixth and every tenth of them; who calls is nowhere asked, so it cannot matter."""
    guesses = [PIN if n == WRONG_BEFORE_LOCK or n % 10 == 9 else f"{8000 + n}" for n in range(200)]
    answers = [await check_pin(store, NUMBER, pin, NOW + n * SECOND) for n, pin in enumerate(guesses)]
    assert answers == [None] * 200
    reopened = Store(engine)  # as after a restart
    assert await check_pin(reopened, NUMBER, PIN, NOW + 200 * SECOND) is None
    assert await check_pin(reopened, NUMBER, PIN, NOW + timedelta(hours=1, seconds=4)) == line.id
    await reopened.close()
    with reading(engine) as conn:
        [mail] = conn.execute(select(mails)).all()
    assert (mail.recipient, mail.kind) == ("member@example.jp", "remote-locked")


async def test_guesses_that_come_at_once_are_counted_one_by_one(store: Store, line: Line) -> None:
    answers = await asyncio.gather(*(check_pin(store, NUMBER, f"{9000 + n}", NOW) for n in range(20)))
    assert answers == [None] * 20
    assert await check_pin(store, NUMBER, PIN, NOW) is None


async def test_an_answer_takes_the_same_time_whatever_is_wrong(store: Store, engine: Engine) -> None:
    """Medians of a known number, a number nobody has, and both when they are locked; hashing is most of each."""

    async def median(number: str) -> float:
        took = []
        for _ in range(9):
            begun = time.perf_counter()
            assert await check_pin(store, number, "0000", NOW) is None
            took.append(time.perf_counter() - begun)
        return statistics.median(took)

    open_ = {number: await median(number) for number in (NUMBER, UNKNOWN)}
    locked = {number: await median(number) for number in (NUMBER, UNKNOWN)}
    fastest, slowest = min(*open_.values(), *locked.values()), max(*open_.values(), *locked.values())
    assert fastest > 0.01, "no hash was made"
    assert slowest < 2 * fastest


async def test_neither_the_log_nor_the_store_holds_a_pin(store: Store, line: Line, engine: Engine) -> None:
    with capture_logs() as logs:
        await check_pin(store, NUMBER, "99887766", NOW)
        await set_pin(store, line.id, "55443322")
        with pytest.raises(BadValue) as refused:
            await set_pin(store, line.id, "554433221")
    assert "554433221" not in str(refused.value)
    with reading(engine) as conn:
        kept = str(conn.execute(select(remote_access)).all())
    for pin in ("99887766", "55443322"):
        assert pin not in str(logs) + kept


async def test_a_pin_that_is_refused_leaves_the_old_one(store: Store, line: Line) -> None:
    with pytest.raises(BadValue, match="4 to 8 digits"):
        await set_pin(store, line.id, "12")
    assert await check_pin(store, NUMBER, PIN, NOW) == line.id
