"""From a price book and a usage to a charge that explains itself. Pure: no clock, no store."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from rating.book import PriceBook, Rate, Row, band_at, tier_at
from rating.calendar import HOLIDAY, WEEKDAYS, day_name
from rating.money import ZERO, Tax, plain
from rating.usage import Service, Usage

TOKYO = ZoneInfo("Asia/Tokyo")
UNANSWERED = "unanswered"
ONE = Decimal(1)


class NoPrice(LookupError):
    """A call that no row prices. It is kept as unrated with this reason; it is never charged zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a usage costs, in yen, exact (rounded only on the invoice). `row` is `unanswered` when nothing is due."""

    amount: Decimal
    units: int
    row: str
    book: str
    effective: date
    tax: Tax
    explanation: tuple[str, ...]


def rate(book: PriceBook, usage: Usage) -> Charge:
    """Charges one usage by one book. Raises NoPrice, naming book, number and class, when no row fits."""
    answered = usage.answered
    if answered is None:
        return _charge(book, UNANSWERED, ZERO, 0, ("not answered: no charge",))
    row = book.row_for(usage)
    if row is None:
        raise NoPrice(no_price(book, usage))
    units, amount, lines = amount_of(row, usage, answered)
    head = f"{book.id} {book.effective}, row {row.id} ({row.name}) [{row.cites}]"
    return _charge(book, row.id, amount, units, (head, *lines))


def amount_of(row: Row, usage: Usage, answered: Decimal) -> tuple[int, Decimal, tuple[str, ...]]:
    """Units, yen, and how they came about, of `answered` seconds (not those of the usage) under a row."""
    if row.bands or row.tiers:
        units, amount, lines = _by_the_unit(row, usage, answered)
    else:
        units, amount, lines = _by_one_rate(row.rate, answered)
    if row.connection or row.minimum or row.cap is not None:
        lines, amount = _bounded(row, lines, amount)
    return units, amount, lines


def _charge(book: PriceBook, row: str, amount: Decimal, units: int, explanation: tuple[str, ...]) -> Charge:
    return Charge(
        amount=amount,
        units=units,
        row=row,
        book=book.id,
        effective=book.effective,
        tax=book.tax,
        explanation=explanation,
    )


def _by_one_rate(price: Rate, answered: Decimal) -> tuple[int, Decimal, tuple[str, ...]]:
    if answered <= price.first_seconds:
        units, amount = 1, price.first_price
    else:
        after = (answered - price.first_seconds) / price.next_seconds
        more = int(after.to_integral_value(ROUND_CEILING))
        units, amount = more + 1, price.first_price + more * price.next_price
    if price.first_price == price.next_price and price.first_seconds == price.next_seconds:
        return units, amount, (f"{answered} s = {units} x {price.first_seconds} s x {price.first_price} = {amount}",)
    return (
        units,
        amount,
        (
            f"{answered} s = {price.first_seconds} s at {price.first_price}"
            f" + {units - 1} x {price.next_seconds} s x {price.next_price} = {amount}",
        ),
    )


def _by_the_unit(row: Row, usage: Usage, answered: Decimal) -> tuple[int, Decimal, tuple[str, ...]]:
    """Walks unit by unit, since each is charged at the band or the tier in which it starts."""
    units, amount, elapsed = 0, ZERO, ZERO
    runs: list[tuple[str, Decimal, int]] = []
    while units == 0 or elapsed < answered:
        label, price = rate_at(row, usage, elapsed)
        seconds, cost = (price.next_seconds, price.next_price) if units else (price.first_seconds, price.first_price)
        amount, elapsed, units = amount + cost, elapsed + seconds, units + 1
        if runs and runs[-1][:2] == (label, cost):
            runs[-1] = (label, cost, runs[-1][2] + 1)
        else:
            runs.append((label, cost, 1))
    lines = tuple(f"{label}: {count} units x {cost}" for label, cost, count in runs)
    return units, amount, (*lines, f"{answered} s = {units} units = {amount}")


def rate_at(row: Row, usage: Usage, elapsed: Decimal) -> tuple[str, Rate]:
    """The name and the rate of the band or tier in which the unit after `elapsed` seconds starts."""
    if row.tiers:
        tier = tier_at(row, usage.month_seconds + elapsed)
        return (f"from {tier.from_seconds} s in the month", tier.rate) if tier else ("first tier", row.rate)
    moment = (usage.at + timedelta(microseconds=int(elapsed * 1_000_000))).astimezone(TOKYO)
    band = band_at(row, moment, day_of(row, moment))
    return (band.name, band.rate) if band else ("other hours", row.rate)


def day_of(row: Row, moment: datetime) -> str:
    """The day's name for the bands of a row: a holiday is its weekday where no band names holidays."""
    day = moment.date()
    if any(HOLIDAY in band.days for band in row.bands):
        return day_name(day)
    return WEEKDAYS[day.weekday()]


def _bounded(row: Row, lines: tuple[str, ...], by_units: Decimal) -> tuple[tuple[str, ...], Decimal]:
    amount = by_units + row.connection
    if row.connection:
        lines = (*lines, f"+ {plain(row.connection)} per call = {plain(amount)}")
    if amount < row.minimum:
        amount = row.minimum
        lines = (*lines, f"minimum charge {plain(amount)}")
    if row.cap is not None and amount > row.cap:
        amount = row.cap
        lines = (*lines, f"capped at {plain(amount)}")
    return lines, amount


def no_price(book: PriceBook, usage: Usage) -> str:
    """Why no row of the book prices the usage."""
    far = usage.caller if usage.service is Service.FREEPHONE else usage.to
    near = usage.to if usage.service is Service.FREEPHONE else usage.caller
    if far is None:
        return f"{book.id} {book.effective} has no price for a freephone call from a withheld number"
    parts = [f"class {far.kind}", f"service {usage.service}"]
    if group := book.group_of(far):
        parts.append(f"group {group}")
    if usage.plan is not None:
        parts.append(f"plan {usage.plan}")
    if hole := next((name for prefix, name in book.unpriced.items() if far.digits.startswith(prefix)), None):
        parts.append(f"in {hole}, which the document does not list")
    parts.append(f"other end {near.kind if near is not None else 'unknown'}")
    if usage.variant:
        parts.append(f"variant {usage.variant}")
    return f"{book.id} {book.effective} has no price for {far.digits}: {', '.join(parts)}"
