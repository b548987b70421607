"""Which SIP users are registered, as Asterisk tells it: a list at every connection, and events from then on."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from agi.ami_wire import ManagerError, StateChange, StateKind
from agi.manager import Manager
from provisioning.registrations import THERE, Registrations, changed, listed
from provisioning.snmp.health import Registration

log = structlog.get_logger(__name__)

LIST_SECONDS = 120.0
"""Less than the three minutes after which a port without a registration counts as down."""


class Registered:
    """Make it before the manager runs."""

    def __init__(self, manager: Manager, now: Callable[[], datetime]) -> None:
        self._manager, self._now = manager, now
        self._known = Registrations()
        self._listening: list[Callable[[str], None]] = []
        manager.on_state(self._heard)
        manager.on_connected(self.list)

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Called with the user name of an event that changed something. A list calls nobody: after a connection it
        would be about everybody at once, who have their turns anyway.
        """
        self._listening.append(callback)

    def of(self, user: str) -> Registration | None:
        """None: not known, as long as Asterisk cannot be asked."""
        return self._known.of(user) if self._manager.connected else None

    async def list(self) -> None:
        """Asks for all of them. What events said while the list was under way is in it, or comes after it."""
        contacts = await self._manager.contacts()
        present = {user for user, status in contacts.items() if status in THERE}
        log.info("registrations", contacts=len(contacts), present=len(present))
        self._known = listed(self._known, present, self._now())

    async def run(self, every: float = LIST_SECONDS) -> None:
        """Until cancelled: the list again and again, since an event may be lost, and the first list may fail."""
        while True:
            await asyncio.sleep(every)
            if self._manager.connected:
                try:
                    await self.list()
                except ManagerError as error:
                    log.warning("registrations not listed", why=str(error))

    async def _heard(self, change: StateChange) -> None:
        if change.kind is not StateKind.CONTACT:
            return
        before = self._known.users.get(change.name)
        self._known = changed(self._known, change.name, change.state, self._now(), change.address)
        if self._known.users.get(change.name) is not before:
            for callback in self._listening:
                callback(change.name)
