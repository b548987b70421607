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
    """`listed_at`: when there was a list for the first time; before that nobody is known to be unregistered.
    `places`: the contact that the last event of a user told to be there; a list does not tell it.
    """

    users: Mapping[str, Registration] = field(default_factory=dict)
    listed_at: datetime | None = None
    places: Mapping[str, str] = field(default_factory=dict)

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


def changed(known: Registrations, user: str, status: str, at: datetime, place: str) -> Registrations:
    """After a ContactStatus event about the contact at `place`. A status that says neither changes nothing.

    A phone that registers from another port has its new contact first, and its old one is removed after that, often
    after the new one is Reachable: the end of a contact that it has left already is not the end of its registration.
    """
    if status not in THERE | GONE:
        return known
    registered = status in THERE
    if not registered and known.places.get(user, place) != place:
        return known
    places = {**known.places, user: place} if registered else known.places
    before = known.users.get(user)
    if before is not None and before.registered is registered:
        return known if places == known.places else replace(known, places=places)
    users = {**known.users, user: Registration(registered=registered, since=at)}
    return replace(known, users=users, places=places)
