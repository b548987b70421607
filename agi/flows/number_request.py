"""148: number request. No manual of ours has its keys: each change is confirmed with 1, as services §5 has it."""

from agi.menu import Menu
from agi.talk import Choices, Talk
from subscribers.records.select import set_number_request


async def number_request(talk: Talk) -> None:
    await talk.call.choose(MENU, talk)


async def turn_on(talk: Talk) -> None:
    await talk.call.confirm("request-confirm-on")
    await talk.must(set_number_request, True)
    await talk.call.say("request-started")


async def turn_off(talk: Talk) -> None:
    await talk.call.confirm("request-confirm-off")
    await talk.must(set_number_request, False)
    await talk.call.say("request-stopped")


async def hear(talk: Talk) -> None:
    await talk.call.hear("request-state-on" if talk.line.screening.number_request else "request-state-off")


MENU: Choices = Menu(prompt="request-menu", actions={"0": turn_off, "1": turn_on, "8": hear})
