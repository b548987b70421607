"""The story of a lab call, for people: what each end saw, how it ended, what it cost."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from console.show import fields
from dialplan.numbers import dialled, shown
from lab.story import Caller, Leg, Placed


def story(console: Console, placed: Placed) -> None:
    who = "a withheld number" if placed.withheld else _number(placed.from_)
    console.print(f"{who} called {_number(placed.to)}")
    console.print(fields([("  caller heard", _heard(placed.caller))]))
    for leg in placed.legs:
        console.print()
        console.print(f"{_number(leg.number)} ({leg.where}) {'rang' if leg.rang else 'was reached'}")
        console.print(fields(_leg(leg)))
    if not placed.legs:
        console.print("nobody was rung")
    console.print()
    for charge in placed.charges:
        _charge(console, charge)
    if not placed.charges:
        console.print("no charge: the call is in nobody's books")


def _heard(caller: Caller) -> str:
    said = []
    if caller.ringing is not None:
        said.append(f"ringing after {caller.ringing:.2f} s")
    if caller.announcement is not None:
        said.append(f"an announcement after {caller.announcement:.2f} s")
    if caller.answered is not None:
        said.append(f"an answer after {caller.answered:.2f} s")
    how = f"SIP {caller.sip}" if caller.sip is not None else "no final answer"
    said.append(f"the end after {caller.ended:.2f} s: {how}, cause {caller.cause}, by {caller.released_by}")
    return ", ".join(said)


def _leg(leg: Leg) -> list[tuple[str, object]]:
    said: list[tuple[str, object]] = [
        ("  shown", _number(leg.shown)),
        ("  asserted", _number(leg.asserted)),
        ("  diverted by", _number(leg.diverted_by)),
        ("  privacy", leg.privacy),
        ("  did", leg.act),
    ]
    if leg.dtmf:
        said.append(("  heard keys", leg.dtmf))
    return said


def _charge(console: Console, charge: Mapping[str, Any]) -> None:
    amount = charge["amount"]
    if amount is None:
        why = charge["unrated"] or ("not answered" if charge["answered"] is None else "the handset took it")
        console.print(f"charge to line {charge['line']}: none ({charge['outcome']}: {why})")
        return
    console.print(
        f"charge to line {charge['line']} ({_number(charge['leased_number'])}): {amount} yen, tax {charge['tax']}"
    )
    for line in charge["explanation"]:
        console.print(f"  {line}", soft_wrap=True)


def _number(text: str) -> str:
    """As people write it; what is no telephone number stays as it came."""
    number = dialled(text)
    return shown(number.e164) if number.e164 is not None else text or "–"
