"""The tables of members, contracts and lines. All telephone numbers are E.164 with +."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from store.metadata import Instant, metadata

from .forwarding import ENTRIES, MAX_RING_SECONDS, MIN_RING_SECONDS, ForwardMode
from .lines import Language, Plan
from .members import IdentityMethod, MemberKind

_NUMBER = String(16)  # + and 15 digits


def _one_of(column: str, kinds: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(kind.value) for kind in kinds)})"


members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("room_capacity", Integer),
    Column("suspended_at", Instant),
    Column("leaves_at", Instant),
    CheckConstraint(_one_of("kind", MemberKind), name="kind"),
    CheckConstraint("(kind = 'rental-office') = (room_capacity IS NOT NULL)", name="room_capacity"),
)

# Checks are added, never overwritten: each has to be kept for years after the contract ends.
identity_checks = Table(
    "identity_checks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("checked_on", Date, nullable=False),
    Column("method", String(20), nullable=False),
    Column("checked_by", Text, nullable=False),
    CheckConstraint(_one_of("method", IdentityMethod), name="method"),
)

contracts = Table(
    "contracts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("opened_on", Date, nullable=False),
)

lines = Table(
    "lines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contract_id", ForeignKey("contracts.id"), nullable=False, index=True),
    Column("number", _NUMBER, nullable=False),
    Column("plan", String(20), nullable=False),
    Column("double_channel", Boolean, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("suspended_at", Instant),
    Column("call_waiting", Boolean, nullable=False),
    Column("present_leased", Boolean, nullable=False),
    Column("international_allowed", Boolean, nullable=False),
    Column("language", String(2), nullable=False),
    Column("forward_mode", String(20), nullable=False),
    Column("forward_last_mode", String(20), nullable=False),
    Column("ring_seconds", SmallInteger, nullable=False),
    Column("entry_in_use", SmallInteger, nullable=False),
    Column("revision", Integer, nullable=False, index=True),
    CheckConstraint(_one_of("plan", Plan), name="plan"),
    CheckConstraint(_one_of("language", Language), name="language"),
    CheckConstraint(_one_of("forward_mode", ForwardMode), name="forward_mode"),
    CheckConstraint(
        _one_of("forward_last_mode", (mode for mode in ForwardMode if mode is not ForwardMode.OFF)),
        name="forward_last_mode",
    ),
    CheckConstraint(f"ring_seconds BETWEEN {MIN_RING_SECONDS} AND {MAX_RING_SECONDS}", name="ring_seconds"),
    CheckConstraint(f"entry_in_use BETWEEN 1 AND {ENTRIES}", name="entry_in_use"),
    CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="dates"),
    Index(
        "uq_lines_double_channel",
        "contract_id",
        unique=True,
        sqlite_where=text("double_channel"),
        postgresql_where=text("double_channel"),
    ),
)

# Who has a number now, leased or additional: the primary key is what keeps a number from being leased twice.
# An ended line keeps its rows until another line takes the number over.
leased_numbers = Table(
    "leased_numbers",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False, index=True),
)

registered_phones = Table(
    "registered_phones",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("number", _NUMBER, primary_key=True),
)

forward_entries = Table(
    "forward_entries",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("entry", SmallInteger, primary_key=True),
    Column("number", _NUMBER, nullable=False),
    CheckConstraint(f"entry BETWEEN 1 AND {ENTRIES}", name="entry"),
)

handsets = Table(
    "handsets",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("sip_user", String(64), nullable=False, unique=True),
    Column("sealed_password", Text, nullable=False),
    Column("presents", _NUMBER),
)

# One row. Every change of a line takes the next value; the row's lock makes revisions commit in order.
line_revisions = Table(
    "line_revisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("latest", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
