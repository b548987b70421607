"""What a device may be lent for, and how it changes hands. Pure: who has a line is told by the caller.

(new) ─ add ─> stock ─ add with a line ─> lent ─ retire ─> returned ─ add ─> stock or lent
                                           └── lost ──> lost ─ retire, when it is found ─> returned
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState, Port, SnmpVersion, Transport
from provisioning.makers.maker import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class PortLine:
    """A line that somebody wants on a port. `shown` is its number as people write it; `has_account`: it has the SIP
    account of a lent handset, which the port registers with.
    """

    number: int
    line_id: int
    shown: str
    has_account: bool


def check_ports(model: Model, wanted: Sequence[PortLine], kept: Iterable[Port] = ()) -> tuple[Port, ...]:
    """All ports of the device then, by rising number. `kept` are those it has already.

    Raises BadValue for a port that the model does not have or that is taken, a line that is there twice, and a line
    without a handset's account.
    """
    ports = {port.number: port for port in kept}
    for one in wanted:
        if not 1 <= one.number <= model.ports:
            raise BadValue("port", one.number, f"1 to {model.ports}: {model.name} has {model.ports}")
        if one.number in ports:
            raise BadValue("port", f"{one.number}, taken by line {ports[one.number].line_id}", "a free port")
        if not one.has_account:
            expected = "a line with a handset (plan fixed-phone)"
            raise BadValue("line", f"{one.line_id} {one.shown}, without a handset", expected)
        twice = next((port.number for port in ports.values() if port.line_id == one.line_id), None)
        if twice is not None:
            raise BadValue("line", f"{one.line_id} {one.shown}, on port {twice} already", "each line once")
        ports[one.number] = Port(number=one.number, line_id=one.line_id)
    for number, port in ports.items():
        if number > model.ports:
            raise BadValue("port", f"{number}, with line {port.line_id}", f"1 to {model.ports}, as {model.name} has")
    return tuple(ports[number] for number in sorted(ports))


def without(ports: Iterable[Port], freed: Collection[int]) -> tuple[Port, ...]:
    """Raises BadValue for a port to be freed that has no line."""
    by_number = {port.number: port for port in ports}
    for number in freed:
        if by_number.pop(number, None) is None:
            raise BadValue("port to free", number, f"one with a line: {_listed(by_number)}")
    return tuple(by_number[number] for number in sorted(by_number))


def check_transport(model: Model, transport: Transport) -> None:
    """Raises BadValue for TLS on a model that cannot."""
    if transport is Transport.TLS and not model.tls:
        raise BadValue("transport", transport.value, f"{Transport.UDP.value}: {model.name} does not speak TLS")


def check_snmp(model: Model, version: SnmpVersion) -> None:
    """Raises BadValue for SNMPv3 on a model that cannot."""
    if version is SnmpVersion.V3 and not model.snmp_v3:
        raise BadValue("SNMP", version.value, f"{SnmpVersion.V2C.value} or off: {model.name} does not speak SNMPv3")


def check_address(text: str) -> str:
    """Raises BadValue unless it is one host's IPv4 address."""
    try:
        found = IPv4Address(text)
    except AddressValueError:
        raise BadValue("address", text, "an IPv4 address such as 192.0.2.7") from None
    if found.is_multicast or found.is_unspecified or found == IPv4Address("255.255.255.255"):
        raise BadValue("address", text, "the address of one device")
    return str(found)


def check_addable(known: Device | None, ports: Collection[object]) -> None:
    """Raises BadValue when a device of this MAC is lent, lost, or in stock and would stay there."""
    if known is None or known.state is DeviceState.RETURNED or (known.state is DeviceState.STOCK and ports):
        return
    ways: Mapping[DeviceState, str] = {
        DeviceState.LENT: "one that is not lent: `device retire` takes it back, `device swap` replaces it",
        DeviceState.LOST: "one that is not lost: `device retire` when it is found",
        DeviceState.STOCK: "a new MAC, or a line for this one (--line, --port)",
    }
    raise BadValue("device", told(known), ways[known.state])


def check_state(device: Device, *expected: DeviceState) -> None:
    """Raises BadValue when it is in another one."""
    if device.state not in expected:
        raise BadValue("device", told(device), f"one that is {' or '.join(expected)}")


def told(device: Device) -> str:
    """As complaints name it: MAC, model, state and lines."""
    lines = ", ".join(str(port.line_id) for port in device.ports)
    return f"{device.mac.colons} ({device.model}, {device.state}{f' with line {lines}' if lines else ''})"


def _listed(ports: Mapping[int, Port]) -> str:
    return ", ".join(str(number) for number in sorted(ports)) or "none has one"
