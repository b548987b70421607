"""A call out, decided: services §3 and §4 as a visible list of rules. Pure.

First what is reached, or why it may not be (`reach`); once somebody has allowed the cost, the Route (`route_out`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from agi.incoming import forward_group
from agi.paid import Paid, Why
from dialplan.carriers import carriers
from dialplan.numbers import Dialled, NumberClass, Presentation, dialled, national
from dialplan.refusals import Refusal
from dialplan.route import TRUNK_FAILED, Leg, Route
from dialplan.special import SPECIALS, Reach
from dialplan.trunks import Trunk
from subscribers.lines import Line
from subscribers.members import Member
from subscribers.onnet import OnNetTarget
from subscribers.states import LineState, state


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Everything the decision looks at, gathered beforehand.

    dialled     what was keyed, 184 or 186 included.
    by          E.164 of the registered phone that calls out through the line; None for its handset.
    on_net      what these digits reach in the line's on-net group, if anything.
    hash_number E.164 of the number that these #-dial digits reach, if any.
    target_is_leased  whether the number is a leased number of ours, which needs no carrier.
    chance      in [0, 1): which of several equal trunks is tried first.
    """

    line: Line
    member: Member
    at: datetime
    dialled: Dialled
    by: str | None = None
    on_net: OnNetTarget | None = None
    hash_number: str | None = None
    target_is_leased: bool = False
    trunks: tuple[Trunk, ...] = ()
    chance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a call goes to. `number` is what is charged and recorded, E.164 where there is one; `to_kind` what only
    the switch knows of it; `legs` how it is reached, not yet bounded in time.
    """

    number: str
    to_kind: str | None
    shown: str
    withheld: bool
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`reason` goes to the log and is counted by `refusal`."""

    refusal: Refusal
    reason: str


Rule = Callable[[Outgoing], Refused | Reached | None]


def reach(call: Outgoing) -> Reached | Refused:
    for rule in RULES:
        found = rule(call)
        if found is not None:
            return found
    raise AssertionError("the last rule decides every call")


def shown(call: Outgoing) -> str:
    """E.164 of the number shown: the leased number, or the additional one chosen for the handset."""
    handset = call.line.handset
    return (handset.presents if handset is not None and call.by is None else None) or call.line.number


def withheld(call: Outgoing) -> bool:
    """184 withholds, 186 shows, else the line's default (seeds 001, 004)."""
    if call.dialled.presentation is Presentation.UNSET:
        return call.line.withhold
    return call.dialled.presentation is Presentation.WITHHOLD


# ---- the rules ------------------------------------------------------------------------------------------------


def in_service(call: Outgoing) -> Refused | None:
    found = state(call.line, call.member, call.at)
    if found is LineState.ACTIVE:
        return None
    refusal = Refusal.SUSPENDED if found is LineState.SUSPENDED else Refusal.NOT_IN_USE
    return Refused(refusal=refusal, reason=f"line is {found}")


def emergency(call: Outgoing) -> Refused | None:
    """The dialplan takes them from a handset: here they come by dial-through or callback only, from a phone that can
    and must dial them itself, or the wrong place would be found.
    """
    if call.dialled.kind is not NumberClass.EMERGENCY:
        return None
    return Refused(refusal=Refusal.CANNOT_BE_DIALLED, reason="an emergency number is dialled directly")


def on_net(call: Outgoing) -> Refused | Reached | None:
    """Digits of the line's own group (seed 002); what merely looks like some is no number."""
    if call.dialled.kind is not NumberClass.ON_NET:
        return None
    target = call.on_net
    if target is None:
        return Refused(refusal=Refusal.NOT_IN_USE, reason="no such on-net number in the line's group")
    if target.number is not None:
        return _reached(call, target.number, (_on_switch(call, target.number),), to_kind=NumberClass.ON_NET)
    trunk = next((trunk for trunk in call.trunks if trunk.name == target.trunk), None)
    if trunk is None:
        return Refused(refusal=Refusal.CANNOT_BE_REACHED, reason=f"no trunk {target.trunk} for a mobile extension")
    leg = _by_trunk(call, trunk, target.digits)
    return _reached(call, call.dialled.digits, (replace(leg, then=()),), to_kind=NumberClass.ON_NET)


