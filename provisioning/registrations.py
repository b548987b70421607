"""Who is registered with Asterisk, and since when we know it: by SIP user name. Pure.

Asterisk says it twice: as a list, asked for at every connection, and as ContactStatus events between.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from provisioning.snmp.health import Registration

THERE = frozenset({"Created", "Reachable", "NonQualified", "Unqualified", "Updated"})
"""Asterisk's words for a contact it has. One that stopped answering OPTIONS is Unreachable: its phone is off."""
GONE = frozenset({"Removed", "Unreachable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations:
    """`listed_at`: when there was a list for the first time; before that nobody is known to be unregistered."""

    users: Mapping[str, Registration] = field(default_factory=dict)
    listed_at: datetime | None = None

    def of(self, user: str) -> Registration | None:
        """None: not known."""
        found = self.users.get(user)
        if found is not None or self.listed_at is None:
            return found
        return Registration(registered=False, since=self.listed_at)


def listed(known: Registrations, present: Collection[str], at: datetime) -> Registrations:
    """After a list of all users who have a contact that is there. Who is as before keeps his time."""
    users: dict[str, Registration] = {}
    for user in {*known.users, *present}:
        before, registered = known.of(user), user in present
        if before is None or before.registered is not registered:
            before = Registration(registered=registered, since=at)
        users[user] = before
    return Registrations(users=users, listed_at=known.listed_at or at)


def changed(known: Registrations, user: str, status: str, at: datetime) -> Registrations:
    """After a ContactStatus event. A status that says neither changes nothing."""
    if status not in THERE | GONE:
        return known
    before, registered = known.users.get(user), status in THERE
    if before is not None and before.registered is registered:
        return known
    return replace(known, users={**known.users, user: Registration(registered=registered, since=at)})
