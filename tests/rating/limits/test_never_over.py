"""What the caps promise: whatever happens in whatever order, no line is charged more."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.history import Wanted, calls
from rating.limits.decide import LATE, RING
from rating.limits.limits import AuthRequest, Denied, Grant, Reason
from rating.limits.tables import authorisations
from rating.load import open_books
from rating.usage import Service
from store.engine import StoreBusy, open_engine, reading, writing
from tests.fixtures.limits import FIXED, LIMITS, MOBILE, NOON, ask, asking, end

TIGHT = replace(LIMITS, daily=Decimal(700), monthly=Decimal(1_500), night_daily=Decimal(300))
# Soon it is night, and another day; of the second one also another month.
EVENINGS = (datetime(2026, 5, 11, 21, tzinfo=TOKYO), datetime(2026, 5, 30, 21, tzinfo=TOKYO))


@pytest.fixture(scope="module")
def books() -> Books:
    return open_books()


@dataclass
class Live:
    request: AuthRequest
    to: str
    answered: Decimal | None
    over: datetime
    booked_at: datetime


@dataclass
class World:
    """Calls that are cut at their grant at the latest; each gets into the books some time after its end, or never."""

    conn: Connection
    books: Books
    now: datetime
    live: list[Live] = field(default_factory=list)
    granted: int = 0

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        due = sorted((one for one in self.live if one.booked_at <= self.now), key=lambda one: one.booked_at)
        for one in due:
            self.live.remove(one)
            end(self.conn, one.request, self.books, one.answered, at=one.over, to=one.to)

    def call(self, *, to: str, service: Service, channels: int, rings: int, talks: float, late: float) -> None:
        """`talks` is the part of the granted time that is used, above 1 nobody answers; `late` above 1 is never."""
        self.granted += 1
        request = asking(f"c{self.granted}", to=to, at=self.now, channels=channels, service=service)
        answer = ask(self.conn, request, self.books, TIGHT)
        if isinstance(answer, Denied):
            return
        assert answer.milliseconds is not None
        seconds = None if talks > 1 else Decimal(int(answer.milliseconds * talks)) / 1000
        over = self.now + timedelta(seconds=rings) + timedelta(seconds=float(seconds or 0))
        if late <= 1:
            self.live.append(Live(request, to, seconds, over, over + LATE * late))


steps = st.one_of(
    st.fixed_dictionaries(
        {
            "to": st.sampled_from([FIXED, MOBILE]),
            "service": st.sampled_from([Service.OUT, Service.FORWARD]),
            "channels": st.integers(1, 3),
            "rings": st.sampled_from([0, 20, int(RING.total_seconds())]),
            "talks": st.sampled_from([1.0, 1.0, 0.4, 0.0, 2.0]),
            "late": st.sampled_from([1.0, 1.0, 0.0, 0.5, 2.0]),
        }
    ),
    # Most within what a call of a cap's length takes from its grant to its expiry; the others to another day.
    st.one_of(st.integers(0, 1_800), st.sampled_from([12_600, 50_000, 86_400])),
)


def charged_by_day(conn: Connection) -> dict[date, Decimal]:
    found = defaultdict[date, Decimal](Decimal)
    for one in calls(conn, Wanted(line_id=7, limit=10_000)):
        if one.charge is not None:
            found[one.call.ended_at.astimezone(TOKYO).date()] += one.charge.amount
    return found


@given(start=st.sampled_from(EVENINGS), script=st.lists(steps, min_size=10, max_size=60))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_in_any_order_of_asking_ending_and_expiring_no_day_and_no_month_is_charged_more_than_its_cap(
    sqlite_engine: Engine, books: Books, start: datetime, script: list[dict[str, object] | int]
) -> None:
    with sqlite_engine.connect() as conn, conn.begin() as transaction:
        world = World(conn, books, start)
        for step in script:
            if isinstance(step, int):
                world.wait(step)
            else:
                world.call(**step)  # type: ignore[arg-type]
        world.wait(86_400)
        days = charged_by_day(conn)
        transaction.rollback()
    assert world.live == []
    months = defaultdict[int, Decimal](Decimal)
    for day, amount in days.items():
        months[day.month] += amount
    assert all(amount <= Decimal(700) for amount in days.values()), days
    assert all(amount <= Decimal(1_500) for amount in months.values()), months


def test_one_call_after_the_other_uses_the_cap_up_to_the_last_unit(sqlite_engine: Engine, books: Books) -> None:
    with writing(sqlite_engine) as conn:
        world = World(conn, books, NOON)
        for _ in range(30):
            world.call(to=MOBILE, service=Service.OUT, channels=2, rings=0, talks=0.3, late=0)
            world.wait(600)
        [spent] = charged_by_day(conn).values()
    assert Decimal(700) - Decimal("51.7") < spent <= 700


def test_a_second_connection_waits_until_the_first_has_held_its_yen(
    engine: Engine, impatient: Engine, books: Books
) -> None:
    def meanwhile() -> None:
        with writing(impatient) as other:
            ask(other, asking("c2"), books)

    with writing(engine) as conn:
        assert isinstance(ask(conn, asking("c1"), books), Grant)
        with pytest.raises(StoreBusy):
            meanwhile()
    with writing(impatient) as other:
        denied = ask(other, asking("c2"), books)
        assert isinstance(denied, Denied)
        assert denied.reason is Reason.DAILY_CAP


@pytest.mark.postgres
def test_on_postgresql_another_line_does_not_wait(postgres_engine: Engine, books: Books) -> None:
    other = open_engine(postgres_engine.url.render_as_string(hide_password=False), busy_seconds=0.5)
    with writing(postgres_engine) as conn:
        ask(conn, asking("c1", line=7), books)
        with writing(other) as beside:
            assert isinstance(ask(beside, asking("c2", line=8), books), Grant)
    other.dispose()


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_two_calls_at_once_are_never_promised_the_same_yen(engine: Engine, books: Books, channels: int) -> None:
    """A line with 100 yen left, which pay for one minute to a mobile or three to a fixed phone."""
    hundred = replace(LIMITS, daily=Decimal(100))
    for line in range(10, 16):
        together, answers = Barrier(3), list[Grant | Denied]()

        def call(number: str, line: int = line, together: Barrier = together, into: list[object] = answers) -> None:  # type: ignore[assignment]
            request = asking(f"{line}-{number}", to=number, line=line, channels=channels)
            together.wait()
            with writing(engine) as conn:
                into.append(ask(conn, request, books, hundred))

        threads = [Thread(target=call, args=(number,)) for number in (MOBILE, FIXED, "+81655550124")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 3
        assert sum(one.held for one in answers if isinstance(one, Grant)) <= 100
        with reading(engine) as conn:
            held = conn.scalars(select(authorisations.c.held).where(authorisations.c.line_id == line)).all()
        assert sum(held) == sum(one.held for one in answers if isinstance(one, Grant)) > 0


def test_a_call_that_ends_while_another_asks_is_counted(engine: Engine, books: Books) -> None:
    """Its charge, what it holds, or for a moment both: never neither."""
    for line in range(20, 30):
        first = asking(f"{line}-1", line=line)
        with writing(engine) as conn:
            granted = ask(conn, first, books)
        assert isinstance(granted, Grant)
        together, answers = Barrier(2), list[Grant | Denied]()

        def ends(first: AuthRequest = first, together: Barrier = together) -> None:
            together.wait()
            with writing(engine) as conn:
                end(conn, first, books, Decimal(900))  # 15 of the 19 minutes that 1,000 yen pay for

        def asks(line: int = line, together: Barrier = together, into: list[Grant | Denied] = answers) -> None:
            second = asking(f"{line}-2", line=line, at=NOON + timedelta(seconds=900))
            together.wait()
            with writing(engine) as conn:
                into.append(ask(conn, second, books))

        threads = [Thread(target=ends), Thread(target=asks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [second] = answers
        assert isinstance(second, Denied) or second.held == 4 * Decimal("51.7")
