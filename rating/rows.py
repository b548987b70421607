"""The CSV columns of a price book, and what each line must hold. Text in, (good, problems) out."""

import re
from dataclasses import replace
from datetime import time
from decimal import Decimal

from dialplan.errors import BadValue
from rating.book import Band, Fee, FeeTax, Rate, Row, Tier
from rating.calendar import HOLIDAY, WEEKDAYS
from rating.money import ZERO
from rating.party import KINDS
from rating.problems import Problem
from rating.sheet import Line, parse
from rating.usage import Plan, Service

_RATE = ("first_seconds", "first_price", "next_seconds", "next_price")
_MATCH = ("services", "plan", "near", "far", "group", "variant", "prefixes")
CALLS = ("row", "name", *_MATCH, "connection", *_RATE, "minimum", "cap", "cites")
BANDS = ("row", "band", "days", "since", "until", *_RATE)
TIERS = ("row", "from_seconds", *_RATE)
BLOCKS = ("block", "group", "cites")
UNPRICED = ("prefix", "name", "cites")
FEES = ("fee", "kind", "plan", "name", "unit", "amount", "most", "tax", "cites")
FEE_KINDS = ("initial", "monthly", "yearly", "once", "work", "metered", "damage", "termination")
DAYS = (*WEEKDAYS, HOLIDAY)
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")


def calls(text: str, file: str) -> tuple[list[tuple[int, Row]], list[Problem]]:
    """Priced rows. Empty next_seconds or next_price repeat the first unit's."""
    return parse(text, file, CALLS, _row)


def bands(text: str, file: str) -> tuple[list[tuple[int, tuple[str, Band]]], list[Problem]]:
    return parse(text, file, BANDS, _band)


def tiers(text: str, file: str) -> tuple[list[tuple[int, tuple[str, Tier]]], list[Problem]]:
    return parse(text, file, TIERS, _tier)


def blocks(text: str, file: str) -> tuple[list[tuple[int, tuple[str, str]]], list[Problem]]:
    """Number blocks as written in Japan (0907033) → (E.164 digits, group)."""
    return parse(text, file, BLOCKS, _block)


def unpriced(text: str, file: str) -> tuple[list[tuple[int, tuple[str, str]]], list[Problem]]:
    """Prefixes that no row means although a shorter one covers them → (E.164 digits, what is there)."""
    return parse(text, file, UNPRICED, _unpriced)


def fees(text: str, file: str) -> tuple[list[tuple[int, Fee]], list[Problem]]:
    return parse(text, file, FEES, _fee)


def with_bands_and_tiers(
    rows: list[tuple[int, Row]],
    found_bands: list[tuple[int, tuple[str, Band]]],
    found_tiers: list[tuple[int, tuple[str, Tier]]],
) -> tuple[list[Row], list[Problem]]:
    """Puts bands and tiers into their rows; complains of unknown rows, overlaps, disorder and both at once."""
    known = {row.id: row for _, row in rows}
    problems: list[Problem] = []

    def complain(file: str, line: int, error: str) -> None:
        problems.append(Problem(file=file, line=line, message=error))

    for line, (row_id, band) in found_bands:
        row = known.get(row_id)
        if row is None:
            complain("bands.csv", line, str(BadValue("row", row_id, "a row of calls.csv")))
        elif clash := next((other for other in row.bands if _overlap(other, band)), None):
            complain("bands.csv", line, str(BadValue("hours", band.name, f"none shared with band {clash.name}")))
        else:
            known[row_id] = replace(row, bands=(*row.bands, band))
    for line, (row_id, tier) in found_tiers:
        row = known.get(row_id)
        if row is None:
            complain("tiers.csv", line, str(BadValue("row", row_id, "a row of calls.csv")))
        elif row.bands:
            complain("tiers.csv", line, str(BadValue("row", row_id, "bands or tiers, not both")))
        elif row.tiers and tier.from_seconds <= row.tiers[-1].from_seconds:
            expected = f"more than {row.tiers[-1].from_seconds}, the tier before"
            complain("tiers.csv", line, str(BadValue("from_seconds", str(tier.from_seconds), expected)))
        else:
            known[row_id] = replace(row, tiers=(*row.tiers, tier))
    return list(known.values()), problems


