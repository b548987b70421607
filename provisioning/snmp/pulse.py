"""One thing that is asked again and again: is it there, is it gone, does it come and go? Pure.

unknown ── ok ──> healthy ── 2nd miss in a row ──> suspect ── 3rd ──> down ── ok ──> healthy

What has never been there is not gone: unknown stays unknown, however often it is missed.

Damping: every fall to down adds 1 to a penalty that halves every 30 minutes. At 2 or more (three falls within about
half an hour) one good answer does not count: it takes `STEADY` in a row, without a miss between them. The idea is
that of route flap damping (RFC 2439), with one threshold.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

SUSPECT_AFTER = 2
DOWN_AFTER = 3
HALF_LIFE = timedelta(minutes=30)
DAMPED_FROM = 2.0
STEADY = 5


class State(StrEnum):
    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    SUSPECT = "suspect"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """`misses` and `good` count those in a row; `penalty` is what it was at `fell_at`, the last fall to down."""

    state: State = State.UNKNOWN
    since: datetime | None = None
    misses: int = 0
    good: int = 0
    penalty: float = 0.0
    fell_at: datetime | None = None

    @property
    def down(self) -> bool:
        return self.state is State.DOWN


NEVER = Pulse()


def damped(pulse: Pulse, at: datetime) -> bool:
    return penalty(pulse, at) >= DAMPED_FROM


def penalty(pulse: Pulse, at: datetime) -> float:
    """What is left of it. A clock that was set back takes nothing off and adds nothing."""
    if pulse.fell_at is None:
        return 0.0
    halves = max(at - pulse.fell_at, timedelta()) / HALF_LIFE
    return pulse.penalty * math.exp2(-halves)


def answered(pulse: Pulse, at: datetime) -> Pulse:
    good = pulse.good + 1
    if pulse.down and damped(pulse, at) and good < STEADY:
        return replace(pulse, misses=0, good=good)
    return _enter(replace(pulse, misses=0, good=min(good, STEADY)), State.HEALTHY, at)


def missed(pulse: Pulse, at: datetime, down_after: int = DOWN_AFTER) -> Pulse:
    """`down_after` misses in a row are a fall: 1 where somebody else has waited long enough already."""
    new = replace(pulse, misses=min(pulse.misses + 1, down_after), good=0)
    if new.state in (State.UNKNOWN, State.DOWN):
        return new
    if new.misses >= down_after:
        fallen = _enter(new, State.DOWN, at)
        return replace(fallen, penalty=penalty(pulse, at) + 1, fell_at=fallen.since)
    return _enter(new, State.SUSPECT, at) if new.misses >= SUSPECT_AFTER else new


def _enter(pulse: Pulse, state: State, at: datetime) -> Pulse:
    if pulse.state is state:
        return pulse
    return replace(pulse, state=state, since=at if pulse.since is None else max(at, pulse.since))
