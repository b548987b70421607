"""A PIN that somebody keyed, judged without holding up anybody else's call."""

import asyncio
from datetime import datetime

from store.secrets import matches_hash
from store.units import Store
from subscribers.records.remote import hashed_pin, judge, pin_record, turn_remote_on


async def check_pin(store: Store, number: str, pin: str, at: datetime) -> int | None:
    """The id of the line whose contract number and PIN were keyed; None for everything else, alike in what it does
    and how long that takes: an unknown number, no remote access, a wrong PIN, a locked line.
    """
    record = await store.read(pin_record, number, at)
    right = await asyncio.to_thread(matches_hash, pin, record.pin_hash)
    return await store.write(judge, record, right, at)


async def set_pin(store: Store, line_id: int, pin: str) -> None:
    """Turns remote access on with this PIN. Raises BadValue, without the PIN in it, unless it has 4 to 8 digits."""
    await store.write(turn_remote_on, line_id, await asyncio.to_thread(hashed_pin, pin))
