"""147: select (seed 003, セレクト機能): which callers follow the forwarding, and which ring."""

from collections.abc import Callable, Collection

from agi.flows.numbers import is_number
from agi.flows.own_number import which_line
from agi.menu import Complete, Invalid, Match, Matcher, Menu, ended
from agi.talk import Action, Choices, Talk
from dialplan.errors import BadValue
from dialplan.numbers import national, normalise
from subscribers.records.select import (
    add_select_number,
    delete_select_number,
    select_numbers,
    set_select_mode,
)
from subscribers.screening import MAX_SELECT, SelectMode
from voice.spoken import count, number


async def select_menu(talk: Talk) -> None:
    await talk.call.choose(MENU, await which_line(talk))


async def add(talk: Talk) -> None:
    listed = await talk.read(select_numbers, talk.line.id)
    matcher = caller(lambda e164: "select-already-listed" if e164 in listed else _full(listed))
    e164 = await talk.call.enter("select-enter-number-to-add", matcher, is_number("select-number-to-add-is"))
    await talk.must(add_select_number, e164)
    await talk.call.say("select-added")


async def delete(talk: Talk) -> None:
    listed = await talk.read(select_numbers, talk.line.id)
    matcher = caller(lambda e164: None if e164 in listed else "select-not-listed", unreadable="select-not-listed")
    e164 = await talk.call.enter("select-enter-number-to-delete", matcher, is_number("select-number-to-delete-is"))
    await talk.must(delete_select_number, e164)
    await talk.call.say("select-deleted")


async def choose_mode(talk: Talk) -> None:
    await talk.call.choose(MODES, talk)


def set_to(mode: SelectMode, said: str) -> Action:
    async def set_mode(talk: Talk) -> None:
        await talk.must(set_select_mode, mode)
        await talk.call.say(said)

    return set_mode


async def hear_list(talk: Talk) -> None:
    """How many, then each number."""
    listed = await talk.read(select_numbers, talk.line.id)
    numbers = (key for e164 in listed for key in (*number(national(e164)), "is-suffix"))
    await talk.call.hear("select-count-is", count(len(listed)), "is-suffix", *numbers)


def caller(refused: Callable[[str], str | None], *, unreadable: str = "select-number-refused") -> Matcher[str]:
    """E.164 of a number that can call, keyed with `#`; `refused` names what is said of one that may not be keyed."""

    def read(digits: str) -> Match[str]:
        try:
            e164 = normalise(digits)
        except BadValue:
            return Invalid(say=unreadable)
        why = refused(e164)
        return Complete(e164) if why is None else Invalid(say=why)

    return ended(read, too_long=unreadable)


def _full(listed: Collection[str]) -> str | None:
    return "select-full" if len(listed) >= MAX_SELECT else None


MODES: Choices = Menu(
    prompt="select-mode-menu",
    actions={
        "0": set_to(SelectMode.OFF, "select-set-off"),
        "1": set_to(SelectMode.FORWARDED, "select-set-forward"),
        "2": set_to(SelectMode.RING, "select-set-ring"),
    },
)
MENU: Choices = Menu(
    prompt="select-menu",
    actions={"2": add, "3": choose_mode, "8": hear_list, "9": delete},
)
