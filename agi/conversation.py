"""Where conversations start and end, and the one place where the ways they break off are caught."""

from collections.abc import Awaitable, Callable

import structlog

from agi.ari.client import Arrival
from agi.call import Back, Call, GoneOn, Hangup, NoInput
from agi.desk import Desk
from agi.talk import Action, NotStored, Talk
from dialplan.numbers import presented
from subscribers.lines import Language
from subscribers.states import LineForCall, LineState

log = structlog.get_logger()

Find = Callable[[Desk, Arrival], Awaitable[LineForCall | None]]


async def about_a_line(desk: Desk, arrival: Arrival, find: Find, flow: Action) -> None:
    """A conversation about the line that `find` returns, in its language; one that is not in service has none."""
    found = await find(desk, arrival)
    call = Call(desk.ari, arrival.channel.id, arrival.events, _language(found), desk.patience)

    async def talk() -> None:
        if found is None or found.state(desk.now()) is not LineState.ACTIVE:
            await call.say("not-available")
            return
        await flow(Talk(desk=desk, call=call, line=found.line, caller=caller_number(arrival)))
        await call.say("goodbye")

    await hold(call, talk, broken_off=broken_off(arrival))


async def hold(call: Call, talk: Callable[[], Awaitable[None]], *, broken_off: bool) -> None:
    """Answers, talks, and hangs up, however the talk ends. What is stored is what was confirmed until then."""
    try:
        if broken_off:
            log.info("menu broken off")
            ending = "broken-off"
        else:
            await call.answer()
            ending = await _held(call, talk)
        if ending:
            await call.say(ending)
        await call.hang_up()
    except Hangup:
        log.info("caller hung up")
    except GoneOn:
        log.info("conversation over", why="the call goes on")


def broken_off(arrival: Arrival) -> bool:
    """Whether an earlier process was in the middle of it; one that had not answered yet is simply begun."""
    return arrival.adopted and arrival.channel.state == "Up"


async def _held(call: Call, talk: Callable[[], Awaitable[None]]) -> str:
    """The prompt that ends it, empty when the talk has said all there is to say."""
    while True:
        try:
            await talk()
        except Back:
            continue  # one step back from the first step is the first step
        except NoInput:
            log.info("menu ended for want of an answer")
            return "too-many-tries"
        except NotStored:
            return "not-stored"
        return ""


def caller_number(arrival: Arrival) -> str | None:
    """E.164; None when no number came, or none that can be read."""
    number = presented(arrival.channel.caller.number)
    return number.e164 if number is not None else None


def _language(found: LineForCall | None) -> str:
    return found.line.language.value if found is not None else Language.JAPANESE.value
