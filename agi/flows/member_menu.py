"""The member menu: a registered phone calls its own leased number (seed 000, illustration 3)."""

from agi.flows import forward_state
from agi.flows.call_out import call_out
from agi.flows.forward_menu import need_target, stop
from agi.flows.numbers import forward_number, is_number
from agi.menu import Menu
from agi.talk import Choices, Talk
from subscribers.records.forwarding import set_forward_entry, start_forwarding


async def member_menu(talk: Talk) -> None:
    await talk.call.choose(MENU, talk)


async def change_target(talk: Talk) -> None:
    """The list entry in use, or the change would leave calls going where they went."""
    entry = talk.line.forwarding.entry_in_use
    number = await talk.call.enter("forward-enter-target", forward_number(talk.line), is_number("forward-target-is"))
    await talk.must(set_forward_entry, entry, number)
    await talk.call.say(f"forward-entry-{entry}-registered")


async def start_again(talk: Talk) -> None:
    """In the last mode; also by remote access."""
    await need_target(talk)
    line = await talk.must(start_forwarding)
    await talk.call.say(f"forward-started-{line.forwarding.mode}")


async def hear(talk: Talk) -> None:
    forwarding = talk.line.forwarding
    await talk.call.hear(*forward_state.mode(forwarding), *forward_state.target(forwarding))


MENU: Choices = Menu(
    prompt="member-menu",
    actions={"0": stop, "1": call_out, "2": change_target, "3": start_again, "8": hear},
)
