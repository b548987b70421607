"""Invoices as issued, which nothing may change any more, and what is entered for the next ones.

Both databases refuse to update or delete an invoice or a line of one, and to add a line to an issued one (triggers of
migration 0005): lines are written first, the invoice that seals them last.
"""

from sqlalchemy import JSON, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from store.metadata import Exact, Instant, metadata

invoices = Table(
    "invoices",
    metadata,
    Column("number", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("member_id", Integer, nullable=False),
    Column("addressee", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("issuer", JSON, nullable=False),
    Column("side", String(10), nullable=False),
    Column("sums", JSON, nullable=False),
    Column("total", Exact, nullable=False),
    Column("corrects", String(60), ForeignKey("invoices.number"), nullable=True),
    Column("reason", Text, nullable=False),
    CheckConstraint("kind IN ('monthly', 'first', 'correction')", name="kind"),
    CheckConstraint("(kind = 'correction') = (corrects IS NOT NULL)", name="corrects"),
)
Index(
    "uq_invoices_member_month",
    invoices.c.member_id,
    invoices.c.month,
    unique=True,
    sqlite_where=text("kind = 'monthly'"),
    postgresql_where=text("kind = 'monthly'"),
)
Index("ix_invoices_month", invoices.c.month)
Index("ix_invoices_corrects", invoices.c.corrects)

invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column(
        "invoice",
        String(60),
        ForeignKey("invoices.number", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("section", String(10), nullable=False),
    Column("key", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("quantity", Exact, nullable=False),
    Column("unit", Text, nullable=False),
    Column("amount", Exact, nullable=False),
    Column("tax", String(10), nullable=False),
    Column("rate", Exact, nullable=False),
    Column("line_id", Integer, nullable=True),
    Column("number", String(16), nullable=False),
)
Index("ix_invoice_lines_key", invoice_lines.c.key)
Index("ix_invoice_lines_line_id", invoice_lines.c.line_id)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line_id", Integer, nullable=False),
    Column("book", String(40), nullable=False),
    Column("fee", String(60), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=True),
)
Index("ix_subscriptions_line_id", subscriptions.c.line_id)

one_offs = Table(
    "one_offs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member_id", Integer, nullable=False),
    Column("line_id", Integer, nullable=True),
    Column("section", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("quantity", Exact, nullable=False),
    Column("unit", Text, nullable=False),
    Column("amount", Exact, nullable=False),
    Column("tax", String(10), nullable=False),
    Column("cites", Text, nullable=False),
    Column("entered_at", Instant, nullable=False),
)
Index("ix_one_offs_member_id", one_offs.c.member_id)

payments = Table(
    "payments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invoice", String(60), ForeignKey("invoices.number"), nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("amount", Exact, nullable=False),
    Column("entered_at", Instant, nullable=False),
)
Index("ix_payments_invoice", payments.c.invoice)

outages = Table(
    "outages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line_id", Integer, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("restored_at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("restored_at > known_at", name="times"),
)
Index("ix_outages_line_id", outages.c.line_id)
