"""A call to a leased number: gather what the decision needs, decide, hand the Route to the dialplan."""

import asyncio
import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from agi.allowance import Allowed, allow_forwarding, given_back
from agi.ari.client import Arrival
from agi.ari.errors import AriError
from agi.caller import ASSERTED, SOMEBODY, Caller, asserts, caller_of
from agi.desk import Desk
from agi.incoming import Decision, Incoming, bounded, decide, onward_to, unforwarded
from agi.suspects import HOSTILE, SUSPECT, warn
from dialplan.numbers import NumberClass, dialled, national
from dialplan.route import encode
from dialplan.trunks import Trunk
from subscribers.records.find import line_for_call
from subscribers.records.listed import listed
from subscribers.states import LineForCall

log = structlog.get_logger()

CONTROL_CHARACTER = "a control character in a name"

CALL_REJECTED = 21
"""Q.850."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

PATIENCE = 2.0
"""Seconds a caller waits for a store that does not answer; then the call goes by Asterisk's last known copy."""


async def incoming(desk: Desk, arrival: Arrival) -> None:
    called = arrival.channel.dialplan.exten
    if hostile(arrival):
        desk.refusals[HOSTILE] += 1
        await warn(desk, arrival, "refused", CONTROL_CHARACTER, caller=arrival.channel.caller.number)
        await desk.ari.hangup(arrival.channel.id, CALL_REJECTED)
        return
    presentation, trunk, counted, hops = _arguments(arrival.args)
    caller = caller_of(presentation, arrival.channel.caller.number, arrival.channel.caller.name)
    async with asyncio.timeout(PATIENCE):
        call = await desk.store.glance(gather, called, desk.now(), desk.trunks(), caller)
    if _may_be_registered(call) and desk.trusts(trunk):
        header = await _asserted(desk, arrival.channel.id)
        call = replace(call, caller=replace(caller, vouched=asserts(header, caller.number or "")))
    if call.line is not None and _may_be_registered(call) and not call.caller.vouched:
        why = "the network does not vouch for a registered phone's number"
        await warn(desk, arrival, "unvouched", why, caller=caller.number, trunk=trunk, line=call.line.id)
    # Diversions by a carrier's count and by our own hops may overlap; the larger one is at least as true.
    call = replace(call, diversions=max(counted, hops), chance=desk.chance())
    decided = decide(call)
    decision = await _within_limits(desk, arrival.channel.id, call, decided)
    log.info(
        "decided",
        called=called,
        caller="withheld" if caller.withheld else arrival.channel.caller.number,
        trunk=trunk,
        line=decision.route.line,
        reason=decision.reason,
        refusal=decision.route.refusal,
        flow=decision.flow,
        adopted=arrival.adopted,
    )
    if decision.flow is None and decision.route.refusal is not None:
        desk.refusals[decision.route.refusal] += 1
        if decision.route.refusal in SUSPECT:
            await warn(desk, arrival, "refused", decision.reason, trunk=trunk, line=decision.route.line)
    if decision.flow is not None:
        await desk.ari.continue_(
            arrival.channel.id,
            context="menu",
            extension=national(call.number),
            priority=1,
            variables={"FLOW": decision.flow},
        )
        return
    async with given_back(desk, arrival.channel.id) if decision is not decided else nullcontext():
        await desk.ari.continue_(
            arrival.channel.id,
            context="route",
            extension=national(call.number) if call.line is not None else called,
            priority=None if caller.withheld else 1,
            label="withheld" if caller.withheld else None,
            variables={"ROUTE": encode(decision.route)},
        )


async def _within_limits(desk: Desk, call_id: str, call: Incoming, decision: Decision) -> Decision:
    """A forwarded leg of a line with limits of its own, or to another country, is authorised as a call out is.

    Who is given a menu is not forwarded: what was held for that would be missing for the call out that he asks for.
    """
    line, target = call.line, onward_to(decision.route)
    if (
        decision.flow is not None
        or line is None
        or target is None
        or not (line.capped or dialled(target).kind is NumberClass.INTERNATIONAL)
    ):
        return decision
    caller = None if call.caller.withheld else call.caller.number
    allowed = await allow_forwarding(desk, call_id, line, target, caller)
    if isinstance(allowed, Allowed):
        return replace(decision, route=bounded(decision.route, allowed.milliseconds))
    return unforwarded(decision, allowed.refusal, allowed.reason)


def hostile(arrival: Arrival) -> bool:
    """Whether a number or name has a control character: it could become a line of the hook, and charge somebody else.

    PJSIP turns %0a in a SIP name into a line break; no honest caller has one.
    """
    caller = arrival.channel.caller
    return any(
        _CONTROL.search(text) for text in (arrival.channel.dialplan.exten, caller.number, caller.name, *arrival.args)
    )


def _may_be_registered(call: Incoming) -> bool:
    caller = call.caller
    return call.line is not None and not caller.withheld and caller.number in call.line.registered_phones


async def _asserted(desk: Desk, channel_id: str) -> str | None:
    """What the carrier asserts about the caller. Asked only of calls that may get the member menu: reading a header
    costs Asterisk a turn of another thread.
    """
    try:
        return await desk.ari.get_variable(channel_id, ASSERTED)
    except AriError:
        # Asterisk 22.10 answers 500 "Error With Function" for a call without the header. Whatever it was: nothing is
        # asserted then, and the call goes on without the menu.
        return None


def gather(
    conn: Connection, called: str, at: datetime, trunks: tuple[Trunk, ...], caller: Caller = SOMEBODY
) -> Incoming:
    """Who is called, in one SELECT, and what else the decision looks at."""
    number = dialled(called).e164
    found = line_for_call(conn, number) if number is not None else None
    call = facts(conn, number or called, found, at, trunks, caller)
    if call.line is None or not call.line.screening.has_lists or caller.number is None:
        return call
    return replace(call, listed=listed(conn, call.line.id, caller.number))


def facts(
    conn: Connection,
    number: str,
    found: LineForCall | None,
    at: datetime,
    trunks: tuple[Trunk, ...],
    caller: Caller = SOMEBODY,
) -> Incoming:
    """For a caller who is on no list. A second SELECT only when the call may go on to a fixed number that may be
    ours.
    """
    line = found.line if found is not None else None
    return Incoming(
        number=number,
        diversions=0,
        at=at,
        line=line,
        member=found.member if found is not None else None,
        target_is_leased=line is not None and is_leased(conn, line.forwarding.target),
        failover_is_leased=line is not None and is_leased(conn, line.failover_number),
        trunks=trunks,
        caller=caller,
    )


def is_leased(conn: Connection, number: str | None) -> bool:
    """Whether an E.164 number is a leased one of ours, in any state; only fixed numbers are looked up."""
    return (
        number is not None and dialled(number).kind is NumberClass.FIXED and line_for_call(conn, number) is not None
    )


def _arguments(args: tuple[str, ...]) -> tuple[str, str, int, int]:
    """incoming, presentation, trunk, the carrier's diversion count, our own hops; what is missing is nothing."""
    _, presentation, trunk, counted, hops, *_ = (*args, "", "", "", "", "")
    return presentation, trunk, _count(counted), _count(hops)


def _count(text: str) -> int:
    """A carrier writes this header; more than two digits of diversions are only ever an attack."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 99 if text.isdigit() else 0
