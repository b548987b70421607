"""What a line may do at a moment, derived from dates and records; nothing stores a state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .lines import Line
from .members import Member


class LineState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


def state(line: Line, member: Member, at: datetime) -> LineState:
    """Ended wins over pending, pending over suspended: a line that never started is "not in use", not
    "stopped".

    Pending also means that the member's identity is not on record, whatever the start date.
    """
    if line.ended(at):
        return LineState.ENDED
    if member.identity is None or at < line.starts_at:
        return LineState.PENDING
    if any(since is not None and at >= since for since in (line.suspended_at, member.suspended_at)):
        return LineState.SUSPENDED
    return LineState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForCall:
    """All that a decision about a call on a line needs, as it was at one moment."""

    line: Line
    member: Member

    def state(self, at: datetime) -> LineState:
        return state(self.line, self.member, at)
