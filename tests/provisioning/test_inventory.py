from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState, Port, SnmpVersion, Transport
from provisioning.inventory import (
    PortLine,
    check_addable,
    check_address,
    check_ports,
    check_snmp,
    check_state,
    check_transport,
    without,
)
from provisioning.mac import Mac
from tests.fixtures.devices import GATEWAY, PHONE, PLAIN


def on(number: int, line_id: int, *, has_account: bool = True) -> PortLine:
    return PortLine(number=number, line_id=line_id, shown="03-1234-5678", has_account=has_account)


def a_device(state: DeviceState, *ports: Port) -> Device:
    return Device(
        id=1,
        mac=Mac("0a0001000001"),
        maker="acme",
        model="P2",
        state=state,
        ports=ports,
        transport=Transport.UDP,
        address=None,
        firmware=None,
        added_at=datetime(2026, 11, 20, tzinfo=UTC),
        sealed_secret="gAAA",
        sealed_admin_password="gAAA",
        snmp=SnmpVersion.OFF,
        sealed_snmp="gAAA",
    )


def test_lines_go_on_the_ports_that_were_asked_for() -> None:
    kept = [Port(number=5, line_id=50)]
    assert check_ports(GATEWAY, [on(8, 80), on(2, 20)], kept) == (
        Port(number=2, line_id=20),
        Port(number=5, line_id=50),
        Port(number=8, line_id=80),
    )
    assert check_ports(GATEWAY, []) == ()


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ([on(0, 10)], "port: found 0, expected 1 to 2: P2 has 2"),
        ([on(3, 10)], "port: found 3, expected 1 to 2: P2 has 2"),
        ([on(1, 10), on(1, 11)], "port: found '1, taken by line 10', expected a free port"),
        ([on(2, 11)], "port: found '2, taken by line 9', expected a free port"),
        ([on(1, 9)], "line: found '9 03-1234-5678, on port 2 already', expected each line once"),
        ([on(1, 10, has_account=False)], "line: found '10 03-1234-5678, without a handset', expected a line with a"),
    ],
)
def test_what_a_port_cannot_take(wanted: list[PortLine], complaint: str) -> None:
    with pytest.raises(BadValue) as raised:
        check_ports(PHONE, wanted, [Port(number=2, line_id=9)])
    assert complaint in str(raised.value)


def test_what_is_kept_must_fit_a_smaller_model_too() -> None:
    with pytest.raises(BadValue, match="port: found '2, with line 9', expected 1 to 1, as A1 has"):
        check_ports(PLAIN, [], [Port(number=2, line_id=9)])


@given(st.lists(st.tuples(st.integers(-2, 12), st.integers(1, 6), st.booleans()), max_size=10))
def test_whatever_is_asked_for_no_port_and_no_line_is_used_twice(several: list[tuple[int, int, bool]]) -> None:
    try:
        ports = check_ports(GATEWAY, [on(number, line, has_account=account) for number, line, account in several])
    except BadValue:
        return
    assert len({port.number for port in ports}) == len({port.line_id for port in ports}) == len(several)
    assert all(1 <= port.number <= 8 for port in ports)
    assert all(account for _, _, account in several)


def test_a_port_is_freed_once() -> None:
    ports = (Port(number=1, line_id=10), Port(number=2, line_id=20))
    assert without(ports, [1]) == (Port(number=2, line_id=20),)
    assert without(ports, []) == ports
    with pytest.raises(BadValue, match="port to free: found 3, expected one with a line: 1, 2"):
        without(ports, [3])
    with pytest.raises(BadValue, match="port to free: found 1, expected one with a line: 2"):
        without(ports, [1, 1])


def test_tls_is_for_models_that_speak_it() -> None:
    check_transport(PHONE, Transport.TLS)
    check_transport(PLAIN, Transport.UDP)
    with pytest.raises(BadValue, match="transport: found 'tls', expected udp: A1 does not speak TLS"):
        check_transport(PLAIN, Transport.TLS)


def test_snmp_v3_is_for_models_that_speak_it() -> None:
    check_snmp(PHONE, SnmpVersion.V3)
    plain = replace(PLAIN, snmp_v3=False)
    check_snmp(plain, SnmpVersion.V2C)
    with pytest.raises(BadValue, match="SNMP: found 'v3', expected v2c or off: A1 does not speak SNMPv3"):
        check_snmp(plain, SnmpVersion.V3)


@pytest.mark.parametrize("text", ["192.0.2.7", "127.0.0.3", "10.255.255.255"])
def test_an_address_is_one_hosts(text: str) -> None:
    assert check_address(text) == text


@pytest.mark.parametrize(
    "text", ["", "phone", "192.0.2", "192.0.2.256", "192.0.2.0/24", "::1", "0.0.0.0", "224.0.0.1", "255.255.255.255"]
)
def test_what_is_not_one_hosts_ipv4_address_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="address: found"):
        check_address(text)


LENT = a_device(DeviceState.LENT, Port(number=1, line_id=12))
PORT = Port(number=1, line_id=13)


@pytest.mark.parametrize(
    ("known", "ports"),
    [
        (None, []),
        (None, [PORT]),
        (a_device(DeviceState.STOCK), [PORT]),
        (a_device(DeviceState.RETURNED), []),
        (a_device(DeviceState.RETURNED), [PORT]),
    ],
)
def test_a_device_is_added_when_nobody_has_it(known: Device | None, ports: list[Port]) -> None:
    check_addable(known, ports)


@pytest.mark.parametrize(
    ("known", "ports", "complaint"),
    [
        (LENT, [PORT], r"found '0a:00:01:00:00:01 \(P2, lent with line 12\)', expected one that is not lent"),
        (LENT, [], "expected one that is not lent"),
        (
            a_device(DeviceState.LOST),
            [PORT],
            r"\(P2, lost\)', expected one that is not lost",
        ),
        (a_device(DeviceState.STOCK), [], "expected a new MAC, or a line for this one"),
    ],
)
def test_a_mac_that_is_in_use_is_not_added_again(known: Device, ports: list[Port], complaint: str) -> None:
    with pytest.raises(BadValue, match=complaint):
        check_addable(known, ports)


@pytest.mark.parametrize("state", DeviceState)
def test_a_state_is_asked_for_by_name(state: DeviceState) -> None:
    device = replace(LENT, state=state)
    if state in (DeviceState.LENT, DeviceState.LOST):
        check_state(device, DeviceState.LENT, DeviceState.LOST)
        return
    with pytest.raises(BadValue, match="expected one that is lent or lost"):
        check_state(device, DeviceState.LENT, DeviceState.LOST)