def _row(line: Line) -> Row:
    services = frozenset(Service(line_service) for line_service in _services(line))
    prefixes = tuple(line.cells["prefixes"].split())
    for prefix in prefixes:
        _digits("prefixes", prefix)
    cap, minimum = line.amount_or("cap", None), line.amount_or("minimum", ZERO)
    if cap is not None and minimum is not None and cap < minimum:
        raise BadValue("cap", str(cap), f"at least the minimum {minimum}")
    plan = line.one_of("plan", ("", *Plan))
    near = line.one_of("near", ("", *sorted(KINDS)))
    return Row(
        id=_id(line, "row"),
        name=line.text("name"),
        services=services,
        plan=Plan(plan) if plan else None,
        near=near,
        far=line.one_of("far", sorted(KINDS)),
        group=line.cells["group"],
        variant=line.cells["variant"],
        prefixes=prefixes,
        connection=line.amount_or("connection", ZERO) or ZERO,
        rate=_rate(line),
        minimum=minimum or ZERO,
        cap=cap,
        cites=line.text("cites"),
    )


def _services(line: Line) -> list[str]:
    found = line.text("services").split()
    for service in found:
        if service not in set(Service):
            raise BadValue("services", service, "one of " + ", ".join(Service))
    return found


def _rate(line: Line) -> Rate:
    first_seconds, first_price = line.seconds("first_seconds"), line.amount("first_price")
    next_price = line.amount_or("next_price", first_price)
    return Rate(
        first_seconds=first_seconds,
        first_price=first_price,
        next_seconds=line.seconds("next_seconds") if line.cells["next_seconds"] else first_seconds,
        next_price=first_price if next_price is None else next_price,
    )


def _band(line: Line) -> tuple[str, Band]:
    days = frozenset(line.text("days").split())
    for day in sorted(days):
        if day not in DAYS:
            raise BadValue("days", day, "days out of " + " ".join(DAYS))
    since, until = _clock(line, "since"), _clock(line, "until")
    if until != time(0) and until <= since:
        raise BadValue("until", line.cells["until"], f"later than {since:%H:%M}, or 00:00 for midnight")
    band = Band(name=line.text("band"), days=days, since=since, until=until, rate=_rate(line))
    return line.text("row"), band


def _tier(line: Line) -> tuple[str, Tier]:
    from_seconds: Decimal = line.seconds("from_seconds")
    return line.text("row"), Tier(from_seconds=from_seconds, rate=_rate(line))


def _block(line: Line) -> tuple[str, str]:
    block = line.text("block").replace("-", "")
    if not re.fullmatch(r"0[0-9]{2,10}", block):
        raise BadValue("block", line.cells["block"], "3 to 11 digits beginning with 0, such as 090-7033")
    line.text("cites")
    return "81" + block[1:], line.text("group")


def _unpriced(line: Line) -> tuple[str, str]:
    line.text("cites")
    return _digits("prefix", line.text("prefix")), line.text("name")


def _digits(column: str, prefix: str) -> str:
    if not re.fullmatch(r"[0-9]{1,15}", prefix):
        raise BadValue(column, prefix, "1 to 15 digits without +")
    return prefix


def _fee(line: Line) -> Fee:
    amount, most = line.amount_or("amount", None), line.amount_or("most", None)
    if amount is not None and most is not None and most < amount:
        raise BadValue("most", str(most), f"at least {amount}")
    return Fee(
        id=_id(line, "fee"),
        kind=line.one_of("kind", FEE_KINDS),
        plan=line.cells["plan"],
        name=line.text("name"),
        unit=line.text("unit"),
        amount=amount,
        most=most,
        tax=FeeTax(line.one_of("tax", tuple(FeeTax))),
        cites=line.text("cites"),
    )


def _id(line: Line, column: str) -> str:
    found = line.text(column)
    if not _ID.fullmatch(found):
        raise BadValue(column, found, "small letters, digits, dots and hyphens")
    return found


def _clock(line: Line, column: str) -> time:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", line.text(column))
    if found is None:
        raise BadValue(column, line.cells[column], "a time such as 08:00")
    return time(int(found[1]), int(found[2]))


def _overlap(one: Band, other: Band) -> bool:
    if not one.days & other.days:
        return False
    end_one, end_other = (band.until if band.until != time(0) else time.max for band in (one, other))
    return one.since < end_other and other.since < end_one
