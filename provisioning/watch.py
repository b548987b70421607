"""Watching, put together: the devices from the store, polls and traps and registrations, and the news back into it.

Whatever is news (a device or a port that died or came back) is written with all that follows from it, the lines'
faults and the notices, in one transaction: half of it is never done, and what could not be written is news again at
the device's next turn.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import Connection

from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState, SnmpVersion
from provisioning.records import health as records
from provisioning.records.find import device_by_id, list_devices
from provisioning.snmp.health import UNHEARD, Change, Health, Registration, Registrations, faulty_ports
from provisioning.snmp.poller import Poller, Watched
from provisioning.snmp.readings import Asked
from provisioning.snmp.schedule import EVERY
from provisioning.snmp.target import AGENT_PORT, Poll, Target, snmp_user
from provisioning.snmp.traps import TrapReceiver
from store.secrets import WrongKey, unseal
from store.units import Store

log = structlog.get_logger(__name__)

LOOK_SECONDS = 30.0
"""How long a device that was added, lent or taken back may go unnoticed."""
NOTICE_SECONDS = 5.0
"""How long a device that is plugged in, and heard for the first time, may be shown as unknown."""
KEEP_SECONDS = 300.0
"""How old `last_ok_at` in the store may be while nothing happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What watching needs of those it may not know.

    users    of a connection: the SIP user name by line id.
    faulty   of a connection: the ids of the lines marked as faulty now.
    faults   writes: line id → faulty or not.
    notify   writes: queues the notices about a change; called for every change of a device.
    """

    users: Callable[[Connection], Mapping[int, str]]
    faulty: Callable[[Connection], Collection[int]]
    faults: Callable[[Connection, Mapping[int, bool], datetime], None]
    notify: Callable[[Connection, Device, Change, datetime], None]


class Watcher:
    """`counts`: changes, failures, kept; the poller and the receiver have their own."""

    def __init__(
        self,
        *,
        store: Store,
        key: str,
        poll: Poll,
        registration: Callable[[str], Registration | None],
        beyond: Beyond,
        now: Callable[[], datetime],
        traps: Callable[[Callable[[int], None]], TrapReceiver] | None = None,
        every: float = EVERY,
        agent_port: int = AGENT_PORT,
    ) -> None:
        """`registration`: by SIP user name, None while it is not known. `traps` makes the receiver, of the function
        it is to tell; whoever starts the watcher opens and closes it.
        """
        self.counts: Counter[str] = Counter()
        self.poller = Poller(poll=poll, seen=self._seen, on_change=self._change, now=now, every=every)
        self.traps = None if traps is None else traps(self.poller.hint)
        self._store, self._key, self._now, self._beyond = store, key, now, beyond
        self._registration, self._agent_port = registration, agent_port
        self._devices: dict[int, Device] = {}
        self._users: Mapping[int, str] = {}
        self._by_user: Mapping[str, int] = {}
        self._kept: dict[int, Health] = {}

    def registration_changed(self, user: str) -> None:
        """Asterisk says so: its device is looked at now, and not asked for that."""
        device_id = self._by_user.get(user)
        if device_id is not None:
            self.poller.hint(device_id, ask=False)

    async def run(self) -> None:
        """Until cancelled. What fails is logged, counted and tried again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.poller.run())
            group.create_task(self._every(LOOK_SECONDS, self.load))
            group.create_task(self._every(NOTICE_SECONDS, self.notice))
            group.create_task(self._every(KEEP_SECONDS, self.keep))

    async def load(self) -> None:
        """The devices as they are now; and the lines' faults, where no device accounts for them any more."""
        seen = await self._store.read(_load, self._beyond)
        self._devices, self._users = {device.id: device for device in seen.devices}, seen.users
        lines = {port.line_id: device.id for device in seen.devices for port in device.ports}
        self._by_user = {user: lines[line] for line, user in seen.users.items() if line in lines}
        watched = {device.id: self._watched(device) for device in seen.devices}
        self.poller.watch(watched, seen.health)
        if self.traps is not None:
            self.traps.know({one.id: one.target for one in watched.values() if one.target is not None})
        # What a turn is just writing is its own: between its commit and the poller's knowing of it they differ.
        busy = {port.line_id for device in seen.devices if device.id in self.poller.busy for port in device.ports}
        wanted = self._faults(seen.devices)
        wrong = {line: False for line in seen.faulty if line not in busy and not wanted.get(line, False)}
        wrong |= {line: True for line, fault in wanted.items() if fault and line not in busy | {*seen.faulty}}
        if wrong:
            log.info("faults put right", lines=wrong)
            await self._store.write(self._beyond.faults, wrong, self._now())

    async def notice(self) -> None:
        """Writes what is shown and has turned without being news: healthy for the first time, or suspect."""
        await self._keep(lambda one, kept: _shown(one) != _shown(kept))

    async def keep(self) -> None:
        """Writes all that changed: when a device last answered, how often it was missed."""
        await self._keep(lambda one, kept: one != kept)

    async def _keep(self, differ: Callable[[Health, Health], bool]) -> None:
        health, busy = self.poller.health, self.poller.busy  # who is busy may be writing news just now
        several = {
            one: health[one]
            for one in health
            if one not in busy and differ(health[one], self._kept.get(one, UNHEARD))
        }
        if several:
            await self._store.write(self._put_lent, several, dict(self._devices))
        self._kept = {one: found for one, found in {**self._kept, **several}.items() if one in health}
        self.counts["kept"] += len(several)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                self.counts["failures"] += 1
                log.warning("watching failed", why=str(error)[:200], kind=type(error).__name__)
            await asyncio.sleep(seconds)

    def _watched(self, device: Device) -> Watched:
        asked = Asked(maker=device.maker, model=device.model, ports=tuple(port.number for port in device.ports))
        return Watched(
            id=device.id,
            name=device.mac.colons,
            target=self._target(device),
            asked=asked,
            added_at=device.added_at,
            lines={port.number: port.line_id for port in device.ports},
        )

    def _target(self, device: Device) -> Target | None:
        if device.snmp is SnmpVersion.OFF or device.address is None:
            return None
        try:
            secret = unseal(device.sealed_snmp, self._key)
        except (BadValue, WrongKey) as problem:  # one unreadable secret leaves the others watched
            log.warning("device not asked by SNMP", device=device.mac.colons, why=str(problem))
            return None
        return Target(
            address=device.address,
            version=device.snmp,
            secret=secret,
            user=snmp_user(device.mac) if device.snmp is SnmpVersion.V3 else "",
            port=self._agent_port,
        )

    def _seen(self, one: Watched) -> Registrations:
        device = self._devices[one.id]
        found = {}
        for port in device.ports:
            user = self._users.get(port.line_id)
            registration = None if user is None else self._registration(user)
            if registration is not None:
                found[port.number] = registration
        return Registrations(ports=found)

    def _faults(self, devices: Iterable[Device]) -> dict[int, bool]:
        faults: dict[int, bool] = {}
        for device in devices:
            by_port = faulty_ports(self.poller.health.get(device.id, UNHEARD), (port.number for port in device.ports))
            faults |= {port.line_id: by_port[port.number] for port in device.ports}
        return faults

    async def _change(self, one: Watched, health: Health, changes: tuple[Change, ...]) -> None:
        device = self._devices[one.id]
        await self._store.write(self._write, device, health, changes)
        self._kept[one.id] = health
        self.counts["changes"] += len(changes)
        for change in changes:
            log.info("device changed", device=one.name, change=change.kind.value, port=change.port)

    def _write(self, conn: Connection, device: Device, health: Health, changes: Sequence[Change]) -> None:
        now, found = self._now(), device_by_id(conn, device.id)
        if found is None or not _same(found, device):
            return  # taken back since it was asked: this is nobody's news
        device = replace(found, ports=tuple(port for port in found.ports if port in device.ports))
        self._put(conn, {device.id: health})
        by_port = faulty_ports(health, (port.number for port in device.ports))
        self._beyond.faults(conn, {port.line_id: by_port[port.number] for port in device.ports}, now)
        for change in changes:
            self._beyond.notify(conn, device, change, now)

    def _put_lent(self, conn: Connection, several: Mapping[int, Health], devices: Mapping[int, Device]) -> None:
        lent = list_devices(conn, state=DeviceState.LENT)
        still = {one.id for one in lent if one.id in devices and _same(one, devices[one.id])}
        self._put(conn, {one: health for one, health in several.items() if one in still})

    def _put(self, conn: Connection, several: Mapping[int, Health]) -> None:
        for device_id, health in several.items():
            now = health.at or self._now()
            records.put(
                conn,
                device_id,
                records.Health(
                    state=health.state.value,
                    since=health.since or now,
                    last_ok_at=health.last_answer,
                    uptime_seconds=None if health.ticks is None else health.ticks // 100,
                    data=msgspec.to_builtins(health, str_keys=True),
                ),
            )
            ports = [
                records.PortHealth(
                    number=number, dead=port.dead, registered=port.registered, since=port.since or health.since or now
                )
                for number, port in health.ports.items()
            ]
            records.put_ports(conn, device_id, ports)


def _same(now: Device, before: Device) -> bool:
    """Whether it is lent still, and was not taken back and lent anew since."""
    return now.state is DeviceState.LENT and now.added_at == before.added_at


def _shown(health: Health) -> tuple[object, ...]:
    return health.state, {number: (port.dead, port.registered) for number, port in health.ports.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    devices: Sequence[Device]
    health: Mapping[int, Health]
    users: Mapping[int, str]
    faulty: Collection[int]


def _load(conn: Connection, beyond: Beyond) -> _Loaded:
    devices = list_devices(conn, state=DeviceState.LENT)
    health = {}
    for device_id, row in records.every(conn).items():
        with suppress(msgspec.ValidationError):  # of an older version: it begins anew
            health[device_id] = msgspec.convert(row.data, Health, strict=False)
    return _Loaded(devices=devices, health=health, users=beyond.users(conn), faulty=beyond.faulty(conn))
