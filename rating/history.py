"""Looking up ended calls: what `denwaban calls list` shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from dialplan.errors import BadValue
from rating.ended import Recorded
from rating.ledger import WITH_CHARGE, as_recorded
from rating.tables import ended_calls
from rating.usage import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls; None asks for nothing. `since` ≤ start < `until`."""

    line_id: int | None = None
    leased_number: str | None = None
    service: Service | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    unrated: bool = False
    limit: int = 100


def calls(conn: Connection, wanted: Wanted) -> tuple[Recorded, ...]:
    """Newest first, at most `wanted.limit`."""
    if wanted.limit < 1:
        raise BadValue("limit", wanted.limit, "1 or more")
    table = ended_calls.c
    query = WITH_CHARGE.order_by(table.started_at.desc(), table.call_id.desc()).limit(wanted.limit)
    for column, value in (
        (table.line_id, wanted.line_id),
        (table.leased_number, wanted.leased_number),
        (table.service, wanted.service),
        (table.outcome, wanted.outcome),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(table.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(table.started_at < wanted.until)
    if wanted.unrated:
        query = query.where(table.unrated.is_not(None))
    return tuple(as_recorded(row) for row in conn.execute(query))
