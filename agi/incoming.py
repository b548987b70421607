"""A call to a leased number, decided: services §2 as a visible list of steps. Pure.

Each step ends the call, routes it, or passes it on by returning None. The order is the specification's.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from agi.caller import SOMEBODY, Caller
from dialplan.carriers import carriers
from dialplan.codes import MEMBER_MENU
from dialplan.numbers import dialled, national
from dialplan.refusals import Refusal
from dialplan.route import TRUNK_FAILED, UNANSWERED_SECONDS, Leg, Outcome, Route
from dialplan.trunks import Trunk, dial_string
from subscribers.forwarding import ForwardMode
from subscribers.lines import Line
from subscribers.members import Member
from subscribers.screening import ON_NO_LIST, Listed, SelectMode
from subscribers.states import LineState, state
from subscribers.targets import refusal_of_target

MAX_DIVERSIONS = 5
"""A call diverted more often than this goes round a loop of leased numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Everything the decision looks at, gathered beforehand.

    number      the leased number called, E.164.
    caller      who calls; `listed` says which of the line's lists that number is on.
    diversions  how often the call was diverted before it came here.
    target_is_leased  whether the forward target in use is a leased number of ours, which needs no carrier.
    failover_is_leased  the same of the fault-failover number.
    chance      in [0, 1): which of several equal trunks is tried first.
    """

    number: str
    diversions: int
    at: datetime
    line: Line | None
    member: Member | None
    target_is_leased: bool
    trunks: tuple[Trunk, ...]
    caller: Caller = SOMEBODY
    listed: Listed = ON_NO_LIST
    failover_is_leased: bool = False
    chance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A Route and why: `reason` goes to the log, for whoever greps it at night.

    `flow` names a conversation (agi.switchboard) to have with the caller instead; the Route is then what an ordinary
    caller gets.
    """

    route: Route
    reason: str
    flow: str | None = None


Step = Callable[[Incoming], Decision | None]


def decide(call: Incoming) -> Decision:
    for step in STEPS:
        decision = step(call)
        if decision is not None:
            return decision
    raise AssertionError("the last step decides every call")


def not_in_service(call: Incoming) -> Decision | None:
    """Step 1: unknown, pending, ended and suspended numbers."""
    if call.line is None or call.member is None:
        return _refuse(call, Refusal.NOT_IN_USE, "no line has this number")
    found = state(call.line, call.member, call.at)
    if found is LineState.ACTIVE:
        return None
    refusal = Refusal.SUSPENDED if found is LineState.SUSPENDED else Refusal.NOT_IN_USE
    return _refuse(call, refusal, f"line is {found}")


def member_menu(call: Incoming) -> Decision | None:
    """Step 2: a registered phone that the network vouches for. A number that is only claimed gets no menu."""
    assert call.line is not None
    caller = call.caller
    if not caller.vouched or caller.withheld or caller.number not in call.line.registered_phones:
        return None
    otherwise = decide(replace(call, caller=replace(caller, vouched=False)))
    return replace(otherwise, flow=MEMBER_MENU, reason="a registered phone calls its own line")


def nuisance_block(call: Incoming) -> Decision | None:
    """Step 3: also a caller who withholds the number, as long as the network tells it."""
    if not call.listed.nuisance:
        return None
    return _refuse(call, Refusal.NUISANCE_BLOCKED, "the caller is on the nuisance list")


def number_request(call: Incoming) -> Decision | None:
    """Step 4: only who withholds; a number that is merely unavailable passes."""
    assert call.line is not None
    if not call.line.screening.number_request or not call.caller.withheld:
        return None
    return _refuse(call, Refusal.NUMBER_REQUEST, "the caller withholds the number")


def allow_list(call: Incoming) -> Decision | None:
    """Step 5: by the number the network tells, shown to the subscriber or not."""
    assert call.line is not None
    if not call.line.screening.allow_on or call.listed.allowed:
        return None
    return _refuse(call, Refusal.CALLER_NOT_ALLOWED, "the caller is not on the allow list")


