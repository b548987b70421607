"""Which trunks a call may go out by, in the order they are tried. Pure."""

from collections.abc import Sequence

from dialplan.numbers import dialled, national
from dialplan.trunks import Trunk

MOST_TRIED = 4
"""Trunks that one call is offered to: a caller does not wait for more, and the copy of a Route that Asterisk keeps,
for the time without us, is written in one line of 1,000 characters.
"""


def carriers(trunks: Sequence[Trunk], digits: str, shown: str | None, chance: float = 0.0) -> tuple[Trunk, ...]:
    """The trunks that carry `digits` (national, "010…" abroad) and on which `shown` may be shown.

    Lower priority first. Within one priority `chance`, in [0, 1), draws the first by weight, and the others follow in
    the order of their names: all calls together are shared by weight, and a failed one still has other ways; they
    are MOST_TRIED at most. `shown` is E.164; None shows nothing of ours, and every trunk may.
    """
    fit = [
        trunk
        for trunk in trunks
        if not trunk.extensions and _begins(digits, trunk.prefixes) and (shown is None or may_show(trunk, shown))
    ]
    ordered: list[Trunk] = []
    for priority in sorted({trunk.priority for trunk in fit}):
        equals = sorted((trunk for trunk in fit if trunk.priority == priority), key=lambda trunk: trunk.name)
        first = _drawn(equals, chance)
        ordered += [first, *(trunk for trunk in equals if trunk is not first)]
    return tuple(ordered[:MOST_TRIED])


def may_show(trunk: Trunk, number: str) -> bool:
    """Whether the carrier behind it lets this E.164 number be shown."""
    plain = dialled(number)
    return _begins(national(plain.e164) if plain.e164 is not None else plain.digits, trunk.shows)


def _begins(digits: str, prefixes: Sequence[str]) -> bool:
    return not prefixes or any(digits.startswith(prefix) for prefix in prefixes)


def _drawn(equals: Sequence[Trunk], chance: float) -> Trunk:
    left = chance * sum(trunk.weight for trunk in equals)
    for trunk in equals:
        left -= trunk.weight
        if left < 0:
            return trunk
    return equals[-1]
