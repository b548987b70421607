"""Nuisance block, number request, allow list, select; remote access and its lock-out; mail to members."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Written out: SQLite takes a constraint only as a part of the new column.
_SELECT_MODE = (
    "ALTER TABLE lines ADD COLUMN select_mode VARCHAR(20) DEFAULT 'off' NOT NULL CONSTRAINT ck_lines_select_mode "
    "CHECK (select_mode IN ('off', 'registered-forwarded', 'registered-ring'))"
)


def upgrade() -> None:
    op.add_column("members", sa.Column("mail", sa.String(254), nullable=True))
    for name in ("has_nuisance", "number_request", "allow_on"):
        op.add_column("lines", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("lines", sa.Column("allow_limit", sa.Integer(), server_default="0", nullable=False))
    op.execute(_SELECT_MODE)
    op.create_table(
        "nuisance_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_nuisance_entries_line_id_lines")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nuisance_entries")),
        sa.UniqueConstraint("line_id", "number", name=op.f("uq_nuisance_entries_line_id")),
    )
    for table in ("select_entries", "allow_entries"):
        op.create_table(
            table,
            sa.Column("line_id", sa.Integer(), nullable=False),
            sa.Column("number", sa.String(16), nullable=False),
            sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f(f"fk_{table}_line_id_lines")),
            sa.PrimaryKeyConstraint("line_id", "number", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "remote_access",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_remote_access_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_remote_access")),
    )
    op.create_table(
        "remote_lockouts",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("wrong", sa.JSON(), nullable=False),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_remote_lockouts")),
    )
    op.create_index(op.f("ix_remote_lockouts_changed_at"), "remote_lockouts", ["changed_at"])
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("queued_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(
        op.f("ix_mails_due_at"),
        "mails",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
