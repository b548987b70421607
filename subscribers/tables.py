"""The tables of members, contracts and lines. All telephone numbers are E.164 with +."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from store.metadata import Instant, metadata

from .callbacks import IN_FLIGHT, AskedBy, CallbackState
from .forwarding import ENTRIES, MAX_RING_SECONDS, MIN_RING_SECONDS, ForwardMode
from .hash_dial import NATIONWIDE, Block
from .lines import Language, Plan
from .members import IdentityMethod, MemberKind
from .screening import SelectMode

_NUMBER = String(16)  # + and 15 digits


def _one_of(column: str, kinds: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(kind.value) for kind in kinds)})"


_IN_FLIGHT = text(_one_of("state", IN_FLIGHT))

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("room_capacity", Integer),
    Column("suspended_at", Instant),
    Column("leaves_at", Instant),
    Column("mail", String(254)),
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
    # Set when the line has entries in nuisance_entries: a call to a line that uses none of the lists reads none.
    Column("has_nuisance", Boolean, nullable=False, server_default=false()),
    Column("number_request", Boolean, nullable=False, server_default=false()),
    Column("allow_limit", Integer, nullable=False, server_default="0"),
    Column("allow_on", Boolean, nullable=False, server_default=false()),
    Column("select_mode", String(20), nullable=False, server_default="off"),
    # Calls out withhold the number unless 186 is dialled.
    Column("withhold", Boolean, nullable=False, server_default=false()),
    Column("failover_number", _NUMBER),
    # Kept by whoever watches the devices: the line's handset or its adapter's port is known to be down.
    Column("faulty", Boolean, nullable=False, server_default=false()),
    # The line has limits of its own: forwarded legs are authorised too, which costs every such call a commit.
    Column("capped", Boolean, nullable=False, server_default=false()),
    # A registered phone hears ringing before the menu, and asks to be called back by hanging up meanwhile.
    Column("callback", Boolean, nullable=False, server_default=false()),
    CheckConstraint(_one_of("select_mode", SelectMode), name="select_mode"),
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

# Where a handset stands, for the notice of location that emergency services are given.
installations = Table(
    "installations",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("postcode", String(8), nullable=False),
    Column("address", Text, nullable=False),
    Column("building", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

on_net_groups = Table(
    "on_net_groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

# A line is in one group at most: what is keyed on it means one thing.
on_net_lines = Table(
    "on_net_lines",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("group_id", ForeignKey("on_net_groups.id"), nullable=False, index=True),
    UniqueConstraint("line_id", "group_id"),
)

# `digits` is what is keyed: site and extension of a line of the group, or a mobile extension behind a trunk.
on_net_numbers = Table(
    "on_net_numbers",
    metadata,
    Column("group_id", ForeignKey("on_net_groups.id"), primary_key=True),
    Column("digits", String(22), primary_key=True),
    Column("site", String(11)),
    Column("extension", String(11)),
    Column("line_id", Integer, index=True),
    Column("trunk", String(32)),
    ForeignKeyConstraint(["line_id", "group_id"], ["on_net_lines.line_id", "on_net_lines.group_id"]),
    CheckConstraint("(line_id IS NULL) <> (trunk IS NULL)", name="line_or_trunk"),
    CheckConstraint("(trunk IS NULL) = (site IS NOT NULL AND extension IS NOT NULL)", name="site_and_extension"),
)

hash_numbers = Table(
    "hash_numbers",
    metadata,
    Column("digits", String(5), primary_key=True),
    Column("block", String(20), primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("target", _NUMBER, nullable=False),
    CheckConstraint(f"block IN ({', '.join(repr(one) for one in (NATIONWIDE, *map(str, Block)))})", name="block"),
)

# In the order they were added. A withheld number is kept to be recognised and never shown.
nuisance_entries = Table(
    "nuisance_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("number", _NUMBER, nullable=False),
    Column("withheld", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("line_id", "number"),
)

select_entries = Table(
    "select_entries",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("number", _NUMBER, primary_key=True),
)

allow_entries = Table(
    "allow_entries",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("number", _NUMBER, primary_key=True),
)

# A row: remote access is on. The PIN is in no other table, and as a hash only.
remote_access = Table(
    "remote_access",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("pin_hash", Text, nullable=False),
)

# Wrong PINs by what they were tried on: "line 12", or the number somebody keyed, as a digest, when no line has it.
# Numbers that do not exist must cost a guesser the same as those that do.
remote_lockouts = Table(
    "remote_lockouts",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("wrong", JSON, nullable=False),
    Column("locked_until", Instant),
    Column("changed_at", Instant, nullable=False, index=True),
)

# Mail to members, until it is sent or given up. What it says is made from `kind` and `facts` when it is sent.
mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipient", String(254), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant),
    Column("sent_at", Instant),
    Column("problem", Text),
    Index(
        "ix_mails_due_at",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)

# Jobs: a registered phone is to be called, and connected. Those that are over are kept for whoever asks what became
# of them.
callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False, index=True),
    Column("phone", _NUMBER, nullable=False),
    Column("number", String(40)),
    Column("asked_by", String(10), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant),
    Column("called_at", Instant),
    Column("connected_at", Instant),
    Column("ended_at", Instant),
    Column("channel", String(150)),
    Column("reason", Text),
    CheckConstraint(_one_of("asked_by", AskedBy), name="asked_by"),
    CheckConstraint(_one_of("state", CallbackState), name="state"),
    CheckConstraint("(state = 'pending') = (due_at IS NOT NULL)", name="due_at"),
    # Never more than one in flight for a phone.
    Index("uq_callbacks_phone", "phone", unique=True, sqlite_where=_IN_FLIGHT, postgresql_where=_IN_FLIGHT),
    Index("ix_callbacks_state", "state", sqlite_where=_IN_FLIGHT, postgresql_where=_IN_FLIGHT),
)

# One row. Every change of a line takes the next value; the row's lock makes revisions commit in order.
line_revisions = Table(
    "line_revisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("latest", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
