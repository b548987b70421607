"""Members, lines and calls as JSON has them. Keys are for programs that others wrote: they stay."""

from datetime import datetime
from typing import Any

from dialplan.numbers import national
from dialplan.trunks import Trunk
from rating.charge import Charge
from rating.ended import EndedCall, Recorded
from subscribers.forwarding import Forwarding
from subscribers.lines import Line
from subscribers.members import Member
from subscribers.screening import Screening
from subscribers.states import LineForCall

WITHHELD = "withheld number"


def member_shape(member: Member) -> dict[str, Any]:
    identity = member.identity
    return {
        "id": member.id,
        "name": member.name,
        "kind": member.kind.value,
        "room_capacity": member.room_capacity,
        "identity": None
        if identity is None
        else {"on": identity.checked_on, "method": identity.method.value, "by": identity.checked_by},
        "suspended_at": member.suspended_at,
        "leaves_at": member.leaves_at,
        "mail": member.mail,
    }


def line_shape(found: LineForCall, at: datetime) -> dict[str, Any]:
    """Without secrets: of the handset only its name and the number it shows."""
    line = found.line
    handset = line.handset
    return {
        "id": line.id,
        "number": line.number,
        "additional": list(line.additional),
        "plan": line.plan.value,
        "state": found.state(at).value,
        "member": found.member.id,
        "contract": line.contract_id,
        "channels": line.channels,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "suspended_at": line.suspended_at,
        "call_waiting": line.call_waiting,
        "present_leased": line.present_leased,
        "international": line.international_allowed,
        "language": line.language.value,
        "handset": None if handset is None else {"sip_user": handset.sip_user, "presents": handset.presents},
        "registered_phones": list(line.registered_phones),
        "forwarding": forwarding_shape(line.forwarding),
        "screening": screening_shape(line.screening),
    }


def screening_shape(screening: Screening) -> dict[str, Any]:
    return {
        "nuisance": screening.nuisance,
        "number_request": screening.number_request,
        "allow_list": screening.allow_on,
        "allow_limit": screening.allow_limit,
        "select": screening.select.value,
    }


def allow_shape(line: Line, used: int) -> dict[str, Any]:
    return {
        "line": line.id,
        "number": line.number,
        "on": line.screening.allow_on,
        "limit": line.screening.allow_limit,
        "used": used,
    }


def forwarding_shape(forwarding: Forwarding) -> dict[str, Any]:
    return {
        "mode": forwarding.mode.value,
        "last_mode": forwarding.last_mode.value,
        "ring_seconds": forwarding.ring_seconds,
        "entries": list(forwarding.entries),
        "entry_in_use": forwarding.entry_in_use,
        "target": forwarding.target,
    }


def trunk_shape(trunk: Trunk) -> dict[str, Any]:
    """Without its password."""
    return {
        "name": trunk.name,
        "host": trunk.host,
        "port": trunk.port,
        "sources": list(trunk.sources),
        "trusted": trunk.trusted,
        "username": trunk.username or None,
        "codecs": list(trunk.codecs),
        "priority": trunk.priority,
    }


def call_shape(recorded: Recorded) -> dict[str, Any]:
    call = recorded.call
    return {
        "call": call.call_id,
        "line": call.line_id,
        "leased_number": call.leased_number,
        "plan": None if call.plan is None else call.plan.value,
        "service": call.service.value,
        "from": None if call.withheld else call.from_number,
        "withheld": call.withheld,
        "to": call.to_number,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "answered": call.answered,
        "ended_at": call.ended_at,
        "outcome": call.outcome,
        "cause": call.cause,
        "source": call.source.value,
        "charge": None if recorded.charge is None else charge_shape(recorded.charge, call),
        "unrated": None if recorded.unrated is None else discreet(recorded.unrated, call),
    }


def charge_shape(charge: Charge, call: EndedCall | None = None) -> dict[str, Any]:
    explanation = list(charge.explanation)
    return {
        "amount": charge.amount,
        "units": charge.units,
        "row": charge.row,
        "book": charge.book,
        "effective": charge.effective,
        "tax": charge.tax.value,
        "explanation": explanation if call is None else [discreet(line, call) for line in explanation],
    }


def discreet(text: str, call: EndedCall) -> str:
    """`text` without the caller's number, where the caller withheld it: a reason may name the number it is about."""
    number = call.from_number
    if not call.withheld or not number:
        return text
    written = {number, number.removeprefix("+")} | ({national(number)} if number.startswith("+") else set())
    for one in sorted(written, key=len, reverse=True):
        text = text.replace(one, WITHHELD)
    return text
