"""The calls that a basic fee contains: used before charges, in call order, once for all calls of the month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dialplan.errors import BadValue
from rating.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A call's charge and the moment that gives it its turn."""

    call_id: str
    answered_at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How much of a call's charge the included amount paid."""

    call_id: str
    amount: Decimal
    covered: Decimal

    @property
    def owed(self) -> Decimal:
        return self.amount - self.covered


def use_included(allowance: Decimal, dues: Iterable[Due]) -> tuple[Covered, ...]:
    """Spends a month's allowance (yen, on the same side of tax as the charges) on its calls.

    In the order in which they were answered, call id after that, so that parallel calls and any order of loading
    give the same result. The last call it reaches is covered in part; what is left over lapses.
    """
    if allowance < 0:
        raise BadValue("included amount", str(allowance), "zero or more")
    left = allowance
    result = []
    for due in sorted(dues, key=lambda due: (due.answered_at, due.call_id)):
        covered = min(left, max(due.amount, ZERO))
        left -= covered
        result.append(Covered(call_id=due.call_id, amount=due.amount, covered=covered))
    return tuple(result)
