"""Invoices, sealed against change; subscriptions, one-off items, outages, payments."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Exact, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SEALED = ("invoices", "invoice_lines")


def upgrade() -> None:
    op.create_table(
        "invoices",
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("issuer", sa.JSON(), nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("sums", sa.JSON(), nullable=False),
        sa.Column("total", Exact(), nullable=False),
        sa.Column("corrects", sa.String(60), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('monthly', 'first', 'correction')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint("(kind = 'correction') = (corrects IS NOT NULL)", name=op.f("ck_invoices_corrects")),
        sa.ForeignKeyConstraint(["corrects"], ["invoices.number"], name=op.f("fk_invoices_corrects_invoices")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_invoices")),
    )
    op.create_index(
        "uq_invoices_member_month",
        "invoices",
        ["member_id", "month"],
        unique=True,
        sqlite_where=sa.text("kind = 'monthly'"),
        postgresql_where=sa.text("kind = 'monthly'"),
    )
    op.create_index("ix_invoices_month", "invoices", ["month"])
    op.create_index("ix_invoices_corrects", "invoices", ["corrects"])
    op.create_table(
        "invoice_lines",
        sa.Column("invoice", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.String(10), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", Exact(), nullable=False),
        sa.Column("tax", sa.String(10), nullable=False),
        sa.Column("rate", Exact(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice"],
            ["invoices.number"],
            name=op.f("fk_invoice_lines_invoice_invoices"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("invoice", "position", name=op.f("pk_invoice_lines")),
    )
    op.create_index("ix_invoice_lines_key", "invoice_lines", ["key"])
    op.create_index("ix_invoice_lines_line_id", "invoice_lines", ["line_id"])
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("book", sa.String(40), nullable=False),
        sa.Column("fee", sa.String(60), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index("ix_subscriptions_line_id", "subscriptions", ["line_id"])
    op.create_table(
        "one_offs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("section", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", Exact(), nullable=False),
        sa.Column("tax", sa.String(10), nullable=False),
        sa.Column("cites", sa.Text(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_offs")),
    )
    op.create_index("ix_one_offs_member_id", "one_offs", ["member_id"])
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice", sa.String(60), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", Exact(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["invoice"], ["invoices.number"], name=op.f("fk_payments_invoice_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    op.create_index("ix_payments_invoice", "payments", ["invoice"])
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("restored_at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("restored_at > known_at", name=op.f("ck_outages_times")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index("ix_outages_line_id", "outages", ["line_id"])
    if op.get_bind().dialect.name == "postgresql":
        _seal_postgresql()
    else:
        _seal_sqlite()


def _seal_sqlite() -> None:
    for table in _SEALED:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'issued invoices are never changed: expected a correction'); END"
            )
    op.execute(
        "CREATE TRIGGER invoice_lines_no_late_insert BEFORE INSERT ON invoice_lines"
        " WHEN EXISTS (SELECT 1 FROM invoices WHERE number = NEW.invoice)"
        " BEGIN SELECT RAISE(ABORT, 'issued invoices are never changed: expected a correction'); END"
    )


def _seal_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'issued invoices are never changed: expected a correction'; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_late_invoice_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT 1 FROM invoices WHERE number = NEW.invoice) THEN"
        " RAISE EXCEPTION 'issued invoices are never changed: expected a correction'; END IF; RETURN NEW; END $$"
    )
    for table in _SEALED:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_invoice_change()"
        )
    op.execute(
        "CREATE TRIGGER invoice_lines_no_late_insert BEFORE INSERT ON invoice_lines"
        " FOR EACH ROW EXECUTE FUNCTION refuse_late_invoice_line()"
    )
