"""Who called a line last, for its nuisance block: the newest incoming call that was not turned away."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from dialplan.numbers import dialled
from dialplan.refusals import Refusal
from rating.tables import ended_calls
from rating.usage import Service

_LAST = (
    select(ended_calls.c.from_number, ended_calls.c.withheld)
    .where(
        ended_calls.c.line_id == bindparam("line_id"),
        ended_calls.c.service.in_([Service.INCOMING.value, Service.FORWARD.value]),
        # A caller whom an announcement turned away was never noticed: it is not the one the subscriber means.
        ended_calls.c.outcome.not_in([refusal.value for refusal in Refusal]),
    )
    .order_by(ended_calls.c.started_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCaller:
    """`number` is E.164; None when the network told none that could be recognised again."""

    number: str | None
    withheld: bool


def last_caller(conn: Connection, line_id: int) -> LastCaller | None:
    """None when nobody has called. A call counts once it has ended."""
    row = conn.execute(_LAST, {"line_id": line_id}).one_or_none()
    if row is None:
        return None
    number = dialled(row.from_number).e164 if row.from_number is not None else None
    return LastCaller(number=number, withheld=row.withheld)