def select_rings(call: Incoming) -> bool:
    """Step 6: whether select keeps the call from following the forwarding. It does not act on withheld numbers."""
    assert call.line is not None
    mode = call.line.screening.select
    if mode is SelectMode.OFF or call.caller.withheld:
        return False
    return call.listed.selected is (mode is SelectMode.RING)


def forward(call: Incoming) -> Decision | None:
    """Step 7, where select (step 6) lets it: the four modes of 142. A line with nothing to ring forwards at once
    in every mode.
    """
    assert call.line is not None
    line, forwarding = call.line, call.line.forwarding
    target = forwarding.target
    if forwarding.mode is ForwardMode.OFF or target is None or select_rings(call):
        return None
    if forwarding.mode is ForwardMode.BUSY and line.faulty:
        return None  # what is down is not busy: step 8
    legs: tuple[Leg, ...] = ()
    if forwarding.mode is not ForwardMode.UNCONDITIONAL and line.handset is not None and not line.faulty:
        legs = (_handset_leg(line, _FORWARDS_AFTER[forwarding.mode], forwarding.mode),)
    onward = _onward(call, target, call.target_is_leased)
    if isinstance(onward, Decision):
        alone = _handset_only(call, legs, onward.reason)
        return alone or onward
    route = Route(line=line.id, legs=(*legs, *onward))
    return Decision(route=route, reason=f"forward {forwarding.mode} to {target}")


def fault_failover(call: Incoming) -> Decision | None:
    """Step 8 (seed 001, 故障・回復通知機能): a device known to be down is not rung; one that has gone away unnoticed
    is tried first.
    """
    assert call.line is not None
    line = call.line
    if line.failover_number is None or line.handset is None:
        return None
    onward = _onward(call, line.failover_number, call.failover_is_leased)
    if isinstance(onward, Decision):
        return None  # the handset may still ring: an incoming call fails open
    if line.faulty:
        return Decision(
            route=Route(line=line.id, legs=onward), reason=f"the handset is down: failover to {line.failover_number}"
        )
    legs = (_handset_leg(line, (Outcome.UNAVAILABLE, Outcome.CONGESTION)), *onward)
    return Decision(route=Route(line=line.id, legs=legs), reason="ring the handset, with a failover")


def ring(call: Incoming) -> Decision | None:
    """Step 10: the handset; without one nobody can be reached."""
    assert call.line is not None
    if call.line.handset is None:
        return _refuse(call, Refusal.CANNOT_BE_REACHED, "nothing is forwarded, and the line has no handset")
    leg = _handset_leg(call.line, ())
    return Decision(route=Route(line=call.line.id, legs=(leg,)), reason="ring the handset")


STEPS: tuple[Step, ...] = (
    not_in_service,
    member_menu,
    nuisance_block,
    number_request,
    allow_list,
    forward,
    fault_failover,
    ring,
)
"""Bulk forward goes between the last two."""

_FORWARDS_AFTER: dict[ForwardMode, tuple[str, ...]] = {
    # An absent handset cannot answer: waiting for it would only keep the caller waiting.
    ForwardMode.NO_ANSWER: (Outcome.NO_ANSWER, Outcome.UNAVAILABLE, Outcome.CONGESTION),
    ForwardMode.BUSY: (Outcome.BUSY,),
    ForwardMode.NO_ANSWER_OR_BUSY: (
        Outcome.BUSY,
        Outcome.NO_ANSWER,
        Outcome.UNAVAILABLE,
        Outcome.CONGESTION,
    ),
}
_TIMED = (ForwardMode.NO_ANSWER, ForwardMode.NO_ANSWER_OR_BUSY)


