"""A member with a line, a handset and a registered phone, and callers who key what a test says."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Engine, insert

from agi.ari.client import Ari, Arrival
from agi.ari.messages import Caller, Channel, Dialplan
from agi.call import Patience
from agi.desk import Desk
from agi.switchboard import FLOWS
from dialplan.numbers import national
from dialplan.trunks import Trunk
from rating.ended import Source
from rating.tables import ended_calls
from rating.usage import Service
from store.engine import reading, writing
from store.units import Store
from subscribers.callbacks import Callback
from subscribers.lines import Line, Plan
from subscribers.members import IdentityCheck, IdentityMethod, MemberKind
from subscribers.records.find import get_line
from subscribers.records.lines import add_line
from subscribers.records.members import add_contract, add_member, record_identity_check
from subscribers.records.phones import lend_handset, register_phone
from tests.fakes.keypad import Keypad
from tests.fixtures.tariff import LIMITS, TARIFF

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MOBILE = "09011112222"
PHONE = "09011110001"
"""The one registered on the line."""
CODES = {"142": "forward-menu", "144": "nuisance-menu", "147": "select-menu", "148": "number-request"}


@dataclass
class Office:
    """Calls come one after another; `now` stands still unless a test moves it."""

    engine: Engine
    store: Store
    line: Line
    now: datetime = NOW
    calls: list[Keypad] = field(default_factory=list)
    trunks: tuple[Trunk, ...] = (Trunk(name="carrier", host="127.0.0.2", sources=("127.0.0.2",)),)

    async def dial(self, code: str, keys: str = "", script: tuple[str, ...] = ("",) * 20) -> Keypad:
        """From the handset: the code, then `keys` typed ahead; after them the script."""
        return await self._call(CODES[code], (f"h{self.line.id}",), code, keys, script)

    async def remote(self, order: str, keys: str = "", script: tuple[str, ...] = ("",) * 20) -> Keypad:
        return await self._call("remote", (order,), "0363044141", keys, script)

    async def member(self, keys: str = "", script: tuple[str, ...] = ("",) * 20) -> Keypad:
        """From the registered phone."""
        return await self._call("member-menu", ("carrier",), national(self.line.number), keys, script, caller=PHONE)

    async def called_back(
        self, job: Callback, keys: str = "", script: tuple[str, ...] = ("",) * 20, *, adopted: bool = False
    ) -> Keypad:
        """The phone has answered our call of the job's channel."""
        assert job.channel is not None
        exten = national(self.line.number)
        return await self._call("callback", (str(job.id),), exten, keys, script, channel=job.channel, adopted=adopted)

    async def _call(
        self,
        flow: str,
        args: tuple[str, ...],
        exten: str,
        keys: str,
        script: tuple[str, ...],
        *,
        caller: str = "",
        channel: str = "k1",
        adopted: bool = False,
    ) -> Keypad:
        keypad = Keypad(script, keys)
        self.calls.append(keypad)
        found = Channel(
            id=channel,
            state="Up" if flow == "callback" else "Ring",
            caller=Caller(number=caller),
            dialplan=Dialplan(exten=exten),
        )
        arrival = Arrival(channel=found, args=(flow, *args), adopted=adopted, events=keypad.events)
        await FLOWS[flow](self.desk(keypad), arrival)
        return keypad

    def desk(self, ari: object) -> Desk:
        return Desk(
            ari=cast(Ari, ari),
            store=self.store,
            now=lambda: self.now,
            trunks=lambda: self.trunks,
            tariff=TARIFF,
            limits=LIMITS,
            trusts=lambda _: False,
            patience=Patience(first=0, between=0),
            rings_before_menu=0.01,
        )

    def now_set(self) -> Line:
        """The line as stored."""
        found: Line = self.read(get_line, self.line.id)
        return found

    def read(self, work: Callable[..., Any], *args: Any) -> Any:
        with reading(self.engine) as conn:
            return work(conn, *args)

    def write(self, work: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        with writing(self.engine) as conn:
            return work(conn, *args, **kw)


def sown(conn: Connection) -> Line:
    member = add_member(conn, name="山田商店", kind=MemberKind.RENTAL_OFFICE, room_capacity=3)
    check = IdentityCheck(checked_on=date(2026, 11, 2), method=IdentityMethod.IN_PERSON, checked_by="佐藤")
    record_identity_check(conn, member.id, check, NOW.date())
    contract = add_contract(conn, member.id, date(2026, 11, 1))
    starts_at = datetime(2026, 11, 1, tzinfo=UTC)
    line = add_line(
        conn, contract_id=contract.id, number="0363040001", plan=Plan.FIXED_PHONE, starts_at=starts_at, at=NOW
    )
    register_phone(conn, line.id, PHONE)
    return lend_handset(conn, line.id, sip_user=f"h{line.id}", sealed_password="sealed")


def called_by(conn: Connection, line: Line, number: str, *, withheld: bool = False) -> None:
    """A call to the line's handset that ended a moment ago."""
    conn.execute(
        insert(ended_calls).values(
            call_id="sw1-1795000000.1",
            line_id=line.id,
            leased_number=line.number,
            plan=line.plan.value,
            service=Service.INCOMING.value,
            from_number=number,
            withheld=withheld,
            to_number=line.number,
            variant="",
            started_at=NOW,
            ended_at=NOW,
            outcome="NOANSWER",
            cause=16,
            source=Source.HOOK.value,
            book="leased-number",
        )
    )


@pytest.fixture
async def office(sqlite_engine: Engine) -> AsyncIterator[Office]:
    with writing(sqlite_engine) as conn:
        line = sown(conn)
    store = Store(sqlite_engine)
    yield Office(engine=sqlite_engine, store=store, line=line)
    await store.close()
