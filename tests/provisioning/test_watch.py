"""Watching from end to end: a real agent, the store, lines and mail. Turns are taken by hand."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from agi.faults import BEYOND
from lab.until import until
from provisioning.device import Device, Port, SnmpVersion
from provisioning.mac import Mac
from provisioning.makers.grandstream import MAKER
from provisioning.records import health as records
from provisioning.records.devices import add_device, change_device, retire_device, swap_device
from provisioning.snmp.client import Client
from provisioning.snmp.health import Change, ChangeKind, Registration
from provisioning.snmp.target import snmp_user
from provisioning.snmp.traps import TrapReceiver
from provisioning.watch import Watcher
from store.engine import reading, writing
from store.secrets import unseal
from store.units import Store
from subscribers.records.faults import faulty_lines
from subscribers.records.find import get_line
from subscribers.records.members import set_mail
from subscribers.tables import mails
from tests.fixtures.devices import KEY, port
from tests.fixtures.snmpd import GRANDSTREAM, Agent, agent, tool
from tests.fixtures.stored import NOW, stored_line

HT = f"{GRANDSTREAM}.1.2.2"
MAC = Mac("000b82000001")
MINUTE = timedelta(minutes=1)


@dataclass(kw_only=True)
class Site:
    """An HT802 with two lines of two members, and whoever watches it."""

    engine: Engine
    device: Device
    agent: Agent
    watcher: Watcher
    now: list[datetime]
    registered: dict[str, Registration]

    async def turns(self, times: int) -> None:
        for _ in range(times):
            await self.watcher.poller.turn(self.device.id)
            self.now[0] += MINUTE

    def ports(self, *words: str) -> None:
        """What the adapter says of the registration of its ports."""
        said = {f"{HT}.2.{number}.0.0": ("string", word) for number, word in enumerate(words, 1)}
        self.agent.say(said | {f"{HT}.1.{number}.0.0": ("string", "On Hook") for number in (1, 2)})

    def faulty(self) -> set[int]:
        with reading(self.engine) as conn:
            return faulty_lines(conn)

    def state(self) -> str | None:
        with reading(self.engine) as conn:
            found = records.get(conn, self.device.id)
            return None if found is None else found.state

    def mails(self) -> list[tuple[str, str]]:
        with reading(self.engine) as conn:
            return [(row.kind, row.recipient) for row in conn.execute(select(mails).order_by(mails.c.id))]


def _device(engine: Engine, version: SnmpVersion) -> Device:
    with writing(engine) as conn:
        lines = []
        for number in (1, 2):
            line = stored_line(conn, f"03-6304-000{number}", handset=f"h{number}")
            set_mail(conn, line.member_id, f"member{number}@example.jp")
            lines.append(port(number, line.id))
        model = MAKER.model("HT802")
        assert model is not None
        settings: dict[str, Any] = {"key": KEY, "at": NOW, "snmp": version, "address": "127.0.0.1"}
        return add_device(conn, MAC, MAKER, model, ports=lines, **settings)


@pytest.fixture(params=[SnmpVersion.V2C, SnmpVersion.V3])
def version(request: pytest.FixtureRequest) -> SnmpVersion:
    return SnmpVersion(request.param)


@pytest.fixture
async def site(sqlite_engine: Engine, tmp_path: Path, version: SnmpVersion) -> AsyncIterator[Site]:
    device = _device(sqlite_engine, version)
    secret = unseal(device.sealed_snmp, KEY)
    keys = {"community": secret, "phrase": secret, "user": snmp_user(MAC)}
    async with agent(tmp_path / "agent", **keys) as made:
        now, registered = [NOW], dict[str, Registration]()
        client, store = Client(seconds=0.3, retries=0), Store(sqlite_engine)
        watcher = Watcher(
            store=store,
            key=KEY,
            poll=client.poll,
            registration=registered.get,
            beyond=BEYOND,
            now=lambda: now[0],
            traps=lambda hint: TrapReceiver(client.engine, hint),
            every=1_000_000.0,
            agent_port=made.port,
        )
        await watcher.load()
        site = Site(engine=sqlite_engine, device=device, agent=made, watcher=watcher, now=now, registered=registered)
        site.ports("Registered", "Registered")
        yield site
        await client.close()
        await store.close()


async def test_a_stopped_agent_is_down_at_the_third_poll_with_mails_and_faults_and_back_later(
    site: Site,
) -> None:
    await site.turns(1)
    await site.agent.stop()
    await site.turns(2)
    assert (site.faulty(), site.mails()) == (set(), [])
    await site.turns(1)
    assert site.state() == "down"
    assert site.faulty() == {one.line_id for one in site.device.ports}
    assert site.mails() == [("device-down", "member1@example.jp"), ("device-down", "member2@example.jp")]
    await site.agent.start()
    await site.turns(2)
    assert (site.state(), site.faulty()) == ("healthy", set())
    assert site.mails()[2:] == [("device-up", "member1@example.jp"), ("device-up", "member2@example.jp")]


async def test_one_dead_port_is_its_line_alone(site: Site) -> None:
    await site.turns(1)
    site.ports("Registered", "Not Registered")
    await site.turns(3)
    assert site.faulty() == {site.device.ports[1].line_id}
    assert site.mails() == [("device-down", "member2@example.jp")]
    with reading(site.engine) as conn:
        assert [(one.number, one.dead) for one in records.ports(conn, site.device.id)] == [(1, False), (2, True)]
    site.ports("Registered", "Registered")
    await site.turns(1)
    assert (site.faulty(), site.mails()[-1]) == (set(), ("device-up", "member2@example.jp"))


async def test_asterisk_s_word_counts_beside_snmp(site: Site) -> None:
    site.registered |= {name: Registration(registered=True, since=NOW) for name in ("h1", "h2")}
    await site.turns(1)
    site.registered["h1"] = Registration(registered=False, since=site.now[0])
    await site.turns(4)
    assert site.faulty() == {site.device.ports[0].line_id}
    site.registered["h2"] = Registration(registered=False, since=site.now[0])
    await site.turns(4)
    assert site.state() == "down"
    assert [kind for kind, _ in site.mails()] == ["device-down"] * 3


async def test_what_was_known_outlives_a_restart_of_ours(site: Site) -> None:
    await site.turns(1)
    await site.agent.stop()
    await site.turns(3)
    watcher = site.watcher
    other = Watcher(
        store=watcher._store,
        key=KEY,
        poll=watcher.poller._poll,
        registration=site.registered.get,
        beyond=BEYOND,
        now=lambda: site.now[0],
    )
    await other.load()
    await other.poller.turn(site.device.id)
    assert other.poller.health[site.device.id].down
    assert len(site.mails()) == 2  # nobody is told twice


@dataclass
class Broken:
    """Beyond, with a notice that fails."""

    fails: bool = True

    def notify(self, conn: Connection, device: Device, change: Change, at: datetime) -> None:
        if self.fails:
            raise RuntimeError("no mail today")
        BEYOND.notify(conn, device, change, at)


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_faults_and_notices_are_never_half_done(site: Site) -> None:
    broken = Broken()
    site.watcher._beyond = replace(BEYOND, notify=broken.notify)
    await site.turns(1)
    await site.agent.stop()
    await site.turns(3)
    assert (site.state(), site.faulty(), site.mails()) == (None, set(), [])
    broken.fails = False
    await site.turns(1)
    assert (site.state(), len(site.faulty()), len(site.mails())) == ("down", 2, 2)


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_device_taken_back_leaves_no_fault_behind(site: Site) -> None:
    await site.turns(1)
    await site.agent.stop()
    await site.turns(3)
    assert len(site.faulty()) == 2
    with writing(site.engine) as conn:
        retire_device(conn, MAC)
    await site.watcher.load()
    assert site.faulty() == set()
    assert site.watcher.poller.watched == {}


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_without_news_the_store_is_written_now_and_then(site: Site) -> None:
    await site.turns(2)
    assert site.state() is None
    await site.watcher.keep()
    with reading(site.engine) as conn:
        kept = records.get(conn, site.device.id)
    assert kept is not None
    assert (kept.state, kept.last_ok_at) == ("healthy", NOW + MINUTE)
    await site.watcher.keep()
    assert site.watcher.counts["kept"] == 1


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_value_of_the_wrong_type_is_told_and_changes_nothing_else(site: Site) -> None:
    site.agent.say({f"{HT}.2.1.0.0": ("integer", "7"), f"{HT}.2.2.0.0": ("string", "Registered")})
    await site.turns(4)
    poller = site.watcher.poller
    assert [str(one) for one in poller.problems[site.device.id]] == [
        f"{HT}.2.1.0.0: found INTEGER '7', expected OCTET STRING, one of Not Registered, Registered"
    ]
    assert poller.health[site.device.id].state.value == "healthy"
    assert (site.faulty(), site.mails()) == (set(), [])


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_trap_brings_the_next_look_at_once(site: Site, tmp_path: Path) -> None:
    receiver = site.watcher.traps
    assert receiver is not None
    address, number = receiver.open("127.0.0.1", 0)
    running = asyncio.create_task(site.watcher.poller.run())
    looked = site.watcher.poller.counts["turns"]
    community = unseal(site.device.sealed_snmp, KEY)
    await tool(tmp_path, "snmptrap", "-v2c", "-c", community, f"{address}:{number}", "", "1.3.6.1.6.3.1.1.5.3")
    await until(lambda: site.device.id in site.watcher.poller.problems, 20, "an answer read")
    assert site.watcher.poller.counts["turns"] == looked + 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    receiver.close()


async def test_on_both_databases(engine: Engine) -> None:
    """Registrations alone, with everything that is written."""
    device = _device(engine, SnmpVersion.OFF)
    registered: dict[str, Registration] = {}
    store, now = Store(engine), [NOW]

    async def poll(*_: object) -> Mapping[str, Any]:
        raise AssertionError("asked by SNMP, expected registrations only")

    watcher = Watcher(store=store, key=KEY, poll=poll, registration=registered.get, beyond=BEYOND, now=lambda: now[0])
    await watcher.load()
    watcher.registration_changed("h1")
    watcher.registration_changed("nobody")
    assert watcher.poller.counts["hints"] == 1
    for there in (True, False):
        registered |= {name: Registration(registered=there, since=now[0]) for name in ("h1", "h2")}
        now[0] += 3 * MINUTE
        await watcher.poller.turn(device.id)
    with reading(engine) as conn:
        assert faulty_lines(conn) == {one.line_id for one in device.ports}
        assert get_line(conn, device.ports[0].line_id).faulty
        assert [row.kind for row in conn.execute(select(mails))] == ["device-down"] * 2
    await store.close()


async def test_a_swapped_device_s_lines_are_faulty_until_the_new_one_is_there(engine: Engine) -> None:
    """The mail about the fault promises one about its end, and a device in its box rings for nobody."""
    device = _device(engine, SnmpVersion.OFF)
    registered: dict[str, Registration] = {}
    store, now = Store(engine), [NOW]

    async def poll(*_: object) -> Mapping[str, Any]:
        raise AssertionError("asked by SNMP, expected registrations only")

    watcher = Watcher(store=store, key=KEY, poll=poll, registration=registered.get, beyond=BEYOND, now=lambda: now[0])
    await watcher.load()
    for there in (True, False):
        registered |= {name: Registration(registered=there, since=now[0]) for name in ("h1", "h2")}
        now[0] += 3 * MINUTE
        await watcher.poller.turn(device.id)
    with writing(engine) as conn:
        model = MAKER.model("HT802")
        assert model is not None
        lines = [port(one.number, one.line_id) for one in device.ports]
        new = Mac("000b82000002")
        _, lent = swap_device(conn, MAC, new, MAKER, model, lines=lines, key=KEY, at=now[0])
    await watcher.load()
    now[0] += MINUTE
    await watcher.poller.turn(lent.id)
    with reading(engine) as conn:
        assert faulty_lines(conn) == {one.line_id for one in device.ports}
    registered |= {name: Registration(registered=True, since=now[0]) for name in ("h1", "h2")}
    await watcher.poller.turn(lent.id)
    with reading(engine) as conn:
        assert faulty_lines(conn) == set()
        kinds = [row.kind for row in conn.execute(select(mails).order_by(mails.c.id))]
    assert kinds == ["device-down"] * 2 + ["device-up"] * 2
    await store.close()


def test_changes_of_ports_name_the_line_of_the_port_only(sqlite_engine: Engine) -> None:
    device = _device(sqlite_engine, SnmpVersion.OFF)
    assert [type(one) for one in device.ports] == [Port, Port]
    with writing(sqlite_engine) as conn:
        BEYOND.notify(conn, device, Change(kind=ChangeKind.RESTARTED, at=NOW), NOW)
        BEYOND.notify(conn, device, Change(kind=ChangeKind.PORT_BACK, at=NOW, port=2), NOW)
    with reading(sqlite_engine) as conn:
        assert [(row.kind, row.recipient, row.facts["numbers"]) for row in conn.execute(select(mails))] == [
            ("device-up", "member2@example.jp", "03-6304-0002")
        ]


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_device_that_is_no_more_asked_is_not_down_by_what_it_did_not_answer(site: Site) -> None:
    await site.turns(1)
    site.ports("Registered", "Not Registered")
    await site.turns(3)
    await site.agent.stop()
    await site.turns(3)
    assert len(site.faulty()) == 2
    with writing(site.engine) as conn:
        model = MAKER.model("HT802")
        assert model is not None
        change_device(conn, MAC, model, snmp=SnmpVersion.OFF)
    await site.watcher.load()
    await site.turns(1)
    assert (site.faulty(), site.state()) == (set(), "unknown")
    assert site.mails()[-2:] == [("device-up", "member1@example.jp"), ("device-up", "member2@example.jp")]


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_device_that_has_not_fetched_yet_how_it_is_asked_now_is_not_down(site: Site) -> None:
    """At another address here; with `set --snmp v3` it goes on answering as before until it fetches, at night."""
    await site.turns(1)
    with writing(site.engine) as conn:
        model = MAKER.model("HT802")
        assert model is not None
        change_device(conn, MAC, model, address="127.0.0.9")
    await site.watcher.load()
    await site.turns(4)
    assert site.watcher.poller.counts["missed"] == 4
    assert (site.faulty(), site.mails()) == (set(), [])


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_device_lent_again_between_two_looks_takes_nobody_s_calls_away(site: Site) -> None:
    await site.turns(1)
    await site.agent.stop()
    await site.turns(3)
    with writing(site.engine) as conn:
        retire_device(conn, MAC)
        model = MAKER.model("HT802")
        assert model is not None
        lines = [port(one.number, one.line_id) for one in site.device.ports]
        settings: dict[str, Any] = {"snmp": SnmpVersion.V2C, "address": "127.0.0.1"}
        add_device(conn, MAC, MAKER, model, key=KEY, at=site.now[0], ports=lines, **settings)
    await site.watcher.load()
    await site.turns(4)
    assert (site.faulty(), len(site.mails())) == (set(), 2)


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_a_line_on_a_port_of_another_s_is_not_dead_for_that(site: Site) -> None:
    site.registered |= {name: Registration(registered=True, since=NOW) for name in ("h1", "h2")}
    await site.turns(1)
    site.registered["h1"] = Registration(registered=False, since=NOW)
    await site.turns(4)
    assert site.faulty() == {site.device.ports[0].line_id}
    with writing(site.engine) as conn:
        other = stored_line(conn, "03-6304-0003", handset="h3")
        model = MAKER.model("HT802")
        assert model is not None
        change_device(conn, MAC, model, freed=[1], ports=[port(1, other.id)])
    site.registered["h3"] = Registration(registered=False, since=NOW)
    await site.watcher.load()
    await site.turns(4)
    assert site.faulty() == set()


@pytest.mark.parametrize("version", [SnmpVersion.V2C], indirect=True)
async def test_nothing_is_kept_of_a_device_that_was_taken_back_a_moment_ago(site: Site) -> None:
    await site.turns(1)
    with writing(site.engine) as conn:
        retire_device(conn, MAC)
    await site.watcher.keep()
    await site.agent.stop()
    await site.turns(3)
    assert (site.state(), site.faulty(), site.mails()) == (None, set(), [])
