"""What a phone does with a dial plan while somebody dials, by the makers' descriptions; knows nothing of our rooms.

A pattern is a row of sets of keys, each once or any number of times. The first pattern that is whole sends the number
at once, unless it ends in a timer or with a repetition: then more may come, and a time-out sends it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

KEYS = frozenset("0123456789*#")
DIGITS = frozenset("0123456789")


class Sent(Enum):
    NOW = "sent at once"
    LATER = "sent when no key follows"
    NEVER = "nothing matches, or not yet"


@dataclass(frozen=True, slots=True)
class Item:
    keys: frozenset[str]
    repeats: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    items: tuple[Item, ...]
    timed: bool


def dial(patterns: Sequence[Pattern], keyed: str) -> Sent:
    whole = [pattern for pattern in patterns if _whole(pattern.items, keyed)]
    if any(not pattern.timed for pattern in whole):
        return Sent.NOW
    return Sent.LATER if whole else Sent.NEVER


def mgcp(text: str, *, dot_repeats_zero_times: bool) -> tuple[Pattern, ...]:
    """RFC 3435 2.1.5 as Polycom has it (`x.` any number of digits, none too, T waits), and Panasonic's close relative
    (`x.` at least one, S5 waits five seconds). Polycom's other letters are not understood, and an error.
    """
    return tuple(_mgcp(part, dot_repeats_zero_times) for part in text.split("|"))


def _mgcp(text: str, dot_repeats_zero_times: bool) -> Pattern:
    items: list[Item] = []
    timed = False
    for token in re.findall(r"\[[^\]]*\]|S[0-9]|.", text):
        if timed:
            raise ValueError(f"{token!r} behind a timer in {text!r}")
        if token == ".":
            last = items.pop()
            items += [Item(last.keys, False)] * (not dot_repeats_zero_times) + [Item(last.keys, True)]
        elif token == "T" or re.fullmatch("S[0-9]", token):
            timed = True
        elif token == "x":
            items.append(Item(DIGITS, False))
        elif token.startswith("["):
            items.append(Item(keys_in(token[1:-1]), False))
        elif token in KEYS:
            items.append(Item(frozenset(token), False))
        else:
            raise ValueError(f"{token!r} in digit map {text!r}")
    return Pattern(tuple(items), timed or any(item.repeats for item in items))


def dial_now(rules: Sequence[str]) -> tuple[Pattern, ...]:
    """Yealink's dial-now rules: x any character, [] a set with ranges, everything else itself. A . would be any
    number of characters; none is expected.
    """
    patterns = []
    for rule in rules:
        items = []
        for token in re.findall(r"\[[^\]]*\]|.", rule):
            if token == "x":
                items.append(Item(KEYS, False))
            elif token.startswith("["):
                items.append(Item(keys_in(token[1:-1]), False))
            elif token in KEYS:
                items.append(Item(frozenset(token), False))
            else:
                raise ValueError(f"{token!r} in dial-now rule {rule!r}")
        patterns.append(Pattern(tuple(items), False))
    return tuple(patterns)


def keys_in(text: str) -> frozenset[str]:
    """Of "25-9": 2, 5, 6, 7, 8, 9."""
    keys: set[str] = set()
    for first, last in re.findall(r"(.)(?:-(.))?", text):
        for code in range(ord(first), ord(last or first) + 1):
            if chr(code) not in KEYS:
                raise ValueError(f"{chr(code)!r} in set [{text}]")
            keys.add(chr(code))
    return frozenset(keys)


@dataclass(frozen=True, slots=True)
class Entry:
    """Of Snom's dial plan: what matches is called as `result`; at once with flag d."""

    pattern: re.Pattern[str]
    result: str
    flags: str


def snom(text: str) -> tuple[Entry, ...]:
    """Entries between blanks; the first sign of one separates its three parts."""
    entries = []
    for part in text.split(" "):
        empty, pattern, result, flags = part.split(part[0])
        if empty:
            raise ValueError(f"dial plan entry {part!r}")
        entries.append(Entry(re.compile(pattern), result, flags))
    return tuple(entries)


def snom_dial(entries: Sequence[Entry], keyed: str, registrar: str) -> tuple[Sent, str | None]:
    """With the address that is called."""
    for entry in entries:
        if found := entry.pattern.search(keyed):
            called = re.sub(r"\\([0-9])", lambda part: found[int(part[1])], entry.result).replace(r"\d", registrar)
            return (Sent.NOW if "d" in entry.flags else Sent.LATER), called
    return Sent.NEVER, None


def _whole(items: tuple[Item, ...], keyed: str) -> bool:
    """Every way through the pattern at once."""
    places = _skipping(items, {0})
    for key in keyed:
        stepped = {at if items[at].repeats else at + 1 for at in places if at < len(items) and key in items[at].keys}
        places = _skipping(items, stepped)
    return len(items) in places


def _skipping(items: tuple[Item, ...], places: set[int]) -> set[int]:
    for at in sorted(places):
        while at < len(items) and items[at].repeats:
            at += 1
            places.add(at)
    return places
