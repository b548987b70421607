"""Whether a call out may cost what it costs, and for how long: asked before a leg that is paid for is tried."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agi.ari.errors import Unavailable
from agi.call import GoneOn
from agi.desk import Desk
from agi.outgoing import Outgoing, Reached, Refused, shown
from dialplan.refusals import Refusal
from rating.limits.authorise import authorise
from rating.limits.holds import release
from rating.limits.limits import AuthRequest, Denied, Reason
from rating.party import party
from rating.usage import Party, Plan, Service, Usage
from store.engine import StoreBusy
from store.units import StoreClosed
from subscribers.lines import Line

log = structlog.get_logger()

_UNTOLD = 0.2
"""Seconds that somebody waits to be told of a release; the store makes it all the same, as soon as it can."""

_REFUSALS = {
    Reason.TOO_MANY_CALLS: Refusal.LIMIT_REACHED,
    Reason.DAILY_CAP: Refusal.LIMIT_REACHED,
    Reason.NIGHT_CAP: Refusal.LIMIT_REACHED,
    Reason.MONTHLY_CAP: Refusal.LIMIT_REACHED,
    Reason.CLOSED_AT_NIGHT: Refusal.INTERNATIONAL_CLOSED,
    Reason.NO_PRICE: Refusal.CANNOT_BE_DIALLED,
    Reason.ENDED: Refusal.TRY_LATER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """`milliseconds` it may be talked; None is for ever."""

    milliseconds: int | None


async def allow(desk: Desk, call_id: str, call: Outgoing, reached: Reached) -> Allowed | Refused:
    """For a call out. Whatever the store raises is the caller's to raise on: a call that cost nobody has allowed is
    not made.
    """
    to = party(reached.number)
    usage = Usage(
        service=Service.OUT,
        to=Party(reached.to_kind, to.digits) if reached.to_kind else to,
        at=call.at,
        answered=None,
        caller=party(call.by or shown(call)),
        plan=Plan(call.line.plan.value),
    )
    return await ask(
        desk, AuthRequest(call_id=call_id, line_id=call.line.id, channels=call.line.channels, usage=usage)
    )


async def allow_forwarding(
    desk: Desk, call_id: str, line: Line, target: str, caller: str | None
) -> Allowed | Refused:
    """For the forwarded leg of a line that has limits of its own, or that goes abroad. What cannot be asked is
    allowed: forwarding that is set goes on.
    """
    usage = Usage(
        service=Service.FORWARD,
        to=party(target),
        at=desk.now(),
        answered=None,
        caller=party(caller) if caller is not None else None,
        plan=Plan(line.plan.value),
    )
    try:
        return await ask(desk, AuthRequest(call_id=call_id, line_id=line.id, channels=line.channels, usage=usage))
    except (StoreBusy, StoreClosed, SQLAlchemyError, TimeoutError) as error:
        log.warning("forwarding not authorised, and let go on", line=line.id, kind=type(error).__name__)
        return Allowed(milliseconds=None)


async def ask(desk: Desk, request: AuthRequest) -> Allowed | Refused:
    answer = await desk.store.write_now(authorise, request, desk.limits, desk.tariff.books, desk.tariff.book)
    if isinstance(answer, Denied):
        reason = f"{answer.reason}: found {answer.found}, expected {answer.expected}"
        return Refused(refusal=_REFUSALS[answer.reason], reason=reason)
    return Allowed(milliseconds=answer.milliseconds)


@asynccontextmanager
async def given_back(desk: Desk, held: str) -> AsyncIterator[None]:
    """Whatever ends this before the call goes on, such as a caller who hung up while it was decided: what is held for
    it is held no more. Where Asterisk did not say whether the call goes on, it may, and stays paid for.
    """
    try:
        yield
    except (GoneOn, Unavailable):
        raise
    except Exception:
        await give_back(desk, held)
        raise


async def give_back(desk: Desk, held: str) -> None:
    """Also what a store that has not answered yet may still allow: it does one after the other."""
    with suppress(TimeoutError, StoreBusy, StoreClosed, SQLAlchemyError):  # held until such a call must be over
        async with asyncio.timeout(_UNTOLD):
            await desk.store.write(release, held, desk.now())
