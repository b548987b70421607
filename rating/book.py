"""A price book: rows as a price list prints them, frozen, with the tables that find a row made once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from rating.money import ZERO, Tax
from rating.usage import Party, Plan, Service, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What units cost and how long they last, in yen and seconds; the first unit may differ."""

    first_seconds: Decimal
    first_price: Decimal
    next_seconds: Decimal
    next_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Another rate at some hours of some days, Asia/Tokyo. `until` is exclusive; 00:00 means midnight.

    `days` holds mon … sun and holiday; on a public holiday only bands that name `holiday` hold, when any does.
    """

    name: str
    days: frozenset[str]
    since: time
    until: time
    rate: Rate

    def holds(self, day: str, clock: time) -> bool:
        if day not in self.days or clock < self.since:
            return False
        return clock < self.until or self.until == time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Another rate once so many seconds have been used in the month under the same row."""

    from_seconds: Decimal
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One priced line of a document.

    `far` is the class of the end that sets the price: the number called or, for freephone, the caller; `near`
    the class of the other end, empty for any. `prefixes` are E.164 digits (or a short number such as 117); a row
    with prefixes is found by the longest one. `group` is a group of number blocks (1-A), empty for any. `cap` and
    `minimum` bound the whole call, connection fee included.
    """

    id: str
    name: str
    services: frozenset[Service]
    plan: Plan | None
    near: str
    far: str
    group: str
    variant: str
    prefixes: tuple[str, ...]
    connection: Decimal
    rate: Rate
    minimum: Decimal
    cap: Decimal | None
    cites: str
    bands: tuple[Band, ...] = ()
    tiers: tuple[Tier, ...] = ()


class FeeTax(StrEnum):
    """How tax stands to one fee; one document may state some prices with tax and others without [000]."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    NONE = "none"  # 不課税


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A price that is not per call: monthly, once, for a work, for a lost device.

    `most` is set where the document gives a range or a maximum; `amount` None means priced case by case (個別).
    """

    id: str
    kind: str
    plan: str
    name: str
    unit: str
    amount: Decimal | None
    most: Decimal | None
    tax: FeeTax
    cites: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRules:
    """How the hour and the size of works change their price; see rating.works. Names are ids of fees.

    `kept_apart` yen of the sum are not multiplied. Works other than the `basic` ones add the fee `per_block` for
    each started `block` yen beyond the first.
    """

    kept_apart: Decimal
    evening_factor: Decimal
    night_factor: Decimal
    block: Decimal
    per_block: str
    basic: tuple[str, ...]
    holiday: str
    named_holiday: str
    visit_hour: str
    cites: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """One version of one price list, in force from `effective` on (Asia/Tokyo) until the next version.

    `blocks` are E.164 digits → group of the numbers that begin so; `default_groups` class → group for a number in
    no known block; `included` plan → yen of calls a month that its basic fee contains; `unpriced` prefixes lie
    inside a priced one and are not what it prices (an island that the document does not list, within +1).
    """

    id: str
    effective: date
    title: str
    document: str
    tax: Tax
    rows: tuple[Row, ...]
    fees: tuple[Fee, ...] = ()
    blocks: Mapping[str, str] = field(default_factory=dict)
    default_groups: Mapping[str, str] = field(default_factory=dict)
    included: Mapping[str, Decimal] = field(default_factory=dict)
    unpriced: Mapping[str, str] = field(default_factory=dict)
    works: WorkRules | None = None
    _by_class: dict[tuple[Service, str, Plan | None, str, str, str], Row] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _by_prefix: dict[tuple[Service, str], dict[str, list[Row]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False, default=())
    _block_lengths: tuple[int, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        for row in self.rows:
            for service in row.services:
                if row.prefixes:
                    # An unpriced prefix has no rows: it stops the search before a shorter one is found.
                    holes: dict[str, list[Row]] = {prefix: [] for prefix in self.unpriced}
                    table = self._by_prefix.setdefault((service, row.far), holes)
                    for prefix in row.prefixes:
                        table.setdefault(prefix, []).append(row)
                else:
                    self._by_class[(service, row.far, row.plan, row.near, row.group, row.variant)] = row
        lengths = {len(prefix) for row in self.rows for prefix in row.prefixes} | set(map(len, self.unpriced))
        object.__setattr__(self, "_lengths", tuple(sorted(lengths, reverse=True)))
        block_lengths = {len(prefix) for prefix in self.blocks}
        object.__setattr__(self, "_block_lengths", tuple(sorted(block_lengths, reverse=True)))

    def group_of(self, party: Party) -> str:
        """The group of a number: its longest known block, else the default of its class, else none ("")."""
        if party.group:
            return party.group
        for length in self._block_lengths:
            found = self.blocks.get(party.digits[:length])
            if found is not None and length <= len(party.digits):
                return found
        return self.default_groups.get(party.kind, "")

    def row_for(self, usage: Usage) -> Row | None:
        """The row that prices a usage. Narrower rows win: plan over any plan, near end over any near end."""
        far, near = (usage.caller, usage.to) if usage.service is Service.FREEPHONE else (usage.to, usage.caller)
        if far is None:
            return None
        origin = near.kind if near is not None else ""
        origins = ("handset", "fixed", "") if origin == "handset" else (origin, "")
        table = self._by_prefix.get((usage.service, far.kind))
        if table is not None:
            digits = far.digits
            for length in self._lengths:
                rows = table.get(digits[:length])
                if rows is not None:
                    if not rows:
                        return None
                    if row := _narrowest(rows, usage, origins):
                        return row
        group = self.group_of(far)
        by_class = self._by_class
        for plan in (usage.plan, None) if usage.plan is not None else (None,):
            for kind in origins:
                for of_group in (group, "") if group else ("",):
                    row = by_class.get((usage.service, far.kind, plan, kind, of_group, usage.variant))
                    if row is not None:
                        return row
        return None


def _narrowest(rows: list[Row], usage: Usage, origins: tuple[str, ...]) -> Row | None:
    for plan in (usage.plan, None):
        for kind in origins:
            for row in rows:
                if row.plan is plan and row.near == kind and row.variant == usage.variant:
                    return row
    return None


def band_at(row: Row, moment: datetime, day: str) -> Band | None:
    """The band of a row at a local moment; None where only the row's own rate holds."""
    clock = moment.time()
    return next((band for band in row.bands if band.holds(day, clock)), None)


def tier_at(row: Row, used: Decimal) -> Tier | None:
    return next((tier for tier in reversed(row.tiers) if tier.from_seconds <= used), None)


def flat(price: Decimal, seconds: Decimal) -> Rate:
    """The commonest rate: every started unit costs the same."""
    return Rate(first_seconds=seconds, first_price=price, next_seconds=seconds, next_price=price)


FREE = flat(ZERO, Decimal(60))
