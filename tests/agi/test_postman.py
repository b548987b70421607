"""The outbox against a real SMTP server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from agi.postman import MailServer, Postman, Security
from store.engine import writing
from store.units import Store
from subscribers.records.mails import queue_mail
from tests.fakes.smtp import Sink, smtp_sink

T0 = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
FACTS = {
    "member": "山田商店",
    "number": "03-6304-0001",
    "wrong": "5",
    "at": T0.isoformat(),
    "until": (T0 + timedelta(hours=1)).isoformat(),
}


class Clock:
    at = T0

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    store = Store(engine)
    yield store
    await store.close()


def postman_of(store: Store, clock: Clock, port: int) -> Postman:
    server = MailServer(host="127.0.0.1", port=port, sender="denwaban@example.jp", security=Security.NONE)
    return Postman(store=store, server=server, now=clock, look_seconds=0.01)


def queue(engine: Engine, *recipients: str, kind: str = "remote-locked") -> None:
    with writing(engine) as conn:
        for recipient in recipients:
            queue_mail(conn, recipient, kind, FACTS, T0)


async def test_what_is_queued_is_sent_once(engine: Engine, store: Store, clock: Clock, sink: Sink) -> None:
    queue(engine, "a@example.jp", "b@example.jp")
    postman = postman_of(store, clock, sink.port)
    for _ in range(2):
        await postman.deliver_due()
    clock.at += timedelta(days=2)
    await postman.deliver_due()
    assert sink.recipients == ["a@example.jp", "b@example.jp"]
    assert "03-6304-0001" in sink.mails[0].get_content()
    assert postman.counts == {"sent": 2}


async def test_a_mail_the_server_refuses_is_sent_later_and_does_not_hold_up_the_next(
    engine: Engine, store: Store, clock: Clock, sink: Sink
) -> None:
    queue(engine, "a@example.jp", "b@example.jp")
    postman = postman_of(store, clock, sink.port)
    sink.refuses = "451 4.3.0 try later"
    with capture_logs() as logs:
        await postman.deliver_due()
    assert (sink.refused, postman.counts["failed"]) == (2, 2)
    assert [entry["attempt"] for entry in logs] == [1, 1]
    assert "a@example.jp" not in str(logs)
    sink.refuses = ""
    await postman.deliver_due()
    assert sink.recipients == []
    clock.at += timedelta(minutes=1)
    await postman.deliver_due()
    assert sink.recipients == ["a@example.jp", "b@example.jp"]


async def test_a_server_that_is_not_there_costs_an_attempt(engine: Engine, store: Store, clock: Clock) -> None:
    queue(engine, "a@example.jp")
    with smtp_sink() as gone:
        port = gone.port
    postman = postman_of(store, clock, port)
    await postman.deliver_due()
    assert postman.counts == {"failed": 1}


async def test_a_mail_that_cannot_be_written_does_not_hold_up_the_next(
    engine: Engine, store: Store, clock: Clock, sink: Sink
) -> None:
    queue(engine, "a@example.jp", kind="no-such-template")
    queue(engine, "b@example.jp")
    postman = postman_of(store, clock, sink.port)
    await postman.deliver_due()
    assert sink.recipients == ["b@example.jp"]
    assert postman.counts == {"failed": 1, "sent": 1}


async def test_two_postmen_at_one_outbox_send_each_mail_once(
    engine: Engine, store: Store, clock: Clock, sink: Sink
) -> None:
    addresses = [f"m{n:02}@example.jp" for n in range(20)]
    queue(engine, *addresses)
    other = Store(engine)
    await asyncio.gather(*(postman_of(one, clock, sink.port).deliver_due() for one in (store, other)))
    await other.close()
    assert sorted(sink.recipients) == addresses


async def test_it_runs_until_it_is_cancelled_also_past_a_store_that_fails(
    engine: Engine, store: Store, clock: Clock, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(engine, "a@example.jp")
    postman = postman_of(store, clock, sink.port)
    real, failures = store.read, iter([OSError("disk"), OSError("disk")])

    async def fails_twice(*args: object) -> object:
        for error in failures:
            raise error
        return await real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "read", fails_twice)
    running = asyncio.create_task(postman.run())
    async with asyncio.timeout(10):
        while postman.counts["sent"] == 0:  # noqa: ASYNC110 - what is waited for is a count
            await asyncio.sleep(0.01)
    running.cancel()
    assert postman.counts["failed"] == 2
    assert sink.recipients == ["a@example.jp"]
