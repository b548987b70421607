"""Who gets the member menu: what a call says about itself, and what the trunk it came by is trusted to say."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import pytest
from sqlalchemy import Engine, event

from agi.ari.client import Ari, Arrival
from agi.ari.errors import Unavailable
from agi.ari.inbox import Inbox
from agi.ari.messages import Caller, Channel, Dialplan
from agi.caller import ASSERTED
from agi.desk import Desk
from agi.flows.forwarding import incoming
from dialplan.refusals import Refusal
from dialplan.route import decode
from dialplan.trunks import Trunk
from store.engine import writing
from store.units import Store
from subscribers.lines import Line
from subscribers.records.nuisance import add_nuisance
from subscribers.records.phones import register_phone
from tests.fixtures.stored import NOW, stored_line
from tests.fixtures.tariff import LIMITS, TARIFF

PHONE, STRANGER = "09011110001", "09055556666"


class Asterisk:
    """Keeps where the call was sent; `header` is what it reads as P-Asserted-Identity."""

    def __init__(self, header: str | None) -> None:
        self.header = header
        self.asked: list[str] = []
        self.context = ""
        self.variables: Mapping[str, str] = {}

    async def get_variable(self, channel_id: str, name: str) -> str | None:
        self.asked.append(name)
        if self.header is None:
            raise Unavailable(name, "500 Error With Function")  # as Asterisk 22.10 has it
        return self.header

    async def continue_(self, channel_id: str, *, context: str, variables: Mapping[str, str], **where: Any) -> None:
        self.context, self.variables = context, variables


@pytest.fixture
def line(sqlite_engine: Engine) -> Line:
    with writing(sqlite_engine) as conn:
        return register_phone(conn, stored_line(conn).id, PHONE)


@pytest.fixture
async def store(sqlite_engine: Engine, line: Line) -> AsyncIterator[Store]:
    store = Store(sqlite_engine)
    yield store
    await store.close()


async def called(
    store: Store, number: str, header: str | None, *, trunk: str = "carrier", presentation: str = "allowed"
) -> Asterisk:
    asterisk = Asterisk(header)
    desk = Desk(
        ari=cast(Ari, asterisk),
        store=store,
        now=lambda: NOW,
        trunks=lambda: (Trunk(name="carrier", host="127.0.0.2", sources=("127.0.0.2",)),),
        tariff=TARIFF,
        limits=LIMITS,
        trusts=lambda name: name == "carrier",
    )
    channel = Channel(id="c1", caller=Caller(number=number), dialplan=Dialplan(exten="0363040001"))
    args = ("incoming", presentation, trunk, "", "")
    await incoming(desk, Arrival(channel=channel, args=args, adopted=False, events=Inbox("c1")))
    return asterisk


def refusal(asterisk: Asterisk) -> Refusal | None:
    return decode(asterisk.variables["ROUTE"]).refusal


@pytest.mark.parametrize("number", [PHONE, "+819011110001", "819011110001"])
async def test_a_registered_phone_asserted_by_a_trusted_trunk_gets_the_menu(store: Store, number: str) -> None:
    asterisk = await called(store, number, "<sip:+819011110001@carrier.example>")
    assert (asterisk.context, asterisk.variables) == ("menu", {"FLOW": "member-menu"})


@pytest.mark.parametrize(
    ("header", "how"),
    [
        ("<sip:+819011110001@carrier.example>", {"trunk": "cheap"}),
        ("<sip:+819011110001@carrier.example>", {"trunk": ""}),
        ("<sip:+819011110001@carrier.example>", {"presentation": "prohib_not_screened"}),
        (None, {}),
        ("", {}),
        ("<sip:+819055556666@carrier.example>", {}),
        ('"<sip:+819011110001@x>" <sip:+819055556666@carrier.example>', {}),
    ],
)
async def test_a_number_that_is_only_claimed_gets_none(store: Store, header: str | None, how: dict[str, str]) -> None:
    asterisk = await called(store, PHONE, header, **how)
    assert (asterisk.context, refusal(asterisk)) == ("route", Refusal.CANNOT_BE_REACHED)


async def test_only_a_registered_phones_call_costs_asterisk_a_question(store: Store) -> None:
    header = "<sip:+819055556666@carrier.example>"
    assert (await called(store, STRANGER, header)).asked == []
    asserted = "<sip:+819011110001@carrier.example>"
    assert (await called(store, PHONE, asserted)).asked == [ASSERTED]


async def test_a_claimed_number_is_asked_where_it_came_from(store: Store) -> None:
    """What an untrusted trunk asserts is not even read."""
    asserted, peer = "<sip:+819011110001@carrier.example>", "CHANNEL(pjsip,remote_addr)"
    assert (await called(store, PHONE, asserted, trunk="cheap")).asked == [peer]
    assert (await called(store, PHONE, None)).asked == [ASSERTED, peer]


async def test_a_call_to_a_line_without_lists_is_decided_from_one_select(
    store: Store, line: Line, sqlite_engine: Engine
) -> None:
    seen = list[str]()
    event.listen(sqlite_engine, "before_cursor_execute", lambda c, cursor, sql, *rest: seen.append(sql.split()[0]))
    await called(store, STRANGER, None)
    assert [word for word in seen if word != "BEGIN"] == ["SELECT"]
    with writing(sqlite_engine) as conn:
        add_nuisance(conn, line.id, "+819055556666", withheld=True, at=NOW)
    seen.clear()
    asterisk = await called(store, STRANGER, None, presentation="prohib")
    assert [word for word in seen if word != "BEGIN"] == ["SELECT", "SELECT"]
    assert refusal(asterisk) is Refusal.NUISANCE_BLOCKED
