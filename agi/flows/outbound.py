"""A call out: from a lent handset, or the second leg of a registered phone's (services §3, §4)."""

import asyncio
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection

from agi.allowance import Allowed, allow, given_back
from agi.ari.client import Arrival
from agi.desk import Desk
from agi.flows.forwarding import CALL_REJECTED, CONTROL_CHARACTER, PATIENCE, hostile, is_leased
from agi.outgoing import Outgoing, Reached, Refused, paid, reach, route_out, shown, withheld
from agi.paid import write_paid
from agi.suspects import HOSTILE, SUSPECT, warn
from dialplan.numbers import NumberClass, dialled, national
from dialplan.refusals import Refusal
from dialplan.route import Route, encode
from dialplan.trunks import Trunk
from subscribers.records.find import line_of_handset
from subscribers.records.hash_dial import hash_target
from subscribers.records.onnet import on_net_target
from subscribers.states import LineForCall

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a call out goes on in the dialplan: `extension` of [route], with these variables, at label calling."""

    extension: str
    variables: dict[str, str]
    refusal: Refusal | None


async def outgoing(desk: Desk, arrival: Arrival) -> None:
    """From a handset. What fails here lets the call go on in the dialplan, which refuses it: calls that cost are not
    made on a guess.
    """
    _, handset, *_ = (*arrival.args, "")
    if hostile(arrival):
        desk.refusals[HOSTILE] += 1
        await warn(desk, arrival, "refused", CONTROL_CHARACTER, handset=handset)
        await desk.ari.hangup(arrival.channel.id, CALL_REJECTED)
        return
    digits = arrival.channel.dialplan.exten
    async with asyncio.timeout(PATIENCE):
        call = await desk.store.glance(gather, handset, digits, desk.trunks())
    if call is None:
        desk.refusals[Refusal.CANNOT_BE_DIALLED] += 1
        await warn(desk, arrival, "refused", "no line has this handset", handset=handset)
        await desk.ari.continue_(
            arrival.channel.id, context="refuse", extension=Refusal.CANNOT_BE_DIALLED, priority=1
        )
        return
    async with given_back(desk, arrival.channel.id):
        way = await find_way(desk, arrival.channel.id, replace(call, at=desk.now(), chance=desk.chance()))
        if way.refusal in SUSPECT:
            await warn(desk, arrival, "refused", str(way.refusal), handset=handset, line=call.line.id)
        await desk.ari.continue_(
            arrival.channel.id, context="route", extension=way.extension, label="calling", variables=way.variables
        )


async def find_way(desk: Desk, call_id: str, call: Outgoing) -> Way:
    """Decides, and has the cost allowed under `call_id`. Raises what the store raises, TimeoutError when it does not
    answer.

    A handset's call is recorded under that identity. One by a registered phone is recorded under another, which
    nobody knows yet: PAYS takes the name along, so that what is held for the call is released with its record.
    """
    found = reach(call)
    granted = None
    if isinstance(found, Reached):
        async with asyncio.timeout(PATIENCE):
            granted = await allow(desk, call_id, call, found)
    route, reason = _route(call, found, granted)
    if route.refusal is not None:
        desk.refusals[route.refusal] += 1
    pays = paid(call, found if isinstance(found, Reached) else None)
    log.info(
        "decided",
        called=call.dialled.digits,
        by=call.by or "handset",
        line=call.line.id,
        shown="withheld" if withheld(call) else shown(call),
        talk=granted.milliseconds if isinstance(granted, Allowed) else None,
        reason=reason,
        refusal=route.refusal,
    )
    return Way(
        extension=national(call.line.number),
        variables={
            "ROUTE": encode(route),
            "PAYS": write_paid(replace(pays, held=call_id if call.by is not None else "")),
            "SHOWN": national(shown(call)),
            "PRES": "prohib" if withheld(call) else "allowed",
        },
        refusal=route.refusal,
    )


def _route(call: Outgoing, found: Reached | Refused, granted: Allowed | Refused | None) -> tuple[Route, str]:
    if isinstance(found, Refused):
        return Route(line=call.line.id, refusal=found.refusal), found.reason
    if isinstance(granted, Refused):
        return Route(line=call.line.id, refusal=granted.refusal), granted.reason
    assert granted is not None
    return route_out(call, found, granted.milliseconds), f"call out to {found.number}"


def gather(conn: Connection, handset: str, digits: str, trunks: tuple[Trunk, ...]) -> Outgoing | None:
    """What a handset's call looks at; None when no line has such a handset."""
    found = line_of_handset(conn, handset)
    return facts_out(conn, found, digits, trunks) if found is not None else None


def facts_out(
    conn: Connection, found: LineForCall, digits: str, trunks: tuple[Trunk, ...], by: str | None = None
) -> Outgoing:
    """At no time yet: the caller of this sets it."""
    number = dialled(digits)
    call = Outgoing(
        line=found.line, member=found.member, at=found.line.starts_at, dialled=number, by=by, trunks=trunks
    )
    if number.kind is NumberClass.ON_NET:
        return replace(call, on_net=on_net_target(conn, found.line.id, number.digits))
    if number.kind is NumberClass.HASH_DIAL:
        target = hash_target(conn, number.digits, found.line.number)
        return replace(call, hash_number=target, target_is_leased=is_leased(conn, target))
    return replace(call, target_is_leased=is_leased(conn, number.e164))
