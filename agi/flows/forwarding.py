"""A call to a leased number: gather what the decision needs, decide, hand the Route to the dialplan."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from agi.ari.client import Arrival
from agi.desk import Desk
from agi.incoming import Incoming, decide
from dialplan.numbers import NumberClass, dialled, national
from dialplan.route import encode
from dialplan.trunks import Trunk
from subscribers.records.find import line_for_call
from subscribers.states import LineForCall

log = structlog.get_logger()


async def incoming(desk: Desk, arrival: Arrival) -> None:
    called = arrival.channel.dialplan.exten
    presentation, trunk, counted, hops = _arguments(arrival.args)
    call = await desk.store.read(gather, called, desk.now(), desk.trunk())
    # Diversions by a carrier's count and by our own hops may overlap; the larger one is at least as true.
    call = replace(call, diversions=max(counted, hops))
    decision = decide(call)
    log.info(
        "decided",
        called=called,
        caller="withheld" if presentation.startswith("prohib") else arrival.channel.caller.number,
        trunk=trunk,
        line=decision.route.line,
        reason=decision.reason,
        refusal=decision.route.refusal,
        adopted=arrival.adopted,
    )
    await desk.ari.continue_(
        arrival.channel.id,
        context="route",
        extension=national(call.number) if call.line is not None else called,
        priority=1,
        variables={"ROUTE": encode(decision.route)},
    )


def gather(conn: Connection, called: str, at: datetime, trunk: Trunk) -> Incoming:
    """Who is called, in one SELECT, and what else the decision looks at."""
    number = dialled(called).e164
    found = line_for_call(conn, number) if number is not None else None
    return facts(conn, number or called, found, at, trunk)


def facts(conn: Connection, number: str, found: LineForCall | None, at: datetime, trunk: Trunk) -> Incoming:
    """A second SELECT only when the call may be forwarded to a fixed number that may be ours."""
    target = found.line.forwarding.target if found is not None else None
    may_be_ours = target is not None and dialled(target).kind is NumberClass.FIXED
    return Incoming(
        number=number,
        diversions=0,
        at=at,
        line=found.line if found is not None else None,
        member=found.member if found is not None else None,
        target_is_leased=may_be_ours and line_for_call(conn, target or "") is not None,
        trunk=trunk,
    )


def _arguments(args: tuple[str, ...]) -> tuple[str, str, int, int]:
    """incoming, presentation, trunk, the carrier's diversion count, our own hops; what is missing is nothing."""
    _, presentation, trunk, counted, hops, *_ = (*args, "", "", "", "", "")
    return presentation, trunk, _count(counted), _count(hops)


def _count(text: str) -> int:
    """A carrier writes this header; more than two digits of diversions are only ever an attack."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 99 if text.isdigit() else 0
