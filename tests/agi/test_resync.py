"""NOTIFYs: to whom is registered, at a pace, each result told; and never a word that would become another header."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agi.ami_wire import NotConnected
from agi.manager import Manager
from agi.resync import Result, Target, Told, resync
from dialplan.errors import BadValue
from tests.fakes.ami import FakeAmi, fake_ami


@asynccontextmanager
async def session() -> AsyncIterator[tuple[FakeAmi, Manager]]:
    async with fake_ami() as ami:
        manager = Manager(host="127.0.0.1", port=ami.port, user="denwaban", secret="right")
        running = asyncio.create_task(manager.run())
        try:
            async with asyncio.timeout(10):
                await manager.wait_connected()
            yield ami, manager
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def target(name: str, *users: str, event: str = "check-sync") -> Target:
    return Target(name=name, sip_users=users, event=event)


async def test_each_device_is_told_once_by_whichever_of_its_accounts_is_registered() -> None:
    heard: list[Result] = []
    async with session() as (ami, manager):
        ami.contacts = {"h2": "Reachable", "h3": "Reachable", "h4": "Unreachable", "h5": "NonQualified"}
        targets = [
            target("gateway", "h1", "h2", "h3"),
            target("off", "h4"),
            target("adapter", "h5", event="check-sync;reboot=false"),
            target("without a line"),
        ]
        found = await resync(manager, targets, pace=100, told=heard.append)
        assert [(one.target.name, one.told, one.sip_user) for one in found] == [
            ("gateway", Told.SENT, "h2"),
            ("off", Told.NOT_REGISTERED, ""),
            ("adapter", Told.SENT, "h5"),
            ("without a line", Told.NOT_REGISTERED, ""),
        ]
        assert heard == found
        asked = [(one["Endpoint"], one["Variable"]) for one in ami.asked if one["Action"] == "PJSIPNotify"]
        assert asked == [("h2", "Event=check-sync"), ("h5", "Event=check-sync;reboot=false")]


async def test_what_asterisk_refuses_is_said_of_that_device_and_the_others_are_told() -> None:
    async with session() as (ami, manager):
        ami.contacts = {"nobody": "Reachable", "h1": "Reachable"}
        ami.unknown.add("nobody")
        found = await resync(manager, [target("a", "nobody"), target("b", "h1")], pace=100)
        assert [one.told for one in found] == [Told.FAILED, Told.SENT]
        assert "Unable to retrieve" in found[0].why


async def test_they_are_told_at_the_pace_asked_for() -> None:
    async with session() as (ami, manager):
        ami.contacts = {f"h{n}": "Reachable" for n in range(5)}
        clock = asyncio.get_running_loop().time
        began = clock()
        moments: list[float] = []
        await resync(
            manager,
            [target(user, user) for user in ami.contacts],
            pace=20,
            told=lambda _: moments.append(clock() - began),
        )
        assert [moment >= n / 20 - 0.01 for n, moment in enumerate(moments)] == [True] * 5


async def test_without_a_session_nobody_can_be_told() -> None:
    with pytest.raises(NotConnected):
        await resync(Manager(host="127.0.0.1", port=1, user="denwaban", secret="right"), [target("a", "h1")])


@pytest.mark.parametrize(("user", "event"), [("h1\r\nAction: X", "check-sync"), ("h1", "a\r\nAction: X"), ("", "a")])
async def test_no_header_can_be_smuggled_in(user: str, event: str) -> None:
    async with session() as (ami, manager):
        with pytest.raises(BadValue):
            await manager.notify(user, event)
        assert {one["Action"] for one in ami.asked} <= {"Login", "Ping"}