def hash_dial(call: Outgoing) -> Refused | Reached | None:
    if call.dialled.kind is not NumberClass.HASH_DIAL:
        return None
    if call.hash_number is None:
        return Refused(refusal=Refusal.NOT_IN_USE, reason="nobody has set this #-dial number for the caller's block")
    return reach(replace(call, dialled=replace(dialled(call.hash_number), presentation=call.dialled.presentation)))


def barred(call: Outgoing) -> Refused | None:
    """Seed 004. A class this module does not know is refused: a new kind of number must be let in on purpose."""
    kind = call.dialled.kind
    if kind is NumberClass.INVALID:
        return Refused(refusal=Refusal.NOT_IN_USE, reason=call.dialled.why or "no number")
    if kind is NumberClass.SPECIAL:
        special = SPECIALS[call.dialled.digits]
        if special.reach in (Reach.NATIONAL, Reach.PRICED):
            return None
        return Refused(refusal=Refusal.CANNOT_BE_DIALLED, reason=f"{special.code} {special.name} is {special.reach}")
    if kind in _ALLOWED:
        return None
    return Refused(refusal=Refusal.CANNOT_BE_DIALLED, reason=f"{kind} numbers cannot be dialled")


def international(call: Outgoing) -> Refused | None:
    if call.dialled.kind is not NumberClass.INTERNATIONAL or call.line.international_allowed:
        return None
    return Refused(refusal=Refusal.INTERNATIONAL_CLOSED, reason="the line is not opened for international calls")


def own_number(call: Outgoing) -> Refused | None:
    if call.dialled.e164 is None or call.dialled.e164 not in call.line.numbers:
        return None
    return Refused(refusal=Refusal.CANNOT_BE_DIALLED, reason="the line's own number")


def ours(call: Outgoing) -> Reached | None:
    """Another leased number of ours never leaves the switch."""
    if not call.target_is_leased or call.dialled.e164 is None:
        return None
    return _reached(call, call.dialled.e164, (_on_switch(call, call.dialled.e164),))


def by_carrier(call: Outgoing) -> Reached | Refused:
    """A withheld number is still asserted to the carrier, so it too must be one that may be shown there."""
    digits = call.dialled.digits
    found = carriers(call.trunks, digits, shown(call), call.chance)
    if not found:
        return Refused(refusal=Refusal.TRY_LATER, reason=f"no trunk carries {digits} showing {shown(call)}")
    legs = [_by_trunk(call, trunk, digits) for trunk in found]
    legs[-1] = replace(legs[-1], then=())
    return _reached(call, call.dialled.e164 or digits, tuple(legs))


RULES: tuple[Rule, ...] = (
    in_service,
    emergency,
    on_net,
    hash_dial,
    barred,
    international,
    own_number,
    ours,
    by_carrier,
)

_ALLOWED = frozenset(
    {
        NumberClass.FIXED,
        NumberClass.MOBILE,
        NumberClass.IP,
        NumberClass.FREE_PHONE,
        NumberClass.NAVI,
        NumberClass.PAGER,
        NumberClass.INTERNATIONAL,
    }
)
"""As far as the price book has a price: what has none is refused when the cost is asked for. 0990 never."""


def route_out(call: Outgoing, reached: Reached, talk: int | None) -> Route:
    """`talk` is how many milliseconds may be talked; None is for ever."""
    return Route(line=call.line.id, legs=tuple(replace(leg, talk=talk) for leg in reached.legs))


def paid(call: Outgoing, reached: Reached | None) -> Paid:
    """For the record; `reached` is None of a refused call."""
    return Paid(
        why=Why.OUT,
        to=call.dialled.digits if reached is None else dialled(reached.number).digits,
        by=call.by or "",
        to_kind=(reached.to_kind or "") if reached is not None else "",
        withheld=withheld(call),
    )


def _reached(call: Outgoing, number: str, legs: tuple[Leg, ...], to_kind: str | None = None) -> Reached:
    return Reached(number=number, to_kind=to_kind, shown=shown(call), withheld=withheld(call), legs=legs)


def _by_trunk(call: Outgoing, trunk: Trunk, digits: str) -> Leg:
    return Leg(
        dial=f"PJSIP/{digits}@{trunk.name}",
        group=forward_group(call.line),
        limit=call.line.channels,
        then=TRUNK_FAILED,
        trunk=trunk.name,
        capacity=trunk.capacity,
        out=True,
    )


def _on_switch(call: Outgoing, number: str) -> Leg:
    return Leg(
        dial=f"Local/{national(number)}@on-switch/n",
        group=forward_group(call.line),
        limit=call.line.channels,
        out=True,
    )
