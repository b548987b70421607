"""Ended calls and their charges."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Exact, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_calls",
        sa.Column("call_id", sa.String(150), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("leased_number", sa.String(16), nullable=False),
        sa.Column("plan", sa.String(20), nullable=True),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("from_number", sa.String(40), nullable=True),
        sa.Column("from_kind", sa.String(20), nullable=True),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("to_number", sa.String(40), nullable=False),
        sa.Column("to_kind", sa.String(20), nullable=True),
        sa.Column("variant", sa.String(40), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered", Exact(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("book", sa.String(40), nullable=False),
        sa.Column("unrated", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_ended_calls")),
    )
    op.create_index("ix_ended_calls_line_id_started_at", "ended_calls", ["line_id", "started_at"])
    op.create_index("ix_ended_calls_started_at", "ended_calls", ["started_at"])
    op.create_index(
        "ix_ended_calls_unrated",
        "ended_calls",
        ["started_at"],
        sqlite_where=sa.text("unrated IS NOT NULL"),
        postgresql_where=sa.text("unrated IS NOT NULL"),
    )
    op.create_table(
        "charges",
        sa.Column("call_id", sa.String(150), nullable=False),
        sa.Column("amount", Exact(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("row", sa.String(60), nullable=False),
        sa.Column("book", sa.String(40), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("tax", sa.String(10), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["ended_calls.call_id"], name=op.f("fk_charges_call_id_ended_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_charges")),
    )
