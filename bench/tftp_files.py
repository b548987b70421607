"""What `make bench-tftp` serves: a store of phones with five lines each, and the files that are made of it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from bench.tftp_client import address, name
from console.device_accounts import accounts
from console.init import initialise
from console.provisioning import site
from console.settings import load
from provisioning.answers import Answers
from provisioning.fetch import Via
from provisioning.inventory import PortLine
from provisioning.mac import Mac
from provisioning.makers.yealink import MAKER
from provisioning.records.devices import add_device
from provisioning.secrets import digest_of
from provisioning.serving import Request
from provisioning.tables import device_ports, devices
from store.engine import open_engine, writing
from store.secrets import seal
from store.units import Store
from subscribers.lines import Plan
from subscribers.members import IdentityCheck, IdentityMethod, MemberKind
from subscribers.records.lines import add_line
from subscribers.records.members import add_contract, add_member, record_identity_check
from subscribers.records.phones import lend_handset
from subscribers.tables import handsets, lines

MODEL, ACCOUNTS = "T46U", 5


def prepare(home: Path, port: int, clients: int) -> Path:
    """The settings file of a store in which phone n is lent, known at `address(n)`."""
    tables: dict[str, dict[str, Any]] = {"provision": {"host": "127.0.0.1", "tftp_port": port, "trap_port": 0}}
    settings = initialise(home, tables)
    loaded = load(settings)
    engine = open_engine(loaded.store.url)
    with writing(engine) as conn:
        _fill(conn, clients, loaded.store.key.get_secret_value())
    engine.dispose()
    return settings


def files(settings: Path, clients: int) -> dict[str, bytes]:
    """Each phone's own file, by its name."""
    return asyncio.run(_files(settings, clients))


async def _files(settings: Path, clients: int) -> dict[str, bytes]:
    loaded = load(settings)
    key = loaded.store.key.get_secret_value()
    engine = open_engine(loaded.store.url)
    store = Store(engine)
    answers = Answers(
        store=store, site=site(loaded), key=key, accounts=accounts(key), now=lambda: datetime.now(UTC), makers=[MAKER]
    )
    made = {}
    for client in range(clients):
        found = await answers.find(Request(name=name(client), address=address(client), port=1, via=Via.TFTP))
        if found.file is None:
            raise SystemExit(f"{name(client)}: {found.note.fetch.reason}")
        made[name(client)] = bytes(found.file.data)
    answers.close()
    await store.close()
    engine.dispose()
    return made


def _fill(conn: Connection, clients: int, key: str) -> None:
    """One line and one phone are made as the commands make them; the others are copies of their rows."""
    now = datetime.now(UTC)
    member = add_member(conn, name="試験商会", kind=MemberKind.RENTAL_OFFICE, room_capacity=5000)
    check = IdentityCheck(checked_on=date(2026, 1, 5), method=IdentityMethod.IN_PERSON, checked_by="bench")
    record_identity_check(conn, member.id, check, date(2026, 1, 5))
    contract = add_contract(conn, member.id, date(2026, 1, 5))
    plan = Plan.FIXED_PHONE
    line = add_line(conn, contract_id=contract.id, number="0342000000", plan=plan, starts_at=now, at=now)
    lend_handset(
        conn, line.id, sip_user=f"h{line.id}", sealed_password=seal("made-up-password-of-32-characters", key)
    )
    port = PortLine(number=1, line_id=line.id, shown="", has_account=True)
    model = MAKER.model(MODEL)
    assert model is not None
    first = add_device(conn, Mac(name(0)[:12]), MAKER, model, key=key, at=now, ports=[port], address=address(0))
    numbers = range(line.id + 1, line.id + clients * ACCOUNTS)
    _copies(conn, lines, [{"id": n, "number": f"+8134{2000000 + n:08}"[:12]} for n in numbers])
    _copies(conn, handsets, [{"line_id": n, "sip_user": f"h{n}"} for n in numbers])
    several = range(first.id + 1, first.id + clients)
    _copies(
        conn,
        devices,
        [
            {
                "id": n,
                "mac": name(n - first.id)[:12],
                "address": address(n - first.id),
                "secret_digest": digest_of(f"secret {n}"),
            }
            for n in several
        ],
    )
    rows = [
        {"device_id": first.id + n // ACCOUNTS, "number": n % ACCOUNTS + 1, "line_id": line.id + n}
        for n in range(1, clients * ACCOUNTS)
    ]
    conn.execute(insert(device_ports), rows)


def _copies(conn: Connection, table: Table, changes: list[Mapping[str, object]]) -> None:
    row = dict(conn.execute(select(table)).one()._mapping)
    conn.execute(insert(table), [{**row, **change} for change in changes])
