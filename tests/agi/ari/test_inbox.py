import asyncio

import pytest

from agi.ari.errors import Gone, Overflow
from agi.ari.inbox import Inbox
from agi.ari.messages import CallEvent, Channel, ChannelDtmfReceived


def digit(key: str) -> CallEvent:
    return ChannelDtmfReceived(channel=Channel(id="1"), digit=key)


async def test_events_come_out_in_order_and_then_the_reason_for_the_end() -> None:
    inbox = Inbox("1")
    for key in "12":
        assert inbox.put(digit(key))
    inbox.close(Gone("hung up"))
    inbox.close(Overflow("later"))
    assert not inbox.put(digit("3"))
    assert [await inbox.get(), inbox.get_nowait()] == [digit("1"), digit("2")]
    assert inbox.get_nowait() is None
    for _ in range(2):
        with pytest.raises(Gone, match="hung up"):
            await inbox.get()


async def test_a_waiting_flow_is_woken_by_an_event_and_by_the_end() -> None:
    inbox = Inbox("1")
    reader = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    inbox.put(digit("1"))
    assert await reader == digit("1")
    reader = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    inbox.close(Gone("hung up"))
    with pytest.raises(Gone):
        await reader


async def test_an_overflow_ends_the_flow_and_keeps_no_half_of_the_events() -> None:
    inbox = Inbox("1.7", limit=2)
    assert [inbox.put(digit(key)) for key in "1234"] == [True, True, False, False]
    with pytest.raises(Overflow, match=r"channel 1\.7: ChannelDtmfReceived found 2 unread"):
        await inbox.get()
