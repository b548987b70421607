"""Who looks after callbacks: calls what is due, sees what became of it, and spends nothing on what may not be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from agi.ari.errors import Unavailable
from agi.callbacks import Callbacks
from agi.mail import message
from agi.paid import Why, read_paid
from rating.limits.overrides import set_limits
from rating.limits.tables import Name, authorisations
from subscribers.callbacks import AskedBy, Callback, CallbackState, leg_of
from subscribers.records.callbacks import get_callback, phone_answered, request_callback
from subscribers.records.mails import take_due
from subscribers.records.members import set_mail
from subscribers.records.phones import unregister_phone
from tests.agi.flows.conftest import NOW, PHONE, Office
from tests.agi.flows.conftest import office as office

NUMBER = "0312345678"
PAUSES = (timedelta(seconds=30), timedelta(minutes=2))


@dataclass
class Switch:
    """In place of Asterisk: `channels` are those that exist."""

    connected: bool = True
    channels: set[str] = field(default_factory=set)
    called: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False

    async def exists(self, channel_id: str) -> bool:
        if self.away:
            raise Unavailable("GET channels", "no answer in time")
        return channel_id in self.channels

    async def originate(self, endpoint: str, **how: Any) -> None:
        if self.away:
            raise Unavailable("POST channels", "no answer in time")
        self.called.append({"endpoint": endpoint, **how})
        self.channels.add(how["channel_id"])


@dataclass
class Desk:
    office: Office
    switch: Switch
    runner: Callbacks

    def ask(self, number: str | None = None) -> int:
        job, _ = self.office.write(
            request_callback, self.office.line.id, PHONE, number, AskedBy.COMMAND, self.office.now
        )
        found: int = job.id
        return found

    async def look(self, after: timedelta = timedelta(0)) -> Callback:
        """The newest job, after a look so much later."""
        self.office.now += after
        await self.runner.look()
        job: Callback = self.office.read(get_callback, 1)
        return job

    def held(self) -> list[bool]:
        rows = self.office.read(lambda conn: conn.execute(select(authorisations)).all())
        return [row.released_at is None for row in rows]


@pytest.fixture
def desk(office: Office) -> Desk:
    switch = Switch()
    runner = Callbacks(desk=office.desk(switch), switch="sw1", pauses=PAUSES)
    return Desk(office, switch, runner)


async def test_a_phone_is_called_under_the_identities_that_were_stored_before(desk: Desk) -> None:
    desk.ask()
    job = await desk.look()
    (called,) = desk.switch.called
    assert job.channel is not None
    assert (called["channel_id"], called["other_channel_id"]) == (job.channel, leg_of(job.channel))
    assert (called["endpoint"], called["context"]) == ("Local/0363040001@call-out/n", "callback")
    assert (called["extension"], called["caller"]) == ("0363040001", "0363040001")
    assert (called["variables"]["JOB"], read_paid(called["variables"]["PAYS"]).why) == ("1", Why.CALLBACK)
    assert called["seconds"] > 45
    assert (job.state, job.tries, job.called_at) == ("calling", 1, NOW)
    assert await desk.look() == job
    assert len(desk.switch.called) == 1


async def test_the_cost_of_a_given_number_is_allowed_before_anybody_rings(desk: Desk) -> None:
    desk.ask(NUMBER)
    job = await desk.look()
    rows = desk.office.read(lambda conn: conn.execute(select(authorisations)).all())
    assert [row.call_id for row in rows] == [f"{job.channel}/1"]


@pytest.mark.parametrize("why", ["no money", "no trunk", "taken off"])
async def test_what_may_not_be_called_is_given_up_at_once_and_nobody_rings(desk: Desk, why: str) -> None:
    desk.ask(NUMBER)
    prepare: dict[str, Callable[[], object]] = {
        "no money": lambda: desk.office.write(
            set_limits, desk.office.line.id, {Name.DAILY: Decimal(30), Name.NIGHT_DAILY: None}
        ),
        "no trunk": lambda: setattr(desk.office, "trunks", ()),
        "taken off": lambda: desk.office.write(unregister_phone, desk.office.line.id, PHONE),
    }
    prepare[why]()
    job = await desk.look()
    assert (job.state, desk.switch.called, desk.held()) == (CallbackState.FAILED, [], [])
    expected = {"no money": "limit-reached", "no trunk": "no trunk carries", "taken off": "not registered"}
    assert expected[why] in (job.reason or "")
    assert desk.runner.counts["failed"] == 1


async def test_one_that_nobody_answers_is_called_three_times_and_the_member_gets_a_mail(desk: Desk) -> None:
    desk.office.write(set_mail, 1, "yamada@example.jp")
    desk.ask(NUMBER)
    job = await desk.look()
    for pause in PAUSES:
        desk.switch.channels.clear()
        job = await desk.look()
        assert (job.state, job.due_at, job.reason) == ("pending", desk.office.now + pause, "not called")
        assert desk.held() == [False] * job.tries
        job = await desk.look(pause)
        assert job.state is CallbackState.CALLING
    desk.switch.channels.clear()
    job = await desk.look()
    assert (job.state, job.tries, len(desk.switch.called)) == ("failed", 3, 3)
    assert desk.held() == [False] * 3
    mail = desk.office.write(take_due, desk.office.now)
    body = message(mail, "denwaban@example.jp", desk.office.now)
    assert body["Subject"] == "【電話番】折り返しの電話をおつなぎできませんでした"
    for told in ("山田商店", "03-6304-0001", "090-1111-0001", "3回", "2026年11月20日 12時00分"):
        assert told in body.get_content()


async def test_one_that_was_answered_ends_with_its_call(desk: Desk) -> None:
    desk.ask()
    job = await desk.look()
    desk.office.write(phone_answered, job.id, job.channel, NOW)
    assert (await desk.look()).state is CallbackState.CONNECTED
    desk.switch.channels.clear()
    assert (await desk.look()).state is CallbackState.ENDED
    assert desk.runner.counts["ended"] == 1


async def test_another_process_goes_on_where_one_ended(desk: Desk) -> None:
    """Whatever it had got to: the call is there and left alone, or is not and is made again."""
    desk.ask()
    job = await desk.look()
    desk.runner = Callbacks(desk=desk.office.desk(desk.switch), switch="sw1", pauses=PAUSES)
    assert await desk.look() == job
    desk.switch.channels.clear()  # it ended between the store and Asterisk
    assert (await desk.look()).state is CallbackState.PENDING
    assert (await desk.look(PAUSES[0])).tries == 2


async def test_while_asterisk_cannot_be_asked_nothing_is_concluded(desk: Desk) -> None:
    desk.ask()
    desk.switch.connected = False
    assert (await desk.look()).state is CallbackState.PENDING
    desk.switch.connected = True
    job = await desk.look()
    desk.switch.channels.clear()
    desk.switch.connected = False
    assert await desk.look() == job
    desk.switch.connected, desk.switch.away = True, True
    with pytest.raises(Unavailable):
        await desk.look()
    assert desk.office.read(get_callback, 1) == job


async def test_a_call_that_asterisk_did_not_begin_is_a_try(desk: Desk) -> None:
    desk.ask()
    desk.switch.away = True
    job = await desk.look()
    assert (job.state, job.tries) == ("calling", 1)
    desk.switch.away = False
    assert (await desk.look()).state is CallbackState.PENDING
