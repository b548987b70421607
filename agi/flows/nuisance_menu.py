"""144: nuisance block. No manual of ours has its keys: each change is confirmed with 1, as services §5 has it."""

from agi.call import Back
from agi.menu import Menu
from agi.nuisance import NoCaller, block_last_caller
from agi.talk import Choices, Talk
from subscribers.records.nuisance import delete_all_nuisance, delete_last_nuisance, nuisance_count
from subscribers.screening import AlreadyListed, ListFull, NotListed
from voice.spoken import count


async def nuisance_menu(talk: Talk) -> None:
    await talk.call.choose(MENU, talk)


async def add(talk: Talk) -> None:
    """Whoever called last: who that is, is looked up when 1 has been keyed, and not read out, as it may be
    withheld.
    """
    await talk.call.confirm("nuisance-confirm-add")
    try:
        await talk.change(block_last_caller, talk.desk.now())
    except NoCaller:
        await _refused(talk, "nuisance-no-call")
    except AlreadyListed:
        await _refused(talk, "nuisance-already-listed")
    except ListFull:
        await _refused(talk, "nuisance-full")
    await talk.call.say("nuisance-added")


async def delete_last(talk: Talk) -> None:
    await _need_entries(talk)
    await talk.call.confirm("nuisance-confirm-delete-last")
    try:
        await talk.change(delete_last_nuisance)
    except NotListed:
        await _refused(talk, "nuisance-empty")
    await talk.call.say("nuisance-deleted-last")


async def delete_all(talk: Talk) -> None:
    await _need_entries(talk)
    await talk.call.confirm("nuisance-confirm-delete-all")
    await talk.must(delete_all_nuisance)
    await talk.call.say("nuisance-deleted-all")


async def hear_count(talk: Talk) -> None:
    entries = await talk.read(nuisance_count, talk.line.id)
    await talk.call.hear("nuisance-count-is", count(entries), "is-suffix")


async def _need_entries(talk: Talk) -> None:
    if await talk.read(nuisance_count, talk.line.id) == 0:
        await _refused(talk, "nuisance-empty")


async def _refused(talk: Talk, why: str) -> None:
    """Says why, and goes back to the menu."""
    await talk.call.sorry(why)
    raise Back


MENU: Choices = Menu(
    prompt="nuisance-menu",
    actions={"2": add, "3": delete_last, "4": hear_count, "9": delete_all},
)
