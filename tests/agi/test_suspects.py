"""What a refused attacker leaves behind: a count, and a line with the address he came from."""

from collections.abc import AsyncIterator
from typing import cast

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from agi.ari.client import Ari, Arrival
from agi.ari.errors import Unavailable
from agi.ari.inbox import Inbox
from agi.ari.messages import Caller, Channel, Dialplan
from agi.desk import Desk
from agi.flows.forwarding import incoming
from agi.flows.outbound import outgoing
from agi.suspects import warn
from store.units import Store
from tests.fixtures.stored import NOW
from tests.fixtures.tariff import LIMITS, TARIFF


class Asterisk:
    """Knows the address a channel's INVITE came from, if there is one; keeps how the call ended."""

    def __init__(self, peer: str | None) -> None:
        self.peer = peer
        self.causes: list[int] = []

    async def get_variable(self, channel_id: str, name: str) -> str | None:
        assert name == "CHANNEL(pjsip,remote_addr)"
        if self.peer is None:
            raise Unavailable(name, "500 Error With Function")
        return self.peer

    async def hangup(self, channel_id: str, cause: int) -> None:
        self.causes.append(cause)


@pytest.fixture
async def store(sqlite_engine: Engine) -> AsyncIterator[Store]:
    store = Store(sqlite_engine)
    yield store
    await store.close()


def at_desk(asterisk: Asterisk, store: Store) -> Desk:
    return Desk(
        ari=cast(Ari, asterisk),
        store=store,
        now=lambda: NOW,
        trunks=lambda: (),
        trusts=lambda name: False,
        tariff=TARIFF,
        limits=LIMITS,
    )


def arrival(*args: str, number: str = "") -> Arrival:
    channel = Channel(id="c1", caller=Caller(number=number), dialplan=Dialplan(exten="0363040001"))
    return Arrival(channel=channel, args=args, adopted=False, events=Inbox("c1"))


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.7:5060", "192.0.2.7"),
        ("[2001:db8::7]:5060", "2001:db8::7"),
        ("", None),
        (None, None),
    ],
)
async def test_the_address_is_told_without_its_port(store: Store, peer: str | None, address: str | None) -> None:
    desk = at_desk(Asterisk(peer), store)
    with capture_logs() as logs:
        await warn(desk, arrival(), "refused", "too many", handset="h1")
    assert [(line["event"], line["peer"], line["handset"], line["log_level"]) for line in logs] == [
        ("refused", address, "h1", "warning")
    ]


@pytest.mark.parametrize("flow", ["incoming", "outgoing"])
async def test_a_name_made_to_do_harm_is_refused_counted_and_told(store: Store, flow: str) -> None:
    asterisk = Asterisk("192.0.2.7:5060")
    desk = at_desk(asterisk, store)
    with capture_logs() as logs:
        run = incoming if flow == "incoming" else outgoing
        await run(desk, arrival(flow, "h1", number="09\nagi_x: 1"))
    assert asterisk.causes == [21]
    assert desk.refusals == {"hostile": 1}
    assert [line["peer"] for line in logs] == ["192.0.2.7"]
