"""Where a line stands with its limits, for people."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from rating.limits import holds, spending
from rating.limits.decide import Running
from rating.limits.limits import Limits, Reason, Spent, strict_at
from rating.limits.overrides import own_limits, with_own
from rating.limits.tables import Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`own` names the limits that are the line's own; `strict` says that the night's hold."""

    limits: Limits
    own: frozenset[Name]
    strict: bool
    spent: Spent
    running: Running

    def left(self) -> dict[Reason, Decimal | None]:
        """Yen under each cap that holds now, less what running calls hold; None where there is no cap."""
        limits, spent = self.limits, self.spent
        caps = {Reason.DAILY_CAP: (limits.daily, spent.today), Reason.MONTHLY_CAP: (limits.monthly, spent.month)}
        if self.strict:
            caps[Reason.NIGHT_CAP] = (limits.night_daily, spent.night)
        return {
            reason: None if cap is None else cap - gone - self.running.held for reason, (cap, gone) in caps.items()
        }


def standing(conn: Connection, line_id: int, defaults: Limits, at: datetime) -> Standing:
    """Reads only, and counts the whole month."""
    own = own_limits(conn, line_id)
    limits = with_own(defaults, own)
    running = holds.running(conn, line_id, at)
    return Standing(
        limits=limits,
        own=frozenset(own),
        strict=strict_at(limits, at),
        spent=spending.spent(conn, line_id, limits, at),
        running=running,
    )
