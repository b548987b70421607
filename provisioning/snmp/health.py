"""How a device is, from what it answered, what it did not answer, and who is registered. Pure.

Two witnesses, either of which is enough: SNMP (three polls without an answer; a port that three polls in a row found
dead or unregistered) and Asterisk (a port without a registration for three minutes). A device of which Asterisk sees
no port is down as a whole; SNMP off, that is all there is to go by.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from provisioning.snmp.pulse import NEVER, Pulse, State, answered, missed

UNREGISTERED_FOR = timedelta(minutes=3)
TICKS_WRAP = 2**32
"""sysUpTime counts hundredths of a second and begins again at 0 after 497 days (RFC 3418)."""
_WRAP_SLACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortReading:
    """What the device says of a port of its own; None where it says nothing."""

    alive: bool | None = None
    registered: bool | None = None

    @property
    def good(self) -> bool | None:
        told = [one for one in (self.alive, self.registered) if one is not None]
        return all(told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer. `ticks` is sysUpTime in hundredths of a second; None when it was not to be read."""

    ticks: int | None = None
    ports: Mapping[int, PortReading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """No answer in its time. `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """As Asterisk sees a port: registered or not, since when we have known it to be so."""

    registered: bool
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations:
    """Of the ports that have lines. A port that is not in it: not known."""

    ports: Mapping[int, Registration]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortHealth:
    """`told` is the device's own word, `seen` Asterisk's; `registered` is the last that either said."""

    told: Pulse = NEVER
    seen: Pulse = NEVER
    registered: bool | None = None

    @property
    def dead(self) -> bool:
        return self.told.down or self.seen.down

    @property
    def since(self) -> datetime | None:
        """When one of the two last turned."""
        return max((one for one in (self.told.since, self.seen.since) if one is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`at` is the latest moment it was told of; an earlier one, from a clock set back, counts as that."""

    snmp: Pulse = NEVER
    ports: Mapping[int, PortHealth] = field(default_factory=dict)
    at: datetime | None = None
    since: datetime | None = None
    last_answer: datetime | None = None
    ticks: int | None = None
    restarts: int = 0

    @property
    def unregistered(self) -> bool:
        """None of its ports has a registration, and at least one had."""
        seen = [port.seen for port in self.ports.values() if port.seen.state is not State.UNKNOWN]
        return bool(seen) and all(one.down for one in seen)

    @property
    def down(self) -> bool:
        return self.snmp.down or self.unregistered

    @property
    def state(self) -> State:
        if self.down:
            return State.DOWN
        states = {self.snmp.state, *(port.seen.state for port in self.ports.values())}
        if self.snmp.state is State.SUSPECT:
            return State.SUSPECT
        return State.HEALTHY if states & {State.HEALTHY, State.DOWN} else State.UNKNOWN


UNHEARD = Health()


class ChangeKind(StrEnum):
    WENT_DOWN = "went-down"
    CAME_BACK = "came-back"
    PORT_DIED = "port-died"
    PORT_BACK = "port-back"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`port` only for the two kinds that are about one. A device that goes down takes its ports with it: nothing is
    said of them then, and those still dead when it comes back are told as died.
    """

    kind: ChangeKind
    at: datetime
    port: int | None = None


Heard = Reading | Miss | Registrations


def after(health: Health, heard: Heard, at: datetime) -> tuple[Health, tuple[Change, ...]]:
    """What it is now, and what somebody has to be told. Every difference between the two healths' `down` and dead
    ports is in the changes, once."""
    moment = at if health.at is None else max(at, health.at)
    match heard:
        case Reading():
            new = _read(health, heard, moment)
        case Miss():
            new = replace(health, snmp=missed(health.snmp, moment))
        case Registrations():
            new = _registered(health, heard, moment)
    return _settled(health, new, moment)


def with_ports(health: Health, numbers: Collection[int], at: datetime) -> tuple[Health, tuple[Change, ...]]:
    """Only these: a port that lost its line is nobody's any more, and nothing is said of it."""
    kept = {number: port for number, port in health.ports.items() if number in numbers}
    if len(kept) == len(health.ports):
        return health, ()
    return _settled(health, replace(health, ports=kept), at if health.at is None else max(at, health.at))


def unasked(health: Health, at: datetime) -> tuple[Health, tuple[Change, ...]]:
    """Nobody asks it any more: what it told, and what it did not answer, says nothing of it now."""
    ports = {number: replace(port, told=NEVER) for number, port in health.ports.items()}
    if health.snmp == NEVER and ports == health.ports:
        return health, ()
    new = replace(health, snmp=NEVER, ports=ports, ticks=None)
    return _settled(health, new, at if health.at is None else max(at, health.at))


def inherited(numbers: Iterable[int], at: datetime) -> Health:
    """Of a device that takes the place of one that was down: no port of it can be rung until it registers."""
    fallen = PortHealth(seen=Pulse(state=State.DOWN, since=at))
    return Health(ports=dict.fromkeys(numbers, fallen), at=at, since=at)


def faulty_ports(health: Health, numbers: Iterable[int]) -> dict[int, bool]:
    """For each: calls to its line cannot ring there."""
    return {number: health.down or health.ports.get(number, PortHealth()).dead for number in numbers}


def restarted(before: int, now: int, passed: timedelta) -> bool:
    """Whether sysUpTime went back, other than by beginning again after its 497 days."""
    if now >= before:
        return False
    due = before + (passed + _WRAP_SLACK) / timedelta(milliseconds=10)
    return due < TICKS_WRAP


def _read(health: Health, reading: Reading, at: datetime) -> Health:
    ports = dict(health.ports)
    for number, port in reading.ports.items():
        good = port.good
        if good is None:
            continue
        known = ports.get(number, PortHealth())
        told = answered(known.told, at) if good else missed(known.told, at)
        registered = known.registered if port.registered is None else port.registered
        ports[number] = replace(known, told=told, registered=registered)
    again = (
        health.ticks is not None
        and reading.ticks is not None
        and health.last_answer is not None
        and restarted(health.ticks, reading.ticks, at - health.last_answer)
    )
    return replace(
        health,
        snmp=answered(health.snmp, at),
        ports=ports,
        last_answer=at,
        ticks=health.ticks if reading.ticks is None else reading.ticks,
        restarts=health.restarts + again,
    )


def _registered(health: Health, heard: Registrations, at: datetime) -> Health:
    ports = dict(health.ports)
    for number, registration in heard.ports.items():
        known = ports.get(number, PortHealth())
        seen = known.seen
        if registration.registered:
            seen = answered(seen, at)
        elif at - registration.since >= UNREGISTERED_FOR:
            seen = missed(seen, at, down_after=1)
        else:
            seen = replace(seen, good=0)
        ports[number] = replace(known, seen=seen, registered=registration.registered)
    return replace(health, ports=ports)


def _settled(before: Health, now: Health, at: datetime) -> tuple[Health, tuple[Change, ...]]:
    now = replace(now, at=at, since=before.since if now.state is before.state else at)
    return now, _changes(before, now, at)


def _changes(before: Health, now: Health, at: datetime) -> tuple[Change, ...]:
    found = []
    if now.restarts != before.restarts:
        found.append(Change(kind=ChangeKind.RESTARTED, at=at))
    if now.down:
        return (*found, Change(kind=ChangeKind.WENT_DOWN, at=at)) if not before.down else tuple(found)
    if before.down:
        found.append(Change(kind=ChangeKind.CAME_BACK, at=at))
    for number, port in sorted(now.ports.items()):
        was = not before.down and before.ports.get(number, PortHealth()).dead
        if was != port.dead:
            kind = ChangeKind.PORT_DIED if port.dead else ChangeKind.PORT_BACK
            found.append(Change(kind=kind, at=at, port=number))
    return tuple(found)
