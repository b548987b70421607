from datetime import timedelta

from sqlalchemy import Engine

from provisioning.mac import Mac
from provisioning.records import health
from provisioning.records.health import Health, PortHealth
from store.engine import reading, writing
from tests.fixtures.devices import GATEWAY, MAC, NOW, port, store_device


def test_health_is_kept_by_device_and_replaced(engine: Engine) -> None:
    with writing(engine) as conn:
        one, two = store_device(conn), store_device(conn, Mac("0a0001000002"))
        assert health.get(conn, one.id) is None
        assert health.every(conn) == {}
        health.put(conn, one.id, Health(state="suspect", since=NOW, data={"misses": 2}))
        after = Health(
            state="down",
            since=NOW + timedelta(minutes=1),
            last_ok_at=NOW,
            uptime_seconds=2**32,
            data={"misses": 3, "times": [1.5, None], "note": "電源"},
        )
        health.put(conn, one.id, after)
        health.put(conn, two.id, Health(state="healthy", since=NOW))
    with reading(engine) as conn:
        assert health.get(conn, one.id) == after
        assert health.every(conn) == {one.id: after, two.id: Health(state="healthy", since=NOW)}


def test_ports_are_replaced_one_by_one(engine: Engine) -> None:
    def of(number: int, *, dead: bool = False, registered: bool | None = True) -> PortHealth:
        return PortHealth(number=number, dead=dead, registered=registered, since=NOW)

    with writing(engine) as conn:
        one = store_device(conn, MAC, GATEWAY, port(1, 11), port(2, 12))
        other = store_device(conn, Mac("0a0001000002"), GATEWAY, port(1, 13))
        health.put_ports(conn, one.id, [of(2), of(1)])
        health.put_ports(conn, other.id, [of(1)])
        health.put_ports(conn, one.id, [of(2, dead=True, registered=None)])
        health.put_ports(conn, one.id, [])
    with reading(engine) as conn:
        assert health.ports(conn, one.id) == (of(1), of(2, dead=True, registered=None))
        assert health.every_port(conn) == {one.id: (of(1), of(2, dead=True, registered=None)), other.id: (of(1),)}
