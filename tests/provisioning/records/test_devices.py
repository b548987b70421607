from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from dialplan.errors import BadValue
from provisioning.device import DeviceState, Port, SnmpVersion, Transport
from provisioning.mac import Mac
from provisioning.records import health
from provisioning.records.devices import (
    change_device,
    lose_device,
    retire_device,
    set_address,
    set_firmware,
    swap_device,
)
from provisioning.records.fetches import (
    enrolments_open,
    fetches_of,
    list_sightings,
    open_enrolment,
    record_fetch,
    record_sighting,
)
from provisioning.records.find import (
    device_by_id,
    device_by_mac,
    device_of_line,
    devices_by_secret,
    get_device,
    list_devices,
    tls_lines,
)
from provisioning.records.health import Health, PortHealth
from provisioning.tables import device_ports, devices
from store.engine import reading, writing
from store.secrets import unseal
from tests.fixtures.devices import ACME, GATEWAY, KEY, MAC, NOW, PHONE, PLAIN, a_fetch, port, store_device

NEW = Mac("0a0001000002")
SETTINGS = {"transport": Transport.TLS, "snmp": SnmpVersion.V3, "address": "192.0.2.7"}


def test_a_device_is_lent_with_its_lines_and_found_again(engine: Engine) -> None:
    with writing(engine) as conn:
        added = store_device(
            conn,
            MAC,
            PHONE,
            port(2, 12),
            port(1, 11),
            transport=Transport.TLS,
            snmp=SnmpVersion.V3,
            address="192.0.2.7",
        )
    assert (added.maker, added.model, added.state) == ("acme", "P2", DeviceState.LENT)
    assert added.ports == (Port(number=1, line_id=11), Port(number=2, line_id=12))
    assert (added.transport, added.snmp, added.address) == (Transport.TLS, SnmpVersion.V3, "192.0.2.7")
    assert (added.firmware, added.added_at) == (None, NOW)
    with reading(engine) as conn:
        secret = unseal(added.sealed_secret, KEY)
        assert device_by_mac(conn, MAC) == added
        assert get_device(conn, MAC) == added
        assert device_by_id(conn, added.id) == added
        assert devices_by_secret(conn, [secret]) == {secret: added}
        assert device_of_line(conn, 12) == added
        assert list_devices(conn) == [added]
        assert device_by_mac(conn, NEW) is None
        assert device_by_id(conn, added.id + 1) is None
        assert devices_by_secret(conn, [secret.swapcase()]) == {}
        assert devices_by_secret(conn, ["", "x"]) == {}
        assert device_of_line(conn, 13) is None
        with pytest.raises(BadValue, match="device: found '0a:00:01:00:00:02', expected the MAC address of a device"):
            get_device(conn, NEW)


def test_secrets_are_sealed_each_its_own(engine: Engine) -> None:
    with writing(engine) as conn:
        several = [store_device(conn), store_device(conn, NEW)]
    texts = [(one.sealed_secret, one.sealed_admin_password, one.sealed_snmp) for one in several]
    plain = [unseal(text, KEY) for of_one in texts for text in of_one]
    assert len(set(plain)) == 6
    assert [len(one) for one in plain] == [32, 16, 20, 32, 16, 20]
    assert not any(secret in repr(device) for secret in plain for device in several)
    with reading(engine) as conn:
        rows = repr(conn.execute(select(devices)).all())
    assert not any(secret in rows for secret in plain)


def test_a_device_without_a_line_is_in_stock_and_lent_with_its_first_one(engine: Engine) -> None:
    with writing(engine) as conn:
        assert store_device(conn).state is DeviceState.STOCK
        lent = store_device(conn, MAC, PHONE, port(1, 11))
        assert lent.state is DeviceState.LENT
        other = store_device(conn, NEW)
        assert change_device(conn, NEW, PHONE, ports=[port(2, 12)]).state is DeviceState.LENT
        assert [one.id for one in list_devices(conn)] == [lent.id, other.id]


def test_a_mac_in_use_a_line_in_use_and_tls_that_cannot_be_leave_no_row(engine: Engine) -> None:
    with writing(engine) as conn:
        before = store_device(conn, MAC, PHONE, port(1, 11))
        with pytest.raises(BadValue, match="expected one that is not lent"):
            store_device(conn, MAC, PHONE, port(1, 12))
        with pytest.raises(BadValue, match="transport: found 'tls'"):
            store_device(conn, NEW, PLAIN, transport=Transport.TLS)
        with pytest.raises(BadValue, match="without a handset"):
            store_device(conn, NEW, PLAIN, port(1, 12, has_account=False))
        with pytest.raises(BadValue, match="address: found 'x'"):
            store_device(conn, NEW, PLAIN, port(1, 12), address="x")
        assert list_devices(conn) == [before]
    taken = "line: found '11, on port 1 of 0a:00:01:00:00:01 already', expected a line that no device has"
    with pytest.raises(BadValue, match=taken), writing(engine) as conn:
        store_device(conn, NEW, GATEWAY, port(1, 12), port(2, 11))
    with reading(engine) as conn:
        assert list_devices(conn) == [before]
        assert len(conn.execute(select(device_ports)).all()) == 1


