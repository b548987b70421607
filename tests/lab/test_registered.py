"""Who is registered, as a real Asterisk says it: its list, its events, and its silence."""

import asyncio
from datetime import UTC, datetime

import pytest

from agi.ami_wire import StateChange
from agi.manager import Manager
from agi.registered import Registered
from lab.ends import Ends
from lab.until import until
from tests.fixtures.lab import HANDSETS
from tests.fixtures.sip_phone import SipPhone

pytestmark = pytest.mark.lab


async def test_handsets_come_and_go(bare_ends: Ends) -> None:
    at = bare_ends.place.addresses
    first, second = (handset.sip_user for handset in HANDSETS)
    for user in (first, second):
        await bare_ends.register(user)
    manager = Manager(host=at.switch, port=at.ami, user="denwaban", secret="secret")
    registered = Registered(manager, lambda: datetime.now(UTC))
    news: asyncio.Queue[str] = asyncio.Queue()
    registered.on_change(news.put_nowait)
    assert registered.of(first) is None  # nobody has been asked yet

    def there(user: str) -> bool | None:
        found = registered.of(user)
        return None if found is None else found.registered

    running = asyncio.create_task(manager.run())
    try:
        await until(lambda: (there(first), there(second)) == (True, True), 20, "both handsets listed")
        assert there("nobody") is False
        contacts = await manager.contacts()
        assert {user: contacts.get(user) for user in (first, second)} == {first: "Reachable", second: "Reachable"}
        while not news.empty():
            news.get_nowait()
        await bare_ends.unregister(first)
        async with asyncio.timeout(20):
            while there(first) is not False:
                await news.get()
        assert there(second) is True
        await bare_ends.register(first)
        async with asyncio.timeout(20):
            while there(first) is not True:
                await news.get()
        await bare_ends.unregister(second)
        async with asyncio.timeout(20):
            while there(second) is not False:
                await news.get()
        await registered.list()
        assert second not in await manager.contacts()
        assert (there(first), there(second)) == (True, False)
        await bare_ends.register(second)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert registered.of(first) is None


async def test_a_handset_that_registers_from_another_port_is_never_unregistered(bare_ends: Ends) -> None:
    """As after a restart, or when a router forgets it. Removed comes last, and is about the contact it had."""
    at, handset = bare_ends.place.addresses, HANDSETS[0]
    manager = Manager(host=at.switch, port=at.ami, user="denwaban", secret="secret")
    removed: asyncio.Queue[str] = asyncio.Queue()

    async def heard(change: StateChange) -> None:
        if (change.name, change.state) == (handset.sip_user, "Removed"):
            removed.put_nowait(change.address)

    registered = Registered(manager, lambda: datetime.now(UTC))
    manager.on_state(heard)  # after it, so that it has heard what we hear
    running = asyncio.create_task(manager.run())
    try:
        await until(lambda: registered.of(handset.sip_user) is not None, 20, "handsets listed")
        for _ in range(5):
            async with SipPhone(at.phones, (at.switch, at.sip), handset.sip_user, handset.password) as phone:
                await phone.register()
                async with asyncio.timeout(20):
                    await removed.get()
                found = registered.of(handset.sip_user)
                assert found is not None
                assert found.registered
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await bare_ends.register(handset.sip_user)
