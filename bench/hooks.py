"""From the bytes of a hangup hook to a charge on the disk, beside one INSERT and one COMMIT for each call."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count, islice

from sqlalchemy import Engine, func, insert, select

from agi.ended import from_hook
from agi.fastagi_wire import EnvironmentParser
from agi.ledger import Tariff, keep
from rating.ended import Source
from rating.ledger import CALL_FIELDS, call
from rating.tables import charges, ended_calls
from store import migrate
from store.engine import reading, writing
from store.units import Store
from subscribers.lines import Plan
from subscribers.members import IdentityCheck, IdentityMethod, MemberKind
from subscribers.records.lines import add_line
from subscribers.records.members import add_contract, add_member, record_identity_check

STARTED = datetime(2026, 2, 2, 1, tzinfo=UTC)
LINES = 100
AT_ONCE = 200  # calls that end while others are being kept
_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Charges per second of wall time, each on the disk when its hook was answered."""

    kept: float
    plain: float


def measure(engine: Engine, tariff: Tariff, seconds: float) -> Hooks:
    """Raises AssertionError when a call that was acknowledged has no charge, or one that has was not."""
    migrate.upgrade(engine)
    leased = furnish(engine)
    # In turn, so that both meet the same neighbours on the machine; the second half is kept.
    found = [(asyncio.run(_kept(engine, tariff, leased, seconds)), _plain(engine, seconds)) for _ in range(3)]
    kept, plain = (sorted(one[side] for one in found)[1] for side in (0, 1))
    return Hooks(kept=kept, plain=plain)


def furnish(engine: Engine) -> list[str]:
    """Lines as dialled."""
    check = IdentityCheck(checked_on=date(2026, 1, 5), method=IdentityMethod.IN_PERSON, checked_by="bench")
    found = []
    with writing(engine) as conn:
        member = add_member(conn, name="試験商会", kind=MemberKind.RENTAL_OFFICE, room_capacity=LINES).id
        record_identity_check(conn, member, check, date(2026, 1, 5))
        for number in range(LINES):
            contract = add_contract(conn, member, date(2026, 1, 6)).id
            dialled = f"034100{number:04}"
            add_line(conn, contract_id=contract, number=dialled, plan=Plan.IN_OUT, starts_at=STARTED, at=STARTED)
            found.append(dialled)
    return found


def hook(number: int, dialled: str) -> bytes:
    values = {
        "agi_network": "yes",
        "agi_network_script": "ended",
        "agi_request": "agi://127.0.0.1/ended",
        "agi_channel": f"PJSIP/carrier-{number:08x}",
        "agi_uniqueid": f"bench-{1_780_000_000 + number // 100}.{number}",
        "agi_callerid": "09012345678",
        "agi_callingpres": "0",
        "agi_extension": dialled,
        "agi_arg_1": "1",
        "agi_arg_2": f"PJSIP/090{10_000_000 + number % 90_000_000}@carrier",
        "agi_arg_3": "ANSWER",
        "agi_arg_4": f"{1_780_000_005 + number // 100}.250000",
        "agi_arg_5": f"{number % 600}.{number % 1_000_000:06d}",
        "agi_arg_6": "16",
        "agi_arg_7": "",
    }
    return "".join(f"{name}: {value}\n" for name, value in values.items()).encode() + b"\n"


async def _kept(engine: Engine, tariff: Tariff, leased: list[str], seconds: float) -> float:
    store, done, acknowledged = Store(engine), 0, list[str]()
    until = time.monotonic() + seconds

    async def caller(hooks: Iterator[bytes]) -> None:
        nonlocal done
        while time.monotonic() < until:
            environment = EnvironmentParser().feed(next(hooks))
            assert environment is not None
            recorded = await store.write(keep, from_hook(environment, datetime.now(UTC)), Source.HOOK, tariff)
            assert recorded is not None
            assert recorded.charge is not None
            acknowledged.append(recorded.call.call_id)
            done += 1

    hooks = (hook(number, leased[number % len(leased)]) for number in _numbers)
    begun, before = time.monotonic(), _count(engine)
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(caller(hooks))
    took = time.monotonic() - begun
    await store.close()
    assert _count(engine) - before == len(set(acknowledged)) == done
    return done / took


def _plain(engine: Engine, seconds: float) -> float:
    """The peer: the same two rows, ready made, in a transaction of their own."""
    with reading(engine) as conn:
        [known] = islice(conn.scalars(select(ended_calls.c.call_id).join(charges).limit(1)), 1)
        recorded = call(conn, known)
    assert recorded is not None
    assert recorded.charge is not None
    row = {name: getattr(recorded.call, name) for name in CALL_FIELDS} | {"book": recorded.book, "unrated": None}
    charge = {
        "amount": recorded.charge.amount,
        "units": recorded.charge.units,
        "row": recorded.charge.row,
        "book": recorded.charge.book,
        "effective": recorded.charge.effective,
        "tax": recorded.charge.tax.value,
        "explanation": list(recorded.charge.explanation),
    }
    begun, done = time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        identity = {"call_id": f"plain-{next(_numbers)}"}
        with writing(engine) as conn:
            conn.execute(insert(ended_calls), row | identity)
            conn.execute(insert(charges), charge | identity)
        done += 1
    return done / (time.monotonic() - begun)


def _count(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.scalar(select(func.count()).select_from(charges)) or 0
