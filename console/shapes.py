"""Members, lines and calls as JSON has them. Keys are for programs that others wrote: they stay."""

from datetime import datetime
from typing import Any

from dialplan.numbers import national
from dialplan.trunks import Trunk
from rating.charge import Charge
from rating.ended import EndedCall, Recorded
from subscribers.forwarding import Forwarding
from subscribers.hash_dial import HashNumber, reach
from subscribers.installations import Located
from subscribers.lines import Line
from subscribers.members import Member
from subscribers.onnet import OnNetGroup, OnNetNumber
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
        "withhold": line.withhold,
        "callback": line.callback,
        "failover": line.failover_number,
        "faulty": line.faulty,
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
        "weight": trunk.weight,
        "capacity": trunk.capacity,
        "prefixes": list(trunk.prefixes),
        "shows": list(trunk.shows),
        "extensions": trunk.extensions,
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


def on_net_shape(group: OnNetGroup) -> dict[str, Any]:
    return {
        "group": group.name,
        "lines": list(group.line_ids),
        "numbers": [on_net_number_shape(one) for one in group.numbers],
        "mobile_extensions": [{"digits": one.digits, "trunk": one.trunk} for one in group.mobiles],
    }


def on_net_number_shape(number: OnNetNumber) -> dict[str, Any]:
    return {
        "digits": number.digits,
        "site": number.site,
        "extension": number.extension,
        "line": number.line_id,
    }


def hash_shape(number: HashNumber) -> dict[str, Any]:
    return {
        "digits": number.digits,
        "reach": reach(number.block),
        "member": number.member_id,
        "target": number.target,
    }


def installation_shape(one: Located) -> dict[str, Any]:
    """Without an address its fields are null."""
    line, where = one.found.line, one.installation
    return {
        "line": line.id,
        "number": line.number,
        "additional": list(line.additional),
        "member": one.found.member.id,
        "name": one.found.member.name,
        "postcode": None if where is None else where.postcode,
        "address": None if where is None else where.address,
        "building": None if where is None else where.building,
        "changed_at": None if where is None else where.changed_at,
    }