def test_two_that_lend_one_line_at_once_take_turns(engine: Engine, impatient: Engine) -> None:
    with writing(engine) as conn:
        store_device(conn, MAC, PHONE, port(1, 11))
        with pytest.raises(Exception, match="locked by another process"), writing(impatient) as other:
            store_device(other, NEW, PHONE, port(1, 11))
    with pytest.raises(BadValue, match="a line that no device has"), writing(impatient) as other:
        store_device(other, NEW, PHONE, port(1, 11))


def test_a_gateways_ports_are_given_and_taken_one_by_one(engine: Engine) -> None:
    with writing(engine) as conn:
        device = store_device(conn, MAC, GATEWAY, port(1, 11), port(2, 12))
        dead = [PortHealth(number=number, dead=True, registered=False, since=NOW) for number in (1, 2)]
        health.put_ports(conn, device.id, dead)
        changed = change_device(conn, MAC, GATEWAY, ports=[port(2, 13), port(8, 12)], freed=[2])
        assert [(one.number, one.line_id) for one in changed.ports] == [(1, 11), (2, 13), (8, 12)]
        # What was known of port 2 was about the line that was on it.
        assert [one.number for one in health.ports(conn, device.id)] == [1]
        with pytest.raises(BadValue, match="port: found '1, taken by line 11'"):
            change_device(conn, MAC, GATEWAY, ports=[port(1, 14)])
        with pytest.raises(BadValue, match="found '12 03-1234-5678, on port 8 already', expected each line once"):
            change_device(conn, MAC, GATEWAY, ports=[port(3, 12)])
        with pytest.raises(BadValue, match="ports to free: found '1, 2, 8', expected one that keeps a line"):
            change_device(conn, MAC, GATEWAY, freed=[1, 2, 8])
        assert get_device(conn, MAC) == changed


def test_settings_are_changed_one_by_one(engine: Engine) -> None:
    with writing(engine) as conn:
        before = store_device(conn, MAC, PHONE, port(1, 11), transport=Transport.TLS)
        assert change_device(conn, MAC, PHONE, snmp=SnmpVersion.V2C).transport is Transport.TLS
        changed = change_device(conn, MAC, PHONE, transport=Transport.UDP, address="192.0.2.9")
        assert (changed.transport, changed.snmp, changed.address) == (Transport.UDP, SnmpVersion.V2C, "192.0.2.9")
        assert (changed.ports, changed.sealed_secret) == (before.ports, before.sealed_secret)
        retire_device(conn, MAC)
        with pytest.raises(BadValue, match="expected one that is stock or lent"):
            change_device(conn, MAC, PHONE, snmp=SnmpVersion.OFF)


def test_a_swap_moves_lines_settings_and_address(engine: Engine) -> None:
    with writing(engine) as conn:
        before = store_device(
            conn,
            MAC,
            PHONE,
            port(1, 11),
            port(2, 12),
            transport=Transport.TLS,
            snmp=SnmpVersion.V3,
            address="192.0.2.7",
        )
        record_fetch(conn, a_fetch(before.id))
        lines = [port(1, 11), port(2, 12)]
        returned, lent = swap_device(conn, MAC, NEW, ACME, GATEWAY, lines=lines, key=KEY, at=NOW)
        assert (returned.id, returned.state, returned.ports, returned.address) == (
            before.id,
            DeviceState.RETURNED,
            (),
            None,
        )
        assert (lent.mac, lent.model, lent.state, lent.ports) == (NEW, "G8", DeviceState.LENT, before.ports)
        assert (lent.transport, lent.snmp, lent.address) == (Transport.TLS, SnmpVersion.V3, "192.0.2.7")
        assert lent.sealed_secret != before.sealed_secret
        assert device_of_line(conn, 12) == lent
        assert fetches_of(conn, before.id) == [a_fetch(before.id)]
        assert fetches_of(conn, lent.id) == []


def test_a_swap_that_does_not_fit_changes_nothing(engine: Engine) -> None:
    with writing(engine) as conn:
        store_device(conn, MAC, PHONE, port(1, 11), port(2, 12))
        store_device(conn, NEW, PHONE, port(1, 13))
        before = list_devices(conn)
    lines = [port(1, 11), port(2, 12)]
    for old, new, model, complaint in (
        (MAC, Mac("0a0001000009"), PLAIN, "port: found 2, expected 1 to 1"),
        (MAC, NEW, PHONE, "lent with line 13"),
        (MAC, MAC, PHONE, "expected another one than the old"),
        (Mac("0a0001000009"), NEW, PHONE, "expected the MAC address of a device"),
    ):
        with pytest.raises(BadValue, match=complaint), writing(engine) as conn:
            swap_device(conn, old, new, ACME, model, lines=lines, key=KEY, at=NOW)
    with reading(engine) as conn:
        assert list_devices(conn) == before


