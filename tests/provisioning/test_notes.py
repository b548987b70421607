"""Fetches are written in groups; what cannot be written now is kept, what never can be is dropped, alone."""

import asyncio

import pytest
from sqlalchemy import Connection, Engine, select
from structlog.testing import capture_logs

from lab.until import until
from provisioning import notes as module
from provisioning.notes import MOST, STRANGERS, Note, Notes
from provisioning.records.fetches import fetches_of, list_sightings
from provisioning.tables import devices
from store.engine import StoreBusy, reading, writing
from store.units import Store
from tests.fixtures.devices import MAC, a_fetch, store_device


async def test_what_is_put_is_written_together_without_being_asked(engine: Engine) -> None:
    with writing(engine) as conn:
        device = store_device(conn, MAC)
    store = Store(engine)
    notes = Notes(store, linger=0.01)
    running = asyncio.create_task(notes.run())
    for n in range(300):
        notes.put(Note(fetch=a_fetch(device.id, name=f"{n}.cfg"), address="192.0.2.9", firmware="1.2"))
    await until(lambda: notes.counts["written"] == 300, 10, "fetches written")
    running.cancel()
    await store.close()
    with reading(engine) as conn:
        assert [one.name for one in fetches_of(conn, device.id, 2)] == ["299.cfg", "298.cfg"]
        row = conn.execute(select(devices.c.address, devices.c.firmware)).one()
    assert tuple(row) == ("192.0.2.9", "1.2")


async def test_while_the_store_is_busy_nothing_is_lost(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = True
    real = module.write

    def write(conn: Connection, notes: list[Note]) -> None:
        if busy:
            raise StoreBusy("test", 5)
        real(conn, notes)

    monkeypatch.setattr(module, "write", write)
    store = Store(engine)
    notes = Notes(store, linger=0.01)
    notes.put(Note(fetch=a_fetch(None, name="first")))
    with pytest.raises(StoreBusy):
        await notes.flush()
    notes.put(Note(fetch=a_fetch(None, name="second")))
    await notes.close()  # says so, and lets the service end
    busy = False
    await notes.flush()
    await store.close()
    with reading(engine) as conn:
        assert [one.name for one in fetches_of(conn, None)] == ["second", "first"]


async def test_one_that_cannot_be_written_is_dropped_and_the_others_are_kept(engine: Engine) -> None:
    with writing(engine) as conn:
        device = store_device(conn, MAC)
    store = Store(engine)
    notes = Notes(store)
    for name, address in (("a", "192.0.2.1"), ("b", "no address"), ("c", "192.0.2.3")):
        notes.put(Note(fetch=a_fetch(device.id, name=name), address=address))
    with capture_logs() as logs:
        await notes.flush()
    await store.close()
    with reading(engine) as conn:
        assert [one.name for one in fetches_of(conn, device.id)] == ["c", "a"]
    assert [one["name"] for one in logs] == ["b"]
    assert (notes.counts["written"], notes.counts["dropped"]) == (2, 1)


async def test_strangers_do_not_fill_the_store_nor_the_memory(engine: Engine) -> None:
    with writing(engine) as conn:
        device = store_device(conn, MAC)
    store = Store(engine)
    notes = Notes(store)
    for n in range(STRANGERS + 50):
        notes.put(Note(fetch=a_fetch(None, name=str(n)), guess=("acme", None)))
    notes.put(Note(fetch=a_fetch(device.id, name="ours")))
    assert notes.counts["dropped"] == 50
    await notes.flush()
    with reading(engine) as conn:
        assert len(fetches_of(conn, None)) == STRANGERS
        (seen,) = list_sightings(conn)
        assert len(fetches_of(conn, device.id)) == 1
    assert seen.count == STRANGERS
    for _ in range(MOST + 5):
        notes.put(Note(fetch=a_fetch(device.id)))
    assert notes.counts["dropped"] == 55
    await store.close()
