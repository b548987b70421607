"""Callbacks, and which lines ring before their menu answers, so that a caller can ask for one by hanging up."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATES = "'pending', 'calling', 'connected', 'ended', 'failed'"
_IN_FLIGHT = sa.text("state IN ('pending', 'calling', 'connected')")


def upgrade() -> None:
    op.add_column("lines", sa.Column("callback", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(16), nullable=False),
        sa.Column("number", sa.String(40)),
        sa.Column("asked_by", sa.String(10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("called_at", Instant()),
        sa.Column("connected_at", Instant()),
        sa.Column("ended_at", Instant()),
        sa.Column("channel", sa.String(150)),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("asked_by IN ('phone', 'command')", name=op.f("ck_callbacks_asked_by")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_callbacks_state")),
        sa.CheckConstraint("(state = 'pending') = (due_at IS NOT NULL)", name=op.f("ck_callbacks_due_at")),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_callbacks_line_id_lines")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    op.create_index("ix_callbacks_line_id", "callbacks", ["line_id"])
    op.create_index(
        "uq_callbacks_phone",
        "callbacks",
        ["phone"],
        unique=True,
        sqlite_where=_IN_FLIGHT,
        postgresql_where=_IN_FLIGHT,
    )
    op.create_index(
        "ix_callbacks_state", "callbacks", ["state"], sqlite_where=_IN_FLIGHT, postgresql_where=_IN_FLIGHT
    )
