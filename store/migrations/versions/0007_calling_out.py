"""Calling out: the number shown by default, fault failover, installation addresses, several carriers."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lines", sa.Column("withhold", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("lines", sa.Column("failover_number", sa.String(16), nullable=True))
    op.add_column("lines", sa.Column("faulty", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("lines", sa.Column("capped", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "installations",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.String(8), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_installations_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_installations")),
    )
    op.add_column("trunks", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.add_column("trunks", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("trunks", sa.Column("prefixes", sa.Text(), server_default="", nullable=False))
    op.add_column("trunks", sa.Column("shows", sa.Text(), server_default="", nullable=False))
