"""The Route of a callback's first call: to the registered phone, showing the leased number. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from agi.paid import Paid, Why, write_paid
from dialplan.carriers import carriers
from dialplan.numbers import national
from dialplan.route import TRUNK_FAILED, Leg, Route, encode
from dialplan.trunks import Trunk
from subscribers.lines import MAX_REGISTERED_PHONES, Line


def phone_variables(
    line: Line, phone: str, trunks: Sequence[Trunk], *, leased: bool, ring: int, chance: float
) -> dict[str, str] | None:
    """What [call-out] needs to call the phone; None when no trunk carries it showing the leased number.

    It does not count against the line's channels, as the phone's own call to the menu does not: a line with one
    channel could not call back at all. It counts on its trunk. `leased` says that the phone is a leased number of
    ours, which needs no carrier; `ring` is in seconds.
    """
    legs = _legs(line, phone, trunks, leased=leased, ring=ring, chance=chance)
    if not legs:
        return None
    legs[-1] = replace(legs[-1], then=())
    return {
        "ROUTE": encode(Route(line=line.id, legs=tuple(legs))),
        "PAYS": write_paid(Paid(why=Why.CALLBACK)),
        "SHOWN": national(line.number),
        "PRES": "allowed",
    }


def _legs(line: Line, phone: str, trunks: Sequence[Trunk], *, leased: bool, ring: int, chance: float) -> list[Leg]:
    to = national(phone)
    on_switch = Leg(
        dial=f"Local/{to}@on-switch/n", ring=ring, group=f"b{line.id}", limit=MAX_REGISTERED_PHONES, out=True
    )
    if leased:
        return [on_switch]
    return [
        replace(
            on_switch, dial=f"PJSIP/{to}@{trunk.name}", then=TRUNK_FAILED, trunk=trunk.name, capacity=trunk.capacity
        )
        for trunk in carriers(trunks, to, line.number, chance)
    ]
