"""What works cost by the hour and the day at which they are done [003 工事費]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from dialplan.errors import BadValue
from rating.book import Fee, PriceBook, WorkRules
from rating.calendar import is_holiday
from rating.charge import TOKYO
from rating.money import ZERO, plain

_MORNING, _EVENING, _NIGHT = time(8, 30), time(17), time(22)
_YEAR_END = frozenset([(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)])
_SATURDAY = 5


class VisitHour(StrEnum):
    """訪問時刻指定: a visit asked for at a named hour."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """One line of what works cost, in yen before tax, with how it came about."""

    name: str
    amount: Decimal
    why: str


def price_works(
    book: PriceBook,
    works: Sequence[str],
    done_at: datetime,
    *,
    named_holiday: bool = False,
    visit_hour: VisitHour | None = None,
) -> tuple[WorkLine, ...]:
    """Prices the works with the fee ids `works`, done at one visit at `done_at`.

    The document is silent on the order. Taken here: the surcharge beyond 29,000 belongs to the sum that the hour
    multiplies; the sums for a weekend or holiday, for a named date and for a named hour are added after it.
    Raises BadValue for an unknown work, one priced case by case, and a book without such rules.
    """
    rules = book.works
    if rules is None:
        raise BadValue("price book", f"{book.id} {book.effective}", "one with rules for works")
    fees = {fee.id: fee for fee in book.fees if fee.kind == "work"}
    chosen = [_fee(fees, book, work) for work in works]
    lines = [_line(fee) for fee in chosen]
    beyond = sum((fee.amount or ZERO for fee in chosen if fee.id not in rules.basic), ZERO) - rules.block
    if beyond > 0:
        each = _fee(fees, book, rules.per_block)
        blocks = int((beyond / rules.block).to_integral_value(ROUND_CEILING))
        why = f"{blocks} x {plain(each.amount or ZERO)} [{each.cites}]"
        lines.append(WorkLine(name=each.name, amount=blocks * (each.amount or ZERO), why=why))
    local = done_at.astimezone(TOKYO)
    factor, label = _factor(rules, local)
    total = sum((line.amount for line in lines), ZERO)
    if factor != 1 and total > rules.kept_apart:
        more = (total - rules.kept_apart) * (factor - 1)
        why = f"({plain(total)} - {plain(rules.kept_apart)}) x {factor} + {plain(rules.kept_apart)}"
        lines.append(WorkLine(name=label, amount=more, why=why))
    added = []
    if local.weekday() >= _SATURDAY or is_holiday(local.date()):
        added.append(rules.holiday)
    if named_holiday:
        added.append(rules.named_holiday)
    if visit_hour is not None:
        added.append(f"{rules.visit_hour}.{visit_hour}")
    return (*lines, *(_line(_fee(fees, book, name)) for name in added))


def _line(fee: Fee) -> WorkLine:
    return WorkLine(name=fee.name, amount=fee.amount or ZERO, why=fee.cites)


def _fee(fees: dict[str, Fee], book: PriceBook, work: str) -> Fee:
    found = fees.get(work)
    if found is None:
        raise BadValue("work", work, f"a work in {book.id} {book.effective}")
    if found.amount is None:
        raise BadValue("work", work, "one with a price; this one is priced case by case (個別)")
    return found


def _factor(rules: WorkRules, local: datetime) -> tuple[Decimal, str]:
    clock = local.time()
    if clock >= _NIGHT or clock < _MORNING:
        return rules.night_factor, "深夜時間帯（22:00～翌8:30）"
    if (local.month, local.day) in _YEAR_END:
        return rules.evening_factor, "年末年始（12月29日～1月3日 8:30～22:00）"
    if clock >= _EVENING:
        return rules.evening_factor, "夜間時間帯（17:00～22:00）"
    return Decimal(1), ""
