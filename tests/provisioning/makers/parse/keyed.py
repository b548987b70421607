"""What becomes of keys under a dial plan's rules; each maker's own parser reads the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

KEYS = frozenset("0123456789*#")
DIGITS = frozenset("0123456789")


class Fate(StrEnum):
    SENT = "sent"  # at once
    TIMED = "timed"  # whole, sent when no key follows in time
    PART = "part"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One key of `keys`, or, `again`, any number of them."""

    keys: frozenset[str]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """`timed`: what matches it waits for the time-out, whatever the other rules say."""

    steps: tuple[Step, ...]
    timed: bool = False


def fate(rules: Sequence[Rule], keyed: str, *, greedy: bool = False) -> Fate:
    """Of all the keys, had none been sent before. `greedy`: a whole rule sends even where a longer one may follow."""
    states = [_closed(rule, {0}) for rule in rules]
    for key in keyed:
        states = [_closed(rule, _after(rule, state, key)) for rule, state in zip(rules, states, strict=True)]
    whole = [rule for rule, state in zip(rules, states, strict=True) if len(rule.steps) in state]
    more = any(position < len(rule.steps) for rule, state in zip(rules, states, strict=True) for position in state)
    if any(not rule.timed for rule in whole) and (greedy or not more):
        return Fate.SENT
    if whole:
        return Fate.TIMED
    return Fate.PART if more else Fate.REFUSED


def sent_at(rules: Sequence[Rule], keyed: str, *, greedy: bool = False) -> int | None:
    """After how many keys it was sent; None: not before the last."""
    for count in range(1, len(keyed) + 1):
        if fate(rules, keyed[:count], greedy=greedy) is Fate.SENT:
            return count
    return None


def _after(rule: Rule, state: set[int], key: str) -> set[int]:
    reached = set()
    for position in state:
        if position < len(rule.steps) and key in rule.steps[position].keys:
            reached.add(position if rule.steps[position].again else position + 1)
    return reached


def _closed(rule: Rule, state: set[int]) -> set[int]:
    """With what can be reached by leaving `again` steps out."""
    closed = set(state)
    for position in range(len(rule.steps)):
        if position in closed and rule.steps[position].again:
            closed.add(position + 1)
    return closed
