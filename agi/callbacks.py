"""Calls registered phones back: takes the jobs that are due, calls, and sees what has become of the calls."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from agi.ari.errors import AriError
from agi.calling_back import phone_variables
from agi.desk import Desk
from agi.flows.call_out import way_out
from agi.flows.forwarding import is_leased
from agi.flows.outbound import facts_out
from agi.outgoing import Refused, reach
from agi.paid import held_as
from dialplan.errors import BadValue
from dialplan.numbers import national
from dialplan.trunks import Trunk
from rating.ledger import call as recorded
from rating.limits.holds import release
from subscribers.callbacks import PAUSES, AskedBy, Callback, CallbackState, leg_of
from subscribers.records.callbacks import (
    any_callback_due,
    call_gone,
    callbacks_under_way,
    give_up_callback,
    request_callback,
    take_due_callback,
)
from subscribers.records.find import get_line_for_call
from subscribers.states import LineForCall

log = structlog.get_logger()

LOOK_SECONDS = 1.0
_ANNOUNCED = 20.0
"""Seconds more than the phone rings: an announcement may follow, which nobody hears, before our call is given up."""


class Callbacks:
    """`counts`: called, retried, failed, ended, failures."""

    def __init__(
        self,
        *,
        desk: Desk,
        switch: str,
        ring_seconds: int = 45,
        pauses: Sequence[timedelta] = PAUSES,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`switch` is the name that leads its calls' identities; `ring_seconds` how long a phone rings at each try,
        `pauses` what lies between them.
        """
        self.counts: Counter[str] = Counter()
        self._desk, self._switch = desk, switch
        self._ring_seconds, self._pauses, self._look_seconds = ring_seconds, pauses, look_seconds

    async def run(self) -> None:
        """Until cancelled. What fails is logged, counted, and looked at again."""
        while True:
            try:
                await self.look()
            except Exception as error:
                self.counts["failures"] += 1
                log.warning("callbacks not looked after", why=str(error), kind=type(error).__name__)
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """Once: what is under way, then what is due. Nothing while Asterisk is away: nobody knows what it does."""
        desk = self._desk
        if not desk.ari.connected:
            return
        for job in await desk.store.read(callbacks_under_way, self._switch, desk.now()):
            if job.channel is not None and not await desk.ari.exists(job.channel):
                await self._gone(job, job.channel)
        while await desk.store.read(any_callback_due, desk.now()):
            taken = await desk.store.write(take_due_callback, self._switch, desk.now())
            if taken is None:
                return  # another process was faster
            job, found = taken
            if job.state is CallbackState.CALLING:
                await self._call(job, found)
            else:
                self._note(job)

    async def _call(self, job: Callback, found: LineForCall) -> None:
        """Every reason not to call is one to give up, but for Asterisk's: that is a try."""
        desk, line = self._desk, found.line
        assert job.channel is not None
        leased = await desk.store.read(is_leased, job.phone)
        variables = phone_variables(
            line, job.phone, desk.trunks(), leased=leased, ring=self._ring_seconds, chance=desk.chance()
        )
        why_not = "no trunk carries the phone showing the leased number" if variables is None else ""
        if variables is not None and job.number is not None:
            # What the conversation will ask for again, under the same name: the cost is allowed before anybody rings.
            way = await way_out(desk, line.id, job.phone, job.number, held_as(job.channel))
            why_not = way.refusal or ""
        if variables is None or why_not:
            self._note(await desk.store.write(give_up_callback, job.id, why_not, desk.now()))
            return
        log.info("calling back", callback=job.id, line=line.id, phone=job.phone, attempt=job.tries, call=job.channel)
        self.counts["called"] += 1
        try:
            await desk.ari.originate(
                f"Local/{national(line.number)}@call-out/n",
                channel_id=job.channel,
                other_channel_id=leg_of(job.channel),
                context="callback",
                extension=national(line.number),
                caller=national(line.number),
                seconds=self._ring_seconds + _ANNOUNCED,
                variables={**variables, "JOB": str(job.id)},
            )
        except AriError as error:
            log.warning("callback not begun", callback=job.id, why=str(error))

    async def _gone(self, job: Callback, channel: str) -> None:
        """Our call to the phone has ended, or was never made: the process, or Asterisk, ended before it."""
        desk = self._desk
        reason = await desk.store.read(_outcome, leg_of(channel))
        new = await desk.store.write(_over, job, channel, reason, desk.now(), self._pauses)
        if new is not None:
            self._note(new)

    def _note(self, job: Callback) -> None:
        if job.state is CallbackState.FAILED:
            self.counts["failed"] += 1
            log.warning("callback failed", callback=job.id, line=job.line_id, attempts=job.tries, reason=job.reason)
        elif job.state is CallbackState.PENDING:
            self.counts["retried"] += 1
            log.info("callback not answered", callback=job.id, line=job.line_id, reason=job.reason, due=job.due_at)
        else:
            self.counts["ended"] += 1
            log.info("callback ended", callback=job.id, line=job.line_id)


def ask_for_callback(
    conn: Connection, line_id: int, phone: str, number: str | None, at: datetime, trunks: tuple[Trunk, ...]
) -> tuple[Callback, bool]:
    """For whoever asks from outside: a job and whether it is a new one; see request_callback.

    Raises BadValue as that does, and for a number that the line may not call.
    """
    job, new = request_callback(conn, line_id, phone, number, AskedBy.COMMAND, at)
    if new and job.number is not None:
        call = facts_out(conn, get_line_for_call(conn, line_id), job.number, trunks, job.phone)
        found = reach(replace(call, at=at))
        if isinstance(found, Refused):
            raise BadValue("number to connect", number, f"a number that the line may call: {found.reason}")
    return job, new


def _outcome(conn: Connection, leg: str) -> str:
    found = recorded(conn, leg)
    return found.call.outcome if found is not None else "not called"


def _over(
    conn: Connection, job: Callback, channel: str, reason: str, at: datetime, pauses: Sequence[timedelta]
) -> Callback | None:
    """Nobody answered: what was held for the call that would have followed is held no more."""
    new = call_gone(conn, job.id, channel, reason, at, pauses)
    if new is not None and new.state is not CallbackState.ENDED:
        release(conn, held_as(channel), at)
    return new
