"""Revenue and usage of the calls in columns, as the ledger charged them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from rating.columnar.calls import Columns
from rating.money import Tax


class By(StrEnum):
    """What the lines of a report are. Days and hours are of Japan; an hour is one of the day, 0 to 23."""

    LINE = "line"
    DESTINATION = "destination"
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Of the fields only those of the wanted By are set, none for the sum of all.

    A destination is the class of the end that sets the price, and the row that priced it (None: nothing did).
    """

    line_id: int | None = None
    kind: str | None = None
    row: str | None = None
    day: date | None = None
    hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Charges in yen, exact; included amounts and tax to add are the invoice's. Each side of tax has its own line."""

    key: Key
    tax: Tax
    calls: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """`seconds` of answered time; `units` that were charged; `unrated` calls still wait for a price."""

    key: Key
    calls: int
    answered: int
    seconds: Decimal
    units: int
    unrated: int


_EPOCH = date(1970, 1, 1)
# Japan has kept nine hours and no summer time since 1951.
_LOCAL_DAY = "(instant + 32400000000) // 86400000000"
_LOCAL_HOUR = "(instant + 32400000000) // 3600000000 % 24"
_KEYS: Mapping[By | None, str] = {
    None: "NULL, NULL",
    By.LINE: "line_id, NULL",
    By.DESTINATION: "coalesce(nullif(far_kind, ''), numbers.kind), nullif(charged_row, '')",
    By.DAY: f"{_LOCAL_DAY}, NULL",
    By.HOUR: f"{_LOCAL_HOUR}, NULL",
}
_CALLS = "FROM calls JOIN shapes ON shapes.id = calls.shape"
_REVENUE = """
SELECT {keys}, charged_tax, count(*), sum(charged)
{calls} WHERE charged IS NOT NULL GROUP BY ALL ORDER BY 1, 2, 3
"""
_USE = """
SELECT {keys}, count(*), count(answered), coalesce(sum(answered), 0)::HUGEINT,
    coalesce(sum(charged_units), 0)::HUGEINT, count(*) FILTER (unrated)
{calls} GROUP BY ALL ORDER BY 1, 2 NULLS LAST
"""


def revenue(columns: Columns, by: By | None = None) -> tuple[Revenue, ...]:
    """Charged calls and what they cost."""
    return tuple(
        Revenue(key=_key(by, first, second), tax=Tax(tax), calls=calls, amount=amount)
        for first, second, tax, calls, amount in columns.rows(_query(_REVENUE, by))
    )


def usage(columns: Columns, by: By | None = None) -> tuple[Use, ...]:
    """All ended calls, also unanswered and incoming ones."""
    return tuple(
        Use(
            key=_key(by, first, second),
            calls=calls,
            answered=answered,
            seconds=Decimal(int(micros)) / 1_000_000,
            units=int(units),
            unrated=unrated,
        )
        for first, second, calls, answered, micros, units, unrated in columns.rows(_query(_USE, by))
    )


def _query(query: str, by: By | None) -> str:
    numbers = " JOIN numbers ON numbers.id = calls.far" if by is By.DESTINATION else ""
    return query.format(keys=_KEYS[by], calls=_CALLS + numbers)


def _key(by: By | None, first: object, second: object) -> Key:
    match by, first, second:
        case By.LINE, int(line), _:
            return Key(line_id=line)
        case By.DAY, int(day), _:
            return Key(day=_EPOCH + timedelta(days=day))
        case By.HOUR, int(hour), _:
            return Key(hour=hour)
        case By.DESTINATION, str(kind), row:
            return Key(kind=kind, row=None if row is None else str(row))
    return Key()
