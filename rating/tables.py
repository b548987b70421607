"""Ended calls, each once by its identity, and the one charge each may have."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from store.metadata import Exact, Instant, metadata

ended_calls = Table(
    "ended_calls",
    metadata,
    Column("call_id", String(150), primary_key=True),
    Column("line_id", Integer, nullable=False),
    Column("leased_number", String(16), nullable=False),
    Column("plan", String(20), nullable=True),
    Column("service", String(20), nullable=False),
    Column("from_number", String(40), nullable=True),
    Column("from_kind", String(20), nullable=True),
    Column("withheld", Boolean, nullable=False),
    Column("to_number", String(40), nullable=False),
    Column("to_kind", String(20), nullable=True),
    Column("variant", String(40), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("answered_at", Instant, nullable=True),
    Column("answered", Exact, nullable=True),
    Column("ended_at", Instant, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("cause", Integer, nullable=False),
    Column("source", String(10), nullable=False),
    Column("book", String(40), nullable=False),
    # Why there is no charge yet, of an answered call; NULL once there is one.
    Column("unrated", Text, nullable=True),
)
Index("ix_ended_calls_line_id_started_at", ended_calls.c.line_id, ended_calls.c.started_at)
Index("ix_ended_calls_started_at", ended_calls.c.started_at)
Index(
    "ix_ended_calls_unrated",
    ended_calls.c.started_at,
    sqlite_where=text("unrated IS NOT NULL"),
    postgresql_where=text("unrated IS NOT NULL"),
)

charges = Table(
    "charges",
    metadata,
    Column("call_id", String(150), ForeignKey("ended_calls.call_id"), primary_key=True),
    Column("amount", Exact, nullable=False),
    Column("units", Integer, nullable=False),
    Column("row", String(60), nullable=False),
    Column("book", String(40), nullable=False),
    Column("effective", Date, nullable=False),
    Column("tax", String(10), nullable=False),
    Column("explanation", JSON, nullable=False),
)