@pytest.mark.parametrize(("leave", "state"), [(retire_device, DeviceState.RETURNED), (lose_device, DeviceState.LOST)])
def test_a_device_that_leaves_has_no_line_no_place_no_window_and_no_health(
    leave: object, state: DeviceState, engine: Engine
) -> None:
    assert callable(leave)
    with writing(engine) as conn:
        device = store_device(conn, MAC, PHONE, port(1, 11), address="192.0.2.7", transport=Transport.TLS)
        health.put(conn, device.id, Health(state="down", since=NOW))
        health.put_ports(conn, device.id, [PortHealth(number=1, dead=True, registered=None, since=NOW)])
        open_enrolment(conn, device.id, NOW, "佐藤")
        gone = leave(conn, MAC)
        assert (gone.state, gone.ports, gone.address) == (state, (), None)
        assert health.get(conn, device.id) is None
        assert health.ports(conn, device.id) == ()
        assert not enrolments_open(conn, NOW, device.id)
        assert tls_lines(conn) == set()
        assert device_of_line(conn, 11) is None
        with pytest.raises(BadValue, match="expected one that is lent"):
            lose_device(conn, MAC)


def test_a_lost_device_is_found_and_lent_again_with_fresh_secrets(engine: Engine) -> None:
    with writing(engine) as conn:
        first = store_device(conn, MAC, PHONE, port(1, 11))
        set_firmware(conn, first.id, "66.86.0.15")
        lose_device(conn, MAC)
        with pytest.raises(BadValue, match="expected one that is not lost"):
            store_device(conn, MAC, PHONE, port(1, 11))
        assert retire_device(conn, MAC).state is DeviceState.RETURNED
        with pytest.raises(BadValue, match=r"returned.*expected one that is lent or lost"):
            retire_device(conn, MAC)
        again = store_device(conn, MAC, PHONE, port(1, 11), at=NOW + timedelta(days=1))
        assert (again.id, again.state, again.firmware) == (first.id, DeviceState.LENT, None)
        assert again.added_at == NOW + timedelta(days=1)
        assert devices_by_secret(conn, [unseal(first.sealed_secret, KEY)]) == {}
        assert list(devices_by_secret(conn, [unseal(again.sealed_secret, KEY)]).values()) == [again]


def test_devices_are_listed_by_state_maker_and_line(engine: Engine) -> None:
    with writing(engine) as conn:
        lent = store_device(conn, MAC, PHONE, port(1, 11))
        stock = store_device(conn, NEW)
        assert list_devices(conn, state=DeviceState.STOCK) == [stock]
        assert list_devices(conn, maker="acme") == [lent, stock]
        assert list_devices(conn, maker="other") == []
        assert list_devices(conn, line_id=11) == [lent]
        assert list_devices(conn, line_id=11, state=DeviceState.STOCK) == []


def test_the_lines_that_speak_tls_are_those_of_tls_devices(engine: Engine) -> None:
    with writing(engine) as conn:
        store_device(conn, MAC, GATEWAY, port(1, 11), port(2, 12), transport=Transport.TLS)
        store_device(conn, NEW, PHONE, port(1, 13))
        assert tls_lines(conn) == {11, 12}
        change_device(conn, MAC, GATEWAY, freed=[2])
        assert tls_lines(conn) == {11}
        change_device(conn, NEW, PHONE, transport=Transport.TLS)
        assert tls_lines(conn) == {11, 13}


def test_what_a_device_tells_of_itself_is_kept(engine: Engine) -> None:
    with writing(engine) as conn:
        device = store_device(conn, MAC, PHONE, port(1, 11))
        set_address(conn, device.id, "198.51.100.3")
        set_firmware(conn, device.id, "108.86\x00.0" + "9" * 100)
        told = get_device(conn, MAC)
        assert told.address == "198.51.100.3"
        assert told.firmware == ("108.86.0" + "9" * 100)[:80]
        with pytest.raises(BadValue, match="address: found 'fe80::1'"):
            set_address(conn, device.id, "fe80::1")
        set_firmware(conn, device.id, "\x1b")
        assert get_device(conn, MAC).firmware is None


def test_adding_a_device_ends_its_time_as_a_stranger(engine: Engine) -> None:
    with writing(engine) as conn:
        for mac in (MAC, NEW):
            record_sighting(conn, mac, name="x", address="192.0.2.1", at=NOW, maker=None, model=None)
        store_device(conn)
        assert [one.mac for one in list_sightings(conn)] == [NEW]
