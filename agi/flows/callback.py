"""Callback (services §4): a phone that hangs up before the answer asks for one; one that was called back answers."""

import structlog

from agi.allowance import given_back
from agi.ari.client import Arrival
from agi.call import Call, Hangup
from agi.conversation import broken_off, caller_number, hold
from agi.desk import Desk
from agi.flows.call_out import call_out, connect
from agi.flows.entrances import Flow, line_called
from agi.flows.numbers import is_number
from agi.paid import held_as
from agi.talk import Talk
from dialplan.errors import BadValue
from subscribers.callbacks import AskedBy, Callback
from subscribers.records.callbacks import phone_answered, request_callback
from subscribers.records.find import get_line_for_call
from subscribers.states import LineState

log = structlog.get_logger()

NORMAL_CLEARING = 16
"""Q.850."""


def rings_first(flow: Flow) -> Flow:
    """A line that calls back rings for a while before its menu answers. Who hangs up meanwhile is called back."""

    async def begin(desk: Desk, arrival: Arrival) -> None:
        found = None if broken_off(arrival) else await line_called(desk, arrival)
        if found is not None and found.line.callback and found.state(desk.now()) is LineState.ACTIVE:
            call = Call(desk.ari, arrival.channel.id, arrival.events, found.line.language.value, desk.patience)
            try:
                await call.ring(desk.rings_before_menu)
            except Hangup:
                await _ask(desk, arrival, found.line.id)
                return
        await flow(desk, arrival)

    return begin


async def _ask(desk: Desk, arrival: Arrival, line_id: int) -> None:
    phone = caller_number(arrival) or ""
    try:
        job, new = await desk.store.write(request_callback, line_id, phone, None, AskedBy.PHONE, desk.now())
    except BadValue as error:  # taken off the line while it rang
        log.info("callback refused", line=line_id, found=error.found)
        return
    log.info("callback asked for", line=line_id, callback=job.id, new=new)


async def callback(desk: Desk, arrival: Arrival) -> None:
    """The second argument of Stasis() is the job. The phone is told who calls, and connected."""
    job_id = arrival.args[1]
    taken = await desk.store.write(phone_answered, int(job_id), arrival.channel.id, desk.now())
    if taken is None:
        log.info("callback is over", callback=job_id)
        await desk.ari.hangup(arrival.channel.id, NORMAL_CLEARING)
        return
    job, new = taken
    found = await desk.store.read(get_line_for_call, job.line_id)
    call = Call(desk.ari, arrival.channel.id, arrival.events, found.line.language.value, desk.patience)
    talk = Talk(desk=desk, call=call, line=found.line, caller=job.phone)

    async def converse() -> None:
        await _converse(talk, job)
        await call.say("goodbye")

    await hold(call, converse, broken_off=arrival.adopted and not new)


async def _converse(talk: Talk, job: Callback) -> None:
    who = is_number("callback-this-is")(talk.line.number)
    if job.number is None:
        await talk.call.say(*who)
        await call_out(talk)
        return
    held = held_as(talk.call.id)
    async with given_back(talk.desk, held):
        await talk.call.say(*who)
        why_not = await connect(talk, job.number, held)
    await talk.call.say(why_not)