def _handset_leg(line: Line, then: tuple[str, ...], mode: ForwardMode = ForwardMode.OFF) -> Leg:
    assert line.handset is not None
    return Leg(
        dial=f"PJSIP/{line.handset.sip_user}",
        ring=line.forwarding.ring_seconds if mode in _TIMED else UNANSWERED_SECONDS,
        group=f"h{line.id}",
        limit=2 if line.call_waiting else 1,
        then=then,
    )


def _onward(call: Incoming, target: str, leased: bool) -> tuple[Leg, ...] | Decision:
    """The legs to another number, or the decision that refuses it."""
    assert call.line is not None
    refusal = refusal_of_target(dialled(target), call.line)
    if refusal is not None:
        return _refuse(call, Refusal.FORWARD_REFUSED, f"forward target {target} is {refusal}")
    if call.diversions >= MAX_DIVERSIONS:
        return _refuse(call, Refusal.FORWARD_LOOP, f"diverted {call.diversions} times")
    if leased:
        on_switch = f"Local/{national(target)}@on-switch/n"
        return (_forwarded_leg(call, on_switch, None, show_leased=call.line.present_leased),)
    legs = list(_by_trunks(call, target))
    if not legs:
        return _refuse(call, Refusal.CANNOT_BE_REACHED, f"no trunk carries {target} showing {call.number}")
    legs[-1] = replace(legs[-1], then=())
    return tuple(legs)


def _by_trunks(call: Incoming, target: str) -> Iterator[Leg]:
    """A trunk that may show some numbers only never shows a caller's: there the leased number is shown instead."""
    assert call.line is not None
    for trunk in carriers(call.trunks, national(target), call.number, call.chance):
        show_leased = call.line.present_leased or bool(trunk.shows)
        yield _forwarded_leg(call, dial_string(trunk, target), trunk, show_leased=show_leased)


def _forwarded_leg(call: Incoming, dial: str, trunk: Trunk | None, *, show_leased: bool) -> Leg:
    assert call.line is not None
    return Leg(
        dial=dial,
        group=forward_group(call.line),
        limit=call.line.channels,
        then=TRUNK_FAILED if trunk is not None else (),
        diverting=national(call.number),
        show=national(call.number) if show_leased else None,
        trunk=trunk.name if trunk is not None else None,
        capacity=trunk.capacity if trunk is not None else None,
    )


def forward_group(line: Line) -> str:
    """Forwarded legs and calls out are counted together against the line's channels."""
    return f"f{line.id}"


def _handset_only(call: Incoming, legs: tuple[Leg, ...], why: str) -> Decision | None:
    """The forwarding cannot be followed, but the handset may still ring: an incoming call fails open."""
    if not legs or call.line is None:
        return None
    alone = tuple(replace(leg, then=()) for leg in legs)
    return Decision(route=Route(line=call.line.id, legs=alone), reason=f"ring the handset only: {why}")


def onward_to(route: Route) -> str | None:
    """The number that a Route's forwarded legs go to, as dialled; None when it has none."""
    found = next((leg for leg in route.legs if leg.diverting is not None), None)
    return None if found is None else re.split("[/@]", found.dial)[1]


def bounded(route: Route, talk: int | None) -> Route:
    """Its forwarded legs last `talk` milliseconds at most."""
    return replace(route, legs=tuple(leg if leg.diverting is None else replace(leg, talk=talk) for leg in route.legs))


def unforwarded(decision: Decision, refusal: Refusal, reason: str) -> Decision:
    """The same without its forwarded legs: the handset alone, or the refusal when there is none."""
    kept = [leg for leg in decision.route.legs if leg.diverting is None]
    if not kept:
        return replace(decision, route=Route(line=decision.route.line, refusal=refusal), reason=reason)
    alone = tuple(replace(leg, then=()) for leg in kept)
    return replace(
        decision, route=Route(line=decision.route.line, legs=alone), reason=f"ring the handset only: {reason}"
    )


def _refuse(call: Incoming, refusal: Refusal, reason: str) -> Decision:
    line = call.line.id if call.line is not None else None
    return Decision(route=Route(line=line, refusal=refusal), reason=reason)
