"""A call that is over, as the switch tells it, and what becomes of it in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from dialplan.errors import BadValue
from rating.charge import Charge
from rating.party import party
from rating.usage import Party, Plan, Service, Usage


class Source(StrEnum):
    HOOK = "hook"  # the hangup handler
    CDR = "cdr"  # reconciliation from Asterisk's own records


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """One paid leg after its end. `call_id` is its identity: the same from the hook, a retry and the CDR.

    `answered` is the answered time of the leg that is paid for, in seconds; None when nobody answered.
    `from_number` is None when no number came; `withheld` says that one was withheld, even where the trunk told
    us the number. `from_kind` and `to_kind` are set where only the switch knows them: `handset`, `payphone`,
    `on_net`, `group`. `outcome` is Asterisk's DIALSTATUS, `cause` the Q.850 release cause.
    """

    call_id: str
    line_id: int
    leased_number: str
    plan: Plan | None
    service: Service
    from_number: str | None
    to_number: str
    started_at: datetime
    answered_at: datetime | None
    answered: Decimal | None
    ended_at: datetime
    outcome: str
    cause: int
    source: Source
    withheld: bool = False
    from_kind: str | None = None
    to_kind: str | None = None
    variant: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.call_id) <= 150:
            raise BadValue("call identity", self.call_id, "1 to 150 characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the ledger holds about a call. `first` is False for a repetition, which changed nothing.

    An unanswered or incoming call has neither `charge` nor `unrated`; any other has exactly one of them.
    """

    call: EndedCall
    book: str
    charge: Charge | None
    unrated: str | None
    first: bool = False


def usage_of(call: EndedCall) -> Usage:
    """The usage to rate. Raises BadValue for a negative or inexact answered time (a stepped clock)."""
    caller = party(call.from_number) if call.from_number else None
    if call.from_kind:
        caller = Party(call.from_kind, caller.digits if caller else "")
    called = party(call.to_number)
    if call.to_kind:
        called = Party(call.to_kind, called.digits)
    return Usage(
        service=call.service,
        plan=call.plan,
        caller=caller,
        to=called,
        at=call.answered_at or call.started_at,
        answered=call.answered,
        variant=call.variant,
    )
