"""By which door a conversation comes in, and so about which line it is."""

from collections.abc import Awaitable, Callable

from agi.ari.client import Arrival
from agi.conversation import Find, about_a_line
from agi.desk import Desk
from agi.talk import Action
from dialplan.numbers import dialled
from subscribers.records.find import line_for_call, line_of_handset
from subscribers.states import LineForCall

Flow = Callable[[Desk, Arrival], Awaitable[None]]


def from_handset(flow: Action) -> Flow:
    """A code dialled on a lent handset: the endpoint's name is the handset's SIP user."""
    return _about(_line_of_handset, flow)


def by_number(flow: Action) -> Flow:
    """A call to a leased number: its line."""
    return _about(line_called, flow)


def _about(find: Find, flow: Action) -> Flow:
    async def begin(desk: Desk, arrival: Arrival) -> None:
        await about_a_line(desk, arrival, find, flow)

    return begin


async def _line_of_handset(desk: Desk, arrival: Arrival) -> LineForCall | None:
    return await desk.store.read(line_of_handset, arrival.args[1])


async def line_called(desk: Desk, arrival: Arrival) -> LineForCall | None:
    """The line whose number was called; None when it is nobody's."""
    number = dialled(arrival.channel.dialplan.exten).e164
    return await desk.store.read(line_for_call, number) if number is not None else None
