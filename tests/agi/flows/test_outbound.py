"""Calls from a handset and forwarded ones, asked for: what is held for one that goes nowhere is given back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from agi.ari.client import Arrival
from agi.ari.errors import AriError, Refused, Unavailable
from agi.ari.inbox import Inbox
from agi.ari.messages import Caller, Channel, Dialplan
from agi.ended import Ended, started_at
from agi.flows.forwarding import incoming
from agi.flows.outbound import outgoing
from agi.ledger import keep
from agi.paid import Paid, Why
from rating.ended import Source
from rating.limits.overrides import set_limits
from rating.limits.tables import Name, authorisations
from subscribers.forwarding import ForwardMode
from subscribers.records.forwarding import set_forward_entry, start_forwarding
from subscribers.records.options import change_options
from tests.agi.flows.conftest import NOW, PHONE, Office
from tests.fixtures.tariff import TARIFF

CALL = "sw1-1795000000.7"
GONE = Refused("POST channels/c/continue", 404, "Channel not found")
UNTOLD = Unavailable("POST channels/c/continue", "the connection was lost")


class Asterisk:
    """Takes a call on, or says why not."""

    def __init__(self, error: AriError | None = None, asserted: str = "") -> None:
        self.error, self.asserted = error, asserted
        self.context = ""
        self.variables: Mapping[str, str] = {}

    async def get_variable(self, channel_id: str, name: str) -> str | None:
        return self.asserted

    async def continue_(self, channel_id: str, *, context: str, variables: Mapping[str, str], **_: Any) -> None:
        if self.error is not None:
            raise self.error
        self.context, self.variables = context, variables


async def handset_calls(office: Office, digits: str, asterisk: Asterisk) -> None:
    channel = Channel(id=CALL, caller=Caller(number="0363040001"), dialplan=Dialplan(exten=digits))
    args = ("outgoing", f"h{office.line.id}")
    await outgoing(office.desk(asterisk), Arrival(channel=channel, args=args, adopted=False, events=Inbox(CALL)))


async def carrier_calls(office: Office, number: str, asterisk: Asterisk, **desk: Any) -> None:
    channel = Channel(id=CALL, caller=Caller(number=number), dialplan=Dialplan(exten="0363040001"))
    args = ("incoming", "allowed", "carrier", "", "")
    found = office.desk(asterisk)
    for name, value in desk.items():
        object.__setattr__(found, name, value)
    await incoming(found, Arrival(channel=channel, args=args, adopted=False, events=Inbox(CALL)))


def held(office: Office) -> list[tuple[str, bool]]:
    rows = office.read(lambda conn: conn.execute(select(authorisations)).all())
    return [(row.call_id, row.released_at is None) for row in rows]


def forwards_within(office: Office, yen: int) -> None:
    office.write(set_forward_entry, office.line.id, 1, "0312345678")
    office.write(start_forwarding, office.line.id, ForwardMode.UNCONDITIONAL)
    office.write(set_limits, office.line.id, {Name.DAILY: Decimal(yen), Name.NIGHT_DAILY: None})
    office.write(change_options, office.line.id, capped=True)


async def test_what_was_allowed_is_held_under_the_calls_own_name(office: Office) -> None:
    asterisk = Asterisk()
    await handset_calls(office, "0312345678", asterisk)
    assert asterisk.context == "route"
    assert held(office) == [(CALL, True)]


@pytest.mark.parametrize(("error", "kept"), [(GONE, False), (UNTOLD, True)])
async def test_a_caller_who_left_while_it_was_decided_has_nothing_held_unless_the_call_may_be_under_way(
    office: Office, error: AriError, kept: bool
) -> None:
    with pytest.raises(type(error)):
        await handset_calls(office, "0312345678", Asterisk(error))
    assert held(office) == [(CALL, kept)]


async def test_what_a_slow_store_allows_too_late_is_not_held_for_hours(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller has been told to try later: the permission comes, and is taken back."""
    asked = office.store.write_now

    async def late(*args: Any, **kw: Any) -> Any:
        await asked(*args, **kw)
        raise TimeoutError

    monkeypatch.setattr(office.store, "write_now", late)
    with pytest.raises(TimeoutError):
        await handset_calls(office, "0312345678", Asterisk())
    assert held(office) == [(CALL, False)]
    keypad = await office.member("10312345678#")
    assert keypad.heard[0] == "try-later"
    assert held(office)[1:] == [("k1/1", False)]


async def test_a_caller_who_left_before_he_was_forwarded_has_nothing_held(office: Office) -> None:
    forwards_within(office, 1000)
    with pytest.raises(Refused):
        await carrier_calls(office, "09055556666", Asterisk(GONE))
    assert held(office) == [(CALL, False)]


async def test_nothing_is_held_for_the_forwarding_of_a_caller_who_is_given_the_menu(office: Office) -> None:
    """All that is left would be, and the call out that he asks for be refused."""
    forwards_within(office, 100)
    asterisk = Asterisk(asserted=f"<sip:{PHONE}@carrier.example>")
    await carrier_calls(office, PHONE, asterisk, trusts=lambda _: True)
    assert (asterisk.context, asterisk.variables) == ("menu", {"FLOW": "member-menu"})
    assert held(office) == []


@pytest.mark.parametrize(("why", "kept"), [(Why.UNSAID, False), (Why.CALLBACK, False), (Why.THROUGH, True)])
async def test_a_conversation_that_broke_off_leaves_nothing_held_and_one_that_led_on_leaves_it_to_that_call(
    office: Office, why: Why, kept: bool
) -> None:
    keypad = await office.member("10312345678#")
    assert keypad.went_on is not None
    office.write(lambda conn: conn.execute(authorisations.update().values(call_id=f"{CALL}/1")))
    ended = Ended(
        call_id=CALL,
        dialled="0363040001",
        caller=PHONE,
        withheld=False,
        dial="menu",
        target=None,
        outcome="ANSWER",
        refusal=None,
        started_at=started_at(CALL),
        answered_at=NOW,
        ended_at=NOW,
        answered=Decimal(5),
        cause=16,
        menu=True,
        paid=Paid(why=why),
    )
    office.write(keep, ended, Source.HOOK, TARIFF)
    assert held(office) == [(f"{CALL}/1", kept)]
