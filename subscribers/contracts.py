"""A contract: the lines ordered together, their numbers and their one extra channel (seed 001)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dialplan.errors import BadValue

from .lines import Line

MAX_NUMBERS = 5  # 追加番号: the contract's number and 4 more


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    id: int
    member_id: int
    opened_on: date


def check_numbers(contract_lines: Sequence[Line], more: int, at: datetime) -> None:
    """Raises BadValue when `more` numbers on top of those of the lines not ended at `at` are over 5."""
    held = sum(1 + len(line.additional) for line in contract_lines if not line.ended(at))
    if held + more > MAX_NUMBERS:
        raise BadValue("numbers of the contract", held + more, f"{MAX_NUMBERS} at most, additional ones included")


def check_double_channel(contract_lines: Sequence[Line], line_id: int | None, at: datetime) -> None:
    """Raises BadValue when another line than `line_id` has the one extra channel of the contract."""
    for line in contract_lines:
        if line.double_channel and line.id != line_id and not line.ended(at):
            raise BadValue("double channel", f"line {line.id} has it", "one line of a contract at most")


def ends_at(contract_lines: Sequence[Line]) -> datetime | None:
    """When the contract's last line ends; None while a line has no end, or when there never was a line."""
    ends = [line.ends_at for line in contract_lines]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None
