"""A line: one leased number on one plan, and what belongs to it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialplan.errors import BadValue

from .forwarding import Forwarding
from .screening import UNSCREENED, Screening

MAX_REGISTERED_PHONES = 3  # 発信者 ※3番号まで登録可能 (seed 000)


class Plan(StrEnum):
    FIXED_PHONE = "fixed-phone"  # 固定電話サービス: a handset is lent
    IN_OUT = "in-out"  # 発着信サービス: no handset


class Language(StrEnum):
    JAPANESE = "ja"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handset:
    """The SIP phone lent with a line. `presents` is the number it shows: None means the leased number."""

    sip_user: str
    sealed_password: str = field(repr=False)
    presents: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Numbers are E.164 with +; `revision` grows with every change that a call on the line could notice.

    `withhold`: calls out withhold the number unless 186 is dialled. `failover_number` is called while the line is
    `faulty`: its handset, or its adapter's port, is known to be down (故障・回復通知機能). `capped`: it has
    toll-fraud limits of its own. `callback`: a registered phone that hangs up while the line rings, before its menu
    answers, is called back.
    """

    id: int
    contract_id: int
    member_id: int
    number: str
    plan: Plan
    additional: tuple[str, ...]
    double_channel: bool
    starts_at: datetime
    ends_at: datetime | None
    suspended_at: datetime | None
    call_waiting: bool
    present_leased: bool
    international_allowed: bool
    language: Language
    handset: Handset | None
    registered_phones: tuple[str, ...]
    forwarding: Forwarding
    revision: int
    screening: Screening = UNSCREENED
    withhold: bool = False
    failover_number: str | None = None
    faulty: bool = False
    capped: bool = False
    callback: bool = False

    @property
    def channels(self) -> int:
        """Calls at the same time: 1, or 2 with the contract's double channel (seed 001)."""
        return 2 if self.double_channel else 1

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.number, *self.additional)

    def ended(self, at: datetime) -> bool:
        return self.ends_at is not None and at >= self.ends_at


def check_registered_phone(line: Line, number: str) -> None:
    """Raises BadValue when the line has 3 already, has this one already, or the number is its own."""
    if number in line.registered_phones:
        raise BadValue("registered phone", number, "a number not yet registered on this line")
    if number in line.numbers:
        raise BadValue("registered phone", number, "another number than the line's own")
    if len(line.registered_phones) >= MAX_REGISTERED_PHONES:
        raise BadValue(
            "registered phones",
            len(line.registered_phones) + 1,
            f"{MAX_REGISTERED_PHONES} at most for a line",
        )


def check_handset(line: Line, presents: str | None) -> None:
    """Raises BadValue when the plan lends none, one is lent already, or it would show a foreign number."""
    if line.plan is not Plan.FIXED_PHONE:
        raise BadValue("handset", f"line {line.id} on plan {line.plan}", f"a line on plan {Plan.FIXED_PHONE}")
    if line.handset is not None:
        raise BadValue("handset", line.handset.sip_user, "no handset yet: one is lent per line")
    if presents is not None and presents not in line.numbers:
        raise BadValue("number the handset shows", presents, f"one of {', '.join(line.numbers)}")


def check_dates(starts_at: datetime, ends_at: datetime | None) -> None:
    """Raises BadValue when a line would end before it starts."""
    if ends_at is not None and ends_at <= starts_at:
        raise BadValue("end of the line", ends_at.isoformat(), f"a time after its start, {starts_at.isoformat()}")
