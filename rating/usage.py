"""What was used: who called whom, for which service, when, and for how long it was answered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from dialplan.errors import BadValue


class Service(StrEnum):
    """Why a leg is paid for."""

    FORWARD = "forward"  # 着信転送: the leg to the forward number
    OUT = "out"  # 発信: a call out, also by dial-through and callback
    SETTINGS = "settings"  # 設定変更: a call to the member menu
    FREEPHONE = "freephone"  # 着信課金: the line pays for being called
    INCOMING = "incoming"  # taken by the lent handset, or refused: kept for the record, never charged


class Plan(StrEnum):
    FIXED_PHONE = "fixed-phone"
    IN_OUT = "in-out"


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a call, already classified.

    `kind` is a class of the numbering plan, or one of the kinds only the switch can know
    (`handset`: the lent handset; `payphone`; `group`: both in one グループ通話定額 group).
    `digits` is E.164 without the plus; a number without an E.164 form stays as dialled ("117").
    `group` is set where the carrier's group is known better than the book's table of blocks knows it.
    """

    kind: str
    digits: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One paid leg.

    `at` is the moment the paid leg was answered (for an unanswered one: when it started); it picks the version
    of the price book and the band of each unit. `answered` is in seconds, None when nobody answered; zero is an
    answer shorter than the clock's grain and is paid as one unit. `variant` names what no number tells: the PHS
    distance, the bandwidth, the payphone's prefecture. `month_seconds` is what was used before in the same
    month, for rows with volume tiers.
    """

    service: Service
    to: Party
    at: datetime
    answered: Decimal | None
    caller: Party | None = None
    plan: Plan | None = None
    variant: str = ""
    month_seconds: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadValue("time of the call", self.at.isoformat(), "a time with its zone")
        if self.answered is not None:
            if not isinstance(self.answered, Decimal):
                raise BadValue("answered seconds", self.answered, "a Decimal: never a float")
            if not self.answered.is_finite() or self.answered < 0:
                raise BadValue("answered seconds", str(self.answered), "zero or more")
