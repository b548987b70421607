"""On-net groups and their numbers; #-dial numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REACHES = (
    "'nationwide', 'hokkaido', 'tohoku', 'shinetsu', 'kanto', 'hokuriku', 'tokai', 'kansai', 'shikoku', 'chugoku', "
    "'kyushu-okinawa'"
)


def upgrade() -> None:
    op.create_table(
        "on_net_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_net_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_on_net_groups_name")),
    )
    op.create_table(
        "on_net_lines",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_on_net_lines_line_id_lines")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["on_net_groups.id"], name=op.f("fk_on_net_lines_group_id_on_net_groups")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_on_net_lines")),
        sa.UniqueConstraint("line_id", "group_id", name=op.f("uq_on_net_lines_line_id")),
    )
    op.create_index(op.f("ix_on_net_lines_group_id"), "on_net_lines", ["group_id"])
    op.create_table(
        "on_net_numbers",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("digits", sa.String(22), nullable=False),
        sa.Column("site", sa.String(11), nullable=True),
        sa.Column("extension", sa.String(11), nullable=True),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("trunk", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["on_net_groups.id"], name=op.f("fk_on_net_numbers_group_id_on_net_groups")
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "group_id"],
            ["on_net_lines.line_id", "on_net_lines.group_id"],
            name=op.f("fk_on_net_numbers_line_id_on_net_lines"),
        ),
        sa.CheckConstraint("(line_id IS NULL) <> (trunk IS NULL)", name=op.f("ck_on_net_numbers_line_or_trunk")),
        sa.CheckConstraint(
            "(trunk IS NULL) = (site IS NOT NULL AND extension IS NOT NULL)",
            name=op.f("ck_on_net_numbers_site_and_extension"),
        ),
        sa.PrimaryKeyConstraint("group_id", "digits", name=op.f("pk_on_net_numbers")),
    )
    op.create_index(op.f("ix_on_net_numbers_line_id"), "on_net_numbers", ["line_id"])
    op.create_table(
        "hash_numbers",
        sa.Column("digits", sa.String(5), nullable=False),
        sa.Column("block", sa.String(20), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.CheckConstraint(f"block IN ({_REACHES})", name=op.f("ck_hash_numbers_block")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_hash_numbers_member_id_members")),
        sa.PrimaryKeyConstraint("digits", "block", name=op.f("pk_hash_numbers")),
    )
    op.create_index(op.f("ix_hash_numbers_member_id"), "hash_numbers", ["member_id"])
