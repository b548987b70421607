"""Toll-fraud limits: authorised calls with what they hold, what lines had spent, limits of their own."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Exact, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAMES = "'per-minute', 'daily', 'monthly', 'night-per-minute', 'night-daily', 'night-international'"


def upgrade() -> None:
    op.create_table(
        "authorisations",
        sa.Column("call_id", sa.String(150), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("held", Exact(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_authorisations")),
    )
    op.create_index("ix_authorisations_line_id_at", "authorisations", ["line_id", "at"])
    op.create_table(
        "line_spending",
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("amount", Exact(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_line_spending")),
    )
    op.create_table(
        "line_limits",
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", Exact(), nullable=True),
        sa.CheckConstraint(f"name IN ({_NAMES})", name=op.f("ck_line_limits_name")),
        sa.CheckConstraint(
            "name != 'night-international' OR value IS NOT NULL", name=op.f("ck_line_limits_night_international")
        ),
        sa.PrimaryKeyConstraint("line_id", "name", name=op.f("pk_line_limits")),
    )
