"""Calls that were let out, what a line had spent before yesterday, and the limits that are a line's own."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table

from store.metadata import Exact, Instant, metadata


class Name(StrEnum):
    """Which limit of a line is its own, and not the settings'."""

    PER_MINUTE = "per-minute"
    DAILY = "daily"
    MONTHLY = "monthly"
    NIGHT_PER_MINUTE = "night-per-minute"
    NIGHT_DAILY = "night-daily"
    NIGHT_INTERNATIONAL = "night-international"  # 1 open, 0 closed


# A row is kept for a day, long after its call: who asks again is told the same.
authorisations = Table(
    "authorisations",
    metadata,
    Column("call_id", String(150), primary_key=True),
    Column("line_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("held", Exact, nullable=False),
    Column("milliseconds", Integer, nullable=True),
    Column("expires_at", Instant, nullable=False),
    Column("released_at", Instant, nullable=True),
)
Index("ix_authorisations_line_id_at", authorisations.c.line_id, authorisations.c.at)

# `amount`: of the calls that ended between the first of the month of `until` and `until`. Also what is locked.
line_spending = Table(
    "line_spending",
    metadata,
    Column("line_id", Integer, primary_key=True, autoincrement=False),
    Column("until", Instant, nullable=True),
    Column("amount", Exact, nullable=False),
)

# No row: the settings hold. A row without a value: no limit.
line_limits = Table(
    "line_limits",
    metadata,
    Column("line_id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(20), primary_key=True),
    Column("value", Exact, nullable=True),
    CheckConstraint(f"name IN ({', '.join(repr(name.value) for name in Name)})", name="name"),
    CheckConstraint("name != 'night-international' OR value IS NOT NULL", name="night_international"),
)
