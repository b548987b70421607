"""142: forwarding (seed 003, 転送電話設定方法)."""

import asyncio
from collections.abc import Callable, Sequence

from agi.call import Back
from agi.flows import forward_state
from agi.flows.numbers import forward_number, is_number
from agi.flows.own_number import which_line
from agi.menu import Menu, digits, one_of, whole
from agi.talk import Action, Choices, Talk
from subscribers.forwarding import ENTRIES, MAX_RING_SECONDS, MIN_RING_SECONDS, ForwardMode
from subscribers.records.forwarding import (
    set_forward_entry,
    set_ring_seconds,
    start_forwarding,
    stop_forwarding,
    use_forward_entry,
)
from subscribers.records.remote import hashed_pin, turn_remote_off, turn_remote_on
from subscribers.remote import MAX_PIN, MIN_PIN
from voice.spoken import seconds

LIST_KEYS = tuple(str(entry) for entry in range(1, ENTRIES + 1))


async def forward_menu(talk: Talk) -> None:
    await talk.call.choose(MENU, await which_line(talk))


async def start(talk: Talk) -> None:
    await need_target(talk)
    await talk.call.choose(MODES, talk)


def start_in(mode: ForwardMode) -> Action:
    async def begin(talk: Talk) -> None:
        await talk.must(start_forwarding, mode)
        await talk.call.say(f"forward-started-{mode}")

    return begin


async def stop(talk: Talk) -> None:
    await talk.must(stop_forwarding)
    await talk.call.say("forward-stopped")


async def register_first(talk: Talk) -> None:
    await _register(talk, 1, is_number("forward-target-is"))


async def register_in_list(talk: Talk) -> None:
    """The manual names entries 2 to 4; 1 is taken too."""
    while True:
        entry = int(await talk.call.ask("forward-choose-entry", one_of(LIST_KEYS)))
        try:
            return await _register(talk, entry, is_number(f"forward-entry-{entry}-is"))
        except Back:
            continue


async def _register(talk: Talk, entry: int, read_back: Callable[[str], Sequence[str]]) -> None:
    number = await talk.call.enter("forward-enter-target", forward_number(talk.line), read_back)
    await talk.must(set_forward_entry, entry, number)
    await talk.call.say(f"forward-entry-{entry}-registered")


async def choose_entry(talk: Talk) -> None:
    """Which entry is forwarded to; also by remote access."""
    while True:
        key = await talk.call.ask("forward-choose-entry", one_of(LIST_KEYS))
        if talk.line.forwarding.entries[int(key) - 1] is None:
            await talk.call.sorry(f"forward-entry-{key}-empty")
            raise Back
        try:
            await talk.call.confirm(f"forward-entry-{key}-use")
        except Back:
            continue
        await talk.must(use_forward_entry, int(key))
        await talk.call.say(f"forward-entry-{key}-in-use")
        return


async def ring_time(talk: Talk) -> None:
    def read_back(value: int) -> tuple[str, ...]:
        return ("forward-ring-time-is", seconds(value), "is-suffix")

    matcher = whole(MIN_RING_SECONDS, MAX_RING_SECONDS)
    value = await talk.call.enter("forward-enter-ring-time", matcher, read_back)
    await talk.must(set_ring_seconds, value)
    await talk.call.say("forward-ring-time-set")


async def hear_list(talk: Talk) -> None:
    await talk.call.hear(*forward_state.entries(talk.line.forwarding))


async def hear_mode(talk: Talk) -> None:
    await talk.call.hear(*forward_state.mode(talk.line.forwarding))


async def remote_on(talk: Talk) -> None:
    """The PIN is not read back: which files are played would spell it to whoever watches the events."""
    matcher = digits(MIN_PIN, MAX_PIN, "remote-pin-length")
    pin = await talk.call.enter("remote-enter-new-pin", matcher, lambda _: ("remote-confirm-pin",))
    await talk.must(turn_remote_on, await asyncio.to_thread(hashed_pin, pin))
    await talk.call.say("remote-on")


async def remote_off(talk: Talk) -> None:
    await talk.must(turn_remote_off)
    await talk.call.say("remote-off")


async def need_target(talk: Talk) -> None:
    """Raises Back, having said why, when the entry in use holds no number."""
    if talk.line.forwarding.target is None:
        await talk.call.sorry("forward-no-target")
        raise Back


def submenu(menu: Choices) -> Action:
    async def choose(talk: Talk) -> None:
        await talk.call.choose(menu, talk)

    return choose


MODES: Choices = Menu(
    prompt="forward-mode-menu",
    actions={
        "1": start_in(ForwardMode.UNCONDITIONAL),
        "2": start_in(ForwardMode.NO_ANSWER),
        "3": start_in(ForwardMode.BUSY),
        "4": start_in(ForwardMode.NO_ANSWER_OR_BUSY),
    },
)
HEAR: Choices = Menu(prompt="forward-hear-menu", actions={"0": hear_list, "1": hear_mode})
REMOTE: Choices = Menu(prompt="remote-setting-menu", actions={"1": remote_on, "0": remote_off})
LIST: Choices = Menu(
    prompt="forward-list-menu",
    actions={"0": register_in_list, "1": choose_entry, "3": submenu(REMOTE)},
)
MENU: Choices = Menu(
    prompt="forward-menu",
    actions={
        "0": stop,
        "1": start,
        "2": register_first,
        "3": ring_time,
        "4": submenu(LIST),
        "8": submenu(HEAR),
    },
)
