"""Devices: their ports, what they fetched, enrolment windows, sightings of strangers, health."""

import sqlalchemy as sa
from alembic import op

from store.metadata import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(12), nullable=False),
        sa.Column("maker", sa.String(20), nullable=False),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("transport", sa.String(3), nullable=False),
        sa.Column("address", sa.String(45), nullable=True),
        sa.Column("firmware", sa.String(80), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.String(64), nullable=False),
        sa.Column("sealed_admin_password", sa.Text(), nullable=False),
        sa.Column("snmp", sa.String(3), nullable=False),
        sa.Column("sealed_snmp", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('stock', 'lent', 'lost', 'returned')", name=op.f("ck_devices_state")),
        sa.CheckConstraint("transport IN ('udp', 'tls')", name=op.f("ck_devices_transport")),
        sa.CheckConstraint("snmp IN ('off', 'v2c', 'v3')", name=op.f("ck_devices_snmp")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("mac", name=op.f("uq_devices_mac")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_devices_secret_digest")),
    )
    op.create_table(
        "device_ports",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_device_ports_number")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_device_ports_device_id_devices")),
        sa.PrimaryKeyConstraint("device_id", "number", name=op.f("pk_device_ports")),
        sa.UniqueConstraint("line_id", name=op.f("uq_device_ports_line_id")),
    )
    op.create_table(
        "fetches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("mac", sa.String(12), nullable=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("via", sa.String(5), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.CheckConstraint("via IN ('tftp', 'http', 'https')", name=op.f("ck_fetches_via")),
        sa.CheckConstraint("status IN ('served', 'refused', 'unknown', 'failed')", name=op.f("ck_fetches_status")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_fetches_device_id_devices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetches")),
    )
    op.create_index("ix_fetches_device_id", "fetches", ["device_id", "id"])
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("until > opened_at", name=op.f("ck_enrolments_times")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_enrolments_device_id_devices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_until"), "enrolments", ["until"])
    op.create_table(
        "sightings",
        sa.Column("mac", sa.String(12), nullable=False),
        sa.Column("maker", sa.String(20), nullable=True),
        sa.Column("model", sa.String(40), nullable=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_last_at"), "sightings", ["last_at"])
    op.create_table(
        "device_health",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("last_ok_at", Instant(), nullable=True),
        sa.Column("uptime_seconds", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_device_health_device_id_devices")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_health")),
    )
    op.create_table(
        "port_health",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=True),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_port_health_device_id_devices")),
        sa.PrimaryKeyConstraint("device_id", "number", name=op.f("pk_port_health")),
    )
