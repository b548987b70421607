"""A call out through the line by a registered phone that talks with us: dial-through, and what follows a callback's
answer (services §4).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from agi.allowance import give_back, given_back
from agi.call import TRIES, GoneOn
from agi.desk import Desk
from agi.flows.forwarding import PATIENCE
from agi.flows.outbound import Way, facts_out, find_way
from agi.menu import END, LONGEST_NUMBER, Complete, Incomplete, Invalid, Match
from agi.outgoing import Outgoing
from agi.paid import held_as
from agi.talk import Talk
from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled
from dialplan.refusals import Refusal
from dialplan.trunks import Trunk
from store.engine import StoreBusy
from store.units import StoreClosed
from subscribers.records.find import get_line_for_call

log = structlog.get_logger()

_UNKNOWN = (TimeoutError, StoreBusy, StoreClosed, SQLAlchemyError, BadValue)

_WHY: Mapping[Refusal, str] = {
    Refusal.CANNOT_BE_REACHED: "cannot-be-reached",
    Refusal.INTERNATIONAL_CLOSED: "international-closed",
    Refusal.LIMIT_REACHED: "limit-reached",
    Refusal.TRY_LATER: "try-later",
}
"""Of anything else it is told that the number cannot be called."""


async def call_out(talk: Talk) -> None:
    """Asks for the number, and connects. A number that may not be called is told, and another asked for.

    Raises GoneOn when it is connected.
    """
    for tried in range(1, TRIES + 1):
        digits = await talk.call.ask("call-out-enter-number", number_keyed)
        why_not = await connect(talk, digits, held_as(talk.call.id, tried))
        if tried < TRIES:
            await talk.call.sorry(why_not)
        else:
            await talk.call.say(why_not)


def number_keyed(typed: str) -> Match[str]:
    """The digits before `#`, 184 and 186 among them; `#` first begins a #-dial number, which `#` ends too."""
    if typed == END:
        return Incomplete()
    if typed.endswith(END):
        return Complete(typed[:-1]) if typed != END * 2 else Invalid()
    return Incomplete() if len(typed) <= LONGEST_NUMBER else Invalid()


async def connect(talk: Talk, digits: str, held: str) -> str:
    """The prompt that says why not. Raises GoneOn when it is connected.

    `held` is the name its cost is allowed under: asked again under the same name, the same is allowed.
    """
    way = await _way(talk, digits, held)
    if way is None:
        return "try-later"
    if way.refusal is not None:
        emergency = dialled(digits).kind is NumberClass.EMERGENCY
        return "call-out-emergency" if emergency else _WHY.get(way.refusal, "call-out-refused")
    async with given_back(talk.desk, held):
        await talk.call.say("call-out-connecting")
        # One underscore: the far half of the Local channel has them, and the leg that it dials has not.
        inherited = {f"_{name}": value for name, value in way.variables.items()}
        await talk.call.go_on("through", way.extension, inherited)
        raise GoneOn


async def way_out(desk: Desk, line_id: int, phone: str | None, digits: str, held: str) -> Way:
    """Raises BadValue for a phone that is not, or no longer, registered on the line; and what find_way does."""
    async with asyncio.timeout(PATIENCE):
        call = await desk.store.read(_gather, line_id, phone, digits, desk.trunks())
    return await find_way(desk, held, replace(call, at=desk.now(), chance=desk.chance()))


async def _way(talk: Talk, digits: str, held: str) -> Way | None:
    """None when nothing could be found out: a call that costs is not made on a guess."""
    try:
        return await way_out(talk.desk, talk.line.id, talk.caller, digits, held)
    except _UNKNOWN as error:
        log.warning("call out not decided", line=talk.line.id, kind=type(error).__name__)
        await give_back(talk.desk, held)
        return None


def _gather(conn: Connection, line_id: int, phone: str | None, digits: str, trunks: tuple[Trunk, ...]) -> Outgoing:
    found = get_line_for_call(conn, line_id)
    if phone is None or phone not in found.line.registered_phones:
        raise BadValue("phone to call out from", phone, f"a registered phone of line {line_id}")
    return facts_out(conn, found, digits, trunks, phone)
