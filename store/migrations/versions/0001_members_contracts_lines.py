"""Members, contracts, lines."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_revisions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_line_revisions_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_revisions")),
    )
    op.execute("INSERT INTO line_revisions (id, latest) VALUES (1, 0)")
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("room_capacity", sa.Integer(), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'rental-office') = (room_capacity IS NOT NULL)", name=op.f("ck_members_room_capacity")
        ),
        sa.CheckConstraint("kind IN ('rental-office', 'coworking', 'virtual-office')", name=op.f("ck_members_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
    )
    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_contracts_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
    )
    op.create_index(op.f("ix_contracts_member_id"), "contracts", ["member_id"], unique=False)

    op.create_table(
        "identity_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "method IN ('in-person', 'by-post', 'electronic')", name=op.f("ck_identity_checks_method")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_identity_checks_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_checks")),
    )
    op.create_index(op.f("ix_identity_checks_member_id"), "identity_checks", ["member_id"], unique=False)

    op.create_table(
        "lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("plan", sa.String(length=20), nullable=False),
        sa.Column("double_channel", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_waiting", sa.Boolean(), nullable=False),
        sa.Column("present_leased", sa.Boolean(), nullable=False),
        sa.Column("international_allowed", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("forward_mode", sa.String(length=20), nullable=False),
        sa.Column("forward_last_mode", sa.String(length=20), nullable=False),
        sa.Column("ring_seconds", sa.SmallInteger(), nullable=False),
        sa.Column("entry_in_use", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "forward_last_mode IN ('unconditional', 'no-answer', 'busy', 'no-answer-or-busy')",
            name=op.f("ck_lines_forward_last_mode"),
        ),
        sa.CheckConstraint(
            "forward_mode IN ('off', 'unconditional', 'no-answer', 'busy', 'no-answer-or-busy')",
            name=op.f("ck_lines_forward_mode"),
        ),
        sa.CheckConstraint("language IN ('ja', 'en')", name=op.f("ck_lines_language")),
        sa.CheckConstraint("plan IN ('fixed-phone', 'in-out')", name=op.f("ck_lines_plan")),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_lines_dates")),
        sa.CheckConstraint("entry_in_use BETWEEN 1 AND 4", name=op.f("ck_lines_entry_in_use")),
        sa.CheckConstraint("ring_seconds BETWEEN 5 AND 60", name=op.f("ck_lines_ring_seconds")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_lines_contract_id_contracts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lines")),
    )
    op.create_index(op.f("ix_lines_contract_id"), "lines", ["contract_id"], unique=False)
    op.create_index(op.f("ix_lines_revision"), "lines", ["revision"], unique=False)
    op.create_index(
        op.f("uq_lines_double_channel"),
        "lines",
        ["contract_id"],
        unique=True,
        sqlite_where=sa.text("double_channel"),
        postgresql_where=sa.text("double_channel"),
    )

    op.create_table(
        "forward_entries",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.CheckConstraint("entry BETWEEN 1 AND 4", name=op.f("ck_forward_entries_entry")),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_forward_entries_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", "entry", name=op.f("pk_forward_entries")),
    )
    op.create_table(
        "handsets",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("sip_user", sa.String(length=64), nullable=False),
        sa.Column("sealed_password", sa.Text(), nullable=False),
        sa.Column("presents", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_handsets_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_handsets")),
        sa.UniqueConstraint("sip_user", name=op.f("uq_handsets_sip_user")),
    )
    op.create_table(
        "leased_numbers",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_leased_numbers_line_id_lines")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_leased_numbers")),
    )
    op.create_index(op.f("ix_leased_numbers_line_id"), "leased_numbers", ["line_id"], unique=False)

    op.create_table(
        "registered_phones",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_registered_phones_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", "number", name=op.f("pk_registered_phones")),
    )
