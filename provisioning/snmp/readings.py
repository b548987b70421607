"""What each maker's devices are asked, and how their answers are read. Pure.

Every device: sysUpTime (RFC 3418). Where the maker publishes objects for its ports, these; for the other gateways the
interfaces table (RFC 2863): its nth interface of type voiceFXS(102) is taken for port n. That the gateway lists its
ports there, and in this order, is an assumption from the standard: no document of theirs was found that says so, and
a gateway that lists none is watched as a whole.

Grandstream: GS-HT8XX-MIB and GS-GXW42XX-MIB name hookStatus and regStatus per port, DisplayStrings; the instances end
in .0.0 and the words are these as monitoring systems have recorded them from devices, which is not what the MIB
alone would give. AudioCodes (5003): AC-ANALOG-MIB has an FXS line test that must be started by writing; no readable
object for a port's state was found, nor one in Patton's SMARTNODE-MIB (1768.100), so none of them is asked.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provisioning.snmp.health import PortReading, Reading

Oid = str
"""Dotted, without a leading dot."""


class Kind(StrEnum):
    """Types of values, as SMIv2 and RFC 3416 name them."""

    INTEGER = "INTEGER"
    STRING = "OCTET STRING"
    TICKS = "TimeTicks"
    ABSENT = "no such object"
    OTHER = "another type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """`content` is an int for INTEGER and TICKS, text for the others (octets beyond ASCII as \\xNN)."""

    kind: Kind
    content: int | str


Answer = Mapping[Oid, Value]

UPTIME = "1.3.6.1.2.1.1.3.0"
IF_TYPE = "1.3.6.1.2.1.2.2.1.3"
IF_OPER = "1.3.6.1.2.1.2.2.1.8"
VOICE_FXS = 102
"""IANAifType-MIB."""
_DEAD_INTERFACES = {2: "down", 6: "notPresent", 7: "lowerLayerDown"}
_SURVEYED_BESIDE_PORTS = 12
"""Interfaces looked through beside the ports themselves: LAN, WAN, bridges, loopback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """What a family of models says of a port: `hook`.<port>.0.0 and `registered`.<port>.0.0."""

    models: re.Pattern[str]
    hook: Oid
    registered: Oid


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    objects: tuple[Objects, ...] = ()
    interfaces: bool = False


_PLAIN = Maker()
MAKERS: Mapping[str, Maker] = {
    "grandstream": Maker(
        objects=(
            Objects(
                models=re.compile(r"HT8\d\d.*", re.ASCII),
                hook="1.3.6.1.4.1.42397.1.2.2.1",
                registered="1.3.6.1.4.1.42397.1.2.2.2",
            ),
            Objects(
                models=re.compile(r"GXW42\d\d.*", re.ASCII),
                hook="1.3.6.1.4.1.42397.1.1.2.1",
                registered="1.3.6.1.4.1.42397.1.1.2.2",
            ),
        )
    ),
    "audiocodes": Maker(interfaces=True),
    "patton": Maker(interfaces=True),
    "cisco": Maker(interfaces=True),
}
HOOK_WORDS = frozenset({"On Hook", "Off Hook"})
REGISTERED_WORDS: Mapping[str, bool] = {"Registered": True, "Not Registered": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A value that is not what its object is defined to be. The device has answered all the same."""

    oid: Oid
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.oid}: found {self.found}, expected {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The ports that have lines, and where their interfaces are: ifIndex by port, None before the survey."""

    maker: str
    model: str
    ports: tuple[int, ...]
    interfaces: Mapping[int, int] | None = None


def questions(asked: Asked) -> tuple[Oid, ...]:
    """For one request. Before the survey of a maker whose ports are interfaces, that is part of it."""
    objects = _objects(asked)
    if objects is not None:
        told = (f"{base}.{port}.0.0" for port in asked.ports for base in (objects.hook, objects.registered))
        return (UPTIME, *told)
    if not MAKERS.get(asked.maker, _PLAIN).interfaces or not asked.ports:
        return (UPTIME,)
    if asked.interfaces is None:
        last = max(asked.ports) + _SURVEYED_BESIDE_PORTS
        return (UPTIME, *(f"{IF_TYPE}.{index}" for index in range(1, last + 1)))
    return (UPTIME, *(f"{IF_OPER}.{index}" for index in asked.interfaces.values()))


def surveyed(asked: Asked, answer: Answer) -> Mapping[int, int] | None:
    """ifIndex by port, when the answer holds the survey."""
    types = {oid: value for oid, value in answer.items() if oid.startswith(f"{IF_TYPE}.")}
    if not types:
        return None
    found = sorted(
        int(oid.rpartition(".")[2]) for oid, value in types.items() if value == Value(kind=Kind.INTEGER, content=102)
    )
    return {port: index for port, index in enumerate(found, 1) if port in asked.ports}


def read(asked: Asked, answer: Answer) -> tuple[Reading, tuple[Problem, ...]]:
    """What cannot be read is a problem and says nothing of the device; what the device does not have is neither."""
    problems: list[Problem] = []
    ticks = _number(answer, UPTIME, Kind.TICKS, "hundredths of a second", problems)
    objects = _objects(asked)
    if objects is not None:
        ports = {port: _port(answer, objects, port, problems) for port in asked.ports}
    else:
        ports = {port: _interface(answer, index, problems) for port, index in (asked.interfaces or {}).items()}
    known = {port: reading for port, reading in ports.items() if reading.good is not None}
    return Reading(ticks=ticks, ports=known), tuple(problems)


def _objects(asked: Asked) -> Objects | None:
    several: Iterable[Objects] = MAKERS.get(asked.maker, _PLAIN).objects
    return next((one for one in several if one.models.fullmatch(asked.model.upper())), None)


def _port(answer: Answer, objects: Objects, port: int, problems: list[Problem]) -> PortReading:
    hook = _word(answer, f"{objects.hook}.{port}.0.0", sorted(HOOK_WORDS), problems)
    registered = _word(answer, f"{objects.registered}.{port}.0.0", sorted(REGISTERED_WORDS), problems)
    return PortReading(
        alive=None if hook is None else True,
        registered=None if registered is None else REGISTERED_WORDS[registered],
    )


def _interface(answer: Answer, index: int, problems: list[Problem]) -> PortReading:
    oid = f"{IF_OPER}.{index}"
    status = _number(answer, oid, Kind.INTEGER, "an ifOperStatus from 1 to 7", problems)
    if status is not None and not 1 <= status <= 7:
        problems.append(Problem(oid=oid, found=str(status), expected="an ifOperStatus from 1 to 7"))
        status = None
    return PortReading(alive=None if status is None else status not in _DEAD_INTERFACES)


def _number(answer: Answer, oid: Oid, kind: Kind, what: str, problems: list[Problem]) -> int | None:
    value = answer.get(oid)
    if value is None or value.kind is Kind.ABSENT:
        return None
    if value.kind is kind and isinstance(value.content, int):
        return value.content
    problems.append(Problem(oid=oid, found=_told(value), expected=f"{kind}, {what}"))
    return None


def _word(answer: Answer, oid: Oid, words: Sequence[str], problems: list[Problem]) -> str | None:
    value = answer.get(oid)
    if value is None or value.kind is Kind.ABSENT:
        return None
    if value.kind is Kind.STRING and isinstance(value.content, str) and value.content.strip() in words:
        return value.content.strip()
    problems.append(Problem(oid=oid, found=_told(value), expected=f"{Kind.STRING}, one of {', '.join(words)}"))
    return None


def _told(value: Value) -> str:
    return f"{value.kind} {str(value.content)[:60]!r}"
