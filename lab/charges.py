"""What a lab call cost: read from the switch's ledger once its hook has run."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from dialplan.codes import CODES
from dialplan.numbers import dialled
from lab.errors import LabError
from lab.story import Placed
from lab.until import until
from rating.ended import Recorded
from rating.history import Wanted, calls
from store.engine import reading
from subscribers.records.find import line_for_call

_CODES = frozenset(code.dialled for code in CODES)
_PATIENCE = 3.0


def charges_since(engine: Engine, since: datetime) -> Callable[[Placed], Awaitable[Sequence[dict[str, Any]]]]:
    """For `lab.call.place`: every call of this caller that ended in the ledger, the leased number's own first.

    Waits up to 3 s for the hook of the number called, or of the handset's own where it dialled a menu's code;
    whatever is not there by then is left to reconciliation, and the list is without it.
    """

    async def find(placed: Placed) -> Sequence[dict[str, Any]]:
        number = dialled(placed.from_ if placed.to in _CODES else placed.to).e164
        found: list[Recorded] = []

        def look() -> bool:
            found[:] = _found(engine, since, placed, number)
            return number is None or any(one.call.leased_number == number for one in found)

        with suppress(LabError):
            await until(look, _PATIENCE, f"charge for the call to {placed.to}")
        return [shape(one) for one in found]

    return find


def _found(engine: Engine, since: datetime, placed: Placed, number: str | None) -> list[Recorded]:
    with reading(engine) as conn:
        if number is None or line_for_call(conn, number) is None:
            return []
        recent = calls(conn, Wanted(since=since - timedelta(seconds=1), limit=1000))
    caller = dialled(placed.from_)
    ours = [one for one in recent if one.call.from_number in (caller.e164, caller.digits or None)]
    return sorted(ours, key=lambda one: (one.call.leased_number != number, one.call.started_at))


def shape(one: Recorded) -> dict[str, Any]:
    """For --json and for the story: amounts as decimal text."""
    charge = one.charge
    return {
        "call": one.call.call_id,
        "line": one.call.line_id,
        "leased_number": one.call.leased_number,
        "to": one.call.to_number,
        "service": one.call.service.value,
        "outcome": one.call.outcome,
        "answered": None if one.call.answered is None else str(one.call.answered),
        "amount": None if charge is None else str(charge.amount),
        "tax": None if charge is None else charge.tax.value,
        "row": None if charge is None else charge.row,
        "book": None if charge is None else charge.book,
        "explanation": [] if charge is None else list(charge.explanation),
        "unrated": one.unrated,
    }
