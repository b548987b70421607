from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from dialplan.errors import BadValue
from provisioning.fetch import Enrolment, FetchStatus, Via
from provisioning.mac import Mac
from provisioning.records.fetches import (
    KEPT,
    SIGHTINGS,
    enrolments_open,
    fetches_of,
    get_sighting,
    last_fetches,
    list_sightings,
    open_enrolment,
    record_fetch,
    record_fetches,
    record_sighting,
)
from provisioning.tables import enrolments, fetches
from store.engine import writing
from tests.fixtures.devices import MAC, NOW, PHONE, a_fetch, port, store_device

OTHER = Mac("0a0001000002")
MINUTE = timedelta(minutes=1)


def test_fetches_come_back_as_they_were_newest_first(engine: Engine) -> None:
    with writing(engine) as conn:
        device = store_device(conn)
        served = a_fetch(device.id, via=Via.HTTPS, bytes=8123, digest="ab" * 32, agent="Yealink SIP-T46U 108.86.0.15")
        refused = a_fetch(device.id, status=FetchStatus.REFUSED, reason="from 198.51.100.9, no window is open")
        stranger = a_fetch(None, mac=None, name="../etc/passwd", status=FetchStatus.UNKNOWN)
        record_fetches(conn, [served, stranger])
        record_fetch(conn, refused)
        record_fetches(conn, [])
        assert fetches_of(conn, device.id) == [refused, served]
        assert fetches_of(conn, device.id, limit=1) == [refused]
        assert fetches_of(conn, None) == [stranger]
        assert last_fetches(conn) == {device.id: refused}


def test_the_newest_200_of_each_device_and_of_strangers_are_kept(engine: Engine) -> None:
    with writing(engine) as conn:
        one, two = store_device(conn), store_device(conn, OTHER)
        record_fetch(conn, a_fetch(two.id))
        for device_id in (one.id, None):
            record_fetches(conn, [a_fetch(device_id, bytes=number) for number in range(KEPT)])
            record_fetch(conn, a_fetch(device_id, bytes=KEPT))
            record_fetches(conn, [a_fetch(device_id, bytes=KEPT + 1), a_fetch(device_id, bytes=KEPT + 2)])
            assert [found.bytes for found in fetches_of(conn, device_id)] == list(range(KEPT + 2, 2, -1))
        assert conn.execute(select(func.count()).select_from(fetches)).scalar_one() == 2 * KEPT + 1
        assert len(fetches_of(conn, two.id)) == 1


def test_a_strangers_texts_are_cut_and_steer_no_terminal(engine: Engine) -> None:
    with writing(engine) as conn:
        record_fetch(conn, a_fetch(None, name="\x1b[2J\x00\udcff電話" + "x" * 999, agent="a" * 999, reason="b" * 999))
        [found] = fetches_of(conn, None)
        assert found.name == "\ufffd[2J\ufffd\ufffd電話" + "x" * (255 - 8)
        assert (len(found.agent), len(found.reason)) == (200, 200)
        record_sighting(conn, MAC, name="\n" * 999, address="192.0.2.1", at=NOW, maker=None, model=None)
        assert list_sightings(conn)[0].name == "\ufffd" * 255


def test_a_window_is_open_from_its_opening_until_its_end(engine: Engine) -> None:
    with writing(engine) as conn:
        device, other = store_device(conn, MAC, PHONE, port(1, 11)), store_device(conn, OTHER)
        window = open_enrolment(conn, device.id, NOW, "佐藤")
        assert window == Enrolment(device_id=device.id, opened_at=NOW, until=NOW + 30 * MINUTE, by="佐藤")
        for after, expected in ((-1, False), (0, True), (29, True), (30, False)):
            assert bool(enrolments_open(conn, NOW + after * MINUTE, device.id)) is expected
        assert not enrolments_open(conn, NOW, other.id)
        assert enrolments_open(conn, NOW) == [window]
        assert enrolments_open(conn, NOW, other.id) == []
        every = open_enrolment(conn, None, NOW + MINUTE, "鈴木", timedelta(hours=1))
        assert enrolments_open(conn, NOW + 60 * MINUTE, other.id)
        assert enrolments_open(conn, NOW + MINUTE, device.id) == [every, window]
        assert enrolments_open(conn, NOW + 31 * MINUTE) == [every]


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1])
def test_a_window_is_neither_empty_nor_open_for_ever(minutes: int, engine: Engine) -> None:
    with writing(engine) as conn:
        with pytest.raises(BadValue, match=f"minutes: found '{minutes}', expected above 0 and at most 1440"):
            open_enrolment(conn, None, NOW, "佐藤", minutes * MINUTE)
        assert enrolments_open(conn, NOW) == []


def test_windows_of_the_day_before_are_forgotten(engine: Engine) -> None:
    with writing(engine) as conn:
        open_enrolment(conn, None, NOW, "佐藤")
        open_enrolment(conn, None, NOW + timedelta(days=1, minutes=31), "佐藤")
        assert conn.execute(select(func.count()).select_from(enrolments)).scalar_one() == 1


def test_a_stranger_is_counted_and_what_it_told_last_counts(engine: Engine) -> None:
    with writing(engine) as conn:
        record_sighting(conn, MAC, name="P2.cfg", address="192.0.2.1", at=NOW, maker="acme", model="P2")
        record_sighting(conn, OTHER, name="x", address="192.0.2.2", at=NOW + MINUTE, maker=None, model=None)
        record_sighting(conn, MAC, name="y", address="192.0.2.3", at=NOW + 2 * MINUTE, maker="acme", model=None)
        seen = list_sightings(conn)
        assert [one.mac for one in seen] == [MAC, OTHER]
        assert seen[0] == replace(
            seen[1],
            mac=MAC,
            maker="acme",
            model="P2",
            name="y",
            address="192.0.2.3",
            first_at=NOW,
            last_at=NOW + 2 * MINUTE,
            count=2,
        )
        assert get_sighting(conn, MAC) == seen[0]
        assert get_sighting(conn, Mac("0a0001000003")) is None


def test_made_up_strangers_do_not_fill_the_store(engine: Engine) -> None:
    with writing(engine) as conn:
        for number in range(SIGHTINGS + 3):
            mac, at = Mac(f"0a00{number:08x}"), NOW + number * MINUTE
            record_sighting(conn, mac, name="x", address="192.0.2.1", at=at, maker=None, model=None)
        seen = list_sightings(conn)
        assert len(seen) == SIGHTINGS
        assert seen[-1].mac == Mac("0a0000000003")
