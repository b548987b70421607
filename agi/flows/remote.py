"""Remote access: a call to the access number, then contract number and PIN (seed 003, リモートコントロール).

East and West differ in one key. Whatever is wrong, the caller hears the same after the same time: services §5.
"""

import structlog

from agi.ari.client import Arrival
from agi.call import TRIES, Back, Call, NoInput
from agi.conversation import broken_off, hold
from agi.desk import Desk
from agi.flows.forward_menu import choose_entry, stop, submenu
from agi.flows.member_menu import start_again
from agi.menu import Complete, Invalid, Match, Menu, ended
from agi.pins import check_pin
from agi.talk import Choices, Talk, known
from subscribers.lines import Language
from subscribers.records.find import get_line
from subscribers.remote import MAX_PIN

log = structlog.get_logger()

EAST, WEST = "east", "west"


async def remote(desk: Desk, arrival: Arrival) -> None:
    """The second argument of Stasis() says which access number was called."""
    call = Call(desk.ari, arrival.channel.id, arrival.events, Language.JAPANESE.value, desk.patience)
    menu = MENUS[arrival.args[1]]

    async def talk() -> None:
        allowed = await admit(desk, call)
        call.language = allowed.line.language.value
        await _until_done(allowed, menu)
        await call.say("goodbye")

    await hold(call, talk, broken_off=broken_off(arrival))


async def admit(desk: Desk, call: Call) -> Talk:
    """Asks for number and PIN until both are right; NoInput after three times, however often `*` is keyed."""
    for _ in range(TRIES):
        number, pin = await _number_and_pin(call)
        line_id = await known(check_pin(desk.store, number, pin, desk.now()))
        if line_id is not None:
            log.info("remote access", line=line_id)
            return Talk(desk=desk, call=call, line=await known(desk.store.read(get_line, line_id)))
        await call.sorry("remote-refused")
    log.info("remote access refused")
    raise NoInput


async def _number_and_pin(call: Call) -> tuple[str, str]:
    while True:
        try:
            number = await call.ask("remote-enter-number", ended(_anything))
            return number, await call.ask("remote-enter-pin", ended(_anything, longest=MAX_PIN))
        except Back:
            continue


async def _until_done(talk: Talk, menu: Choices) -> None:
    while True:
        try:
            return await talk.call.choose(menu, talk)
        except Back:
            continue  # the PIN has been given once


def _anything(digits: str) -> Match[str]:
    """What is wrong with it is for the answer to the PIN to say, which says nothing."""
    return Complete(digits) if digits else Invalid()


_LIST: Choices = Menu(prompt="remote-list-menu", actions={"1": choose_entry})
MENUS: dict[str, Choices] = {
    EAST: Menu(prompt="remote-menu", actions={"0": stop, "1": start_again, "2": submenu(_LIST)}),
    WEST: Menu(prompt="remote-menu", actions={"0": stop, "1": start_again, "2": choose_entry}),
}
