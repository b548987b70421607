"""Traps from net-snmp's own sender and agent: hints for those we know, counts for all others."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.until import until
from provisioning.device import SnmpVersion
from provisioning.snmp.client import Client
from provisioning.snmp.readings import UPTIME
from provisioning.snmp.target import NoAnswer, Target
from provisioning.snmp.traps import TrapReceiver
from tests.fixtures.snmpd import PHRASE, USER, agent, recorded_trap, tool

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
MANY = 600


class Ear:
    """A receiver on a free port; `hints` are what it told."""

    def __init__(self, client: Client) -> None:
        self.hints: asyncio.Queue[int] = asyncio.Queue()
        self.receiver = TrapReceiver(client.engine, self.hints.put_nowait)
        self.address, self.port = self.receiver.open("127.0.0.1", 0)
        self.to = f"{self.address}:{self.port}"

    async def counted(self, **expected: int) -> None:
        """Returns when the counters are these."""
        await until(
            lambda: {name: self.receiver.counts[name] for name in expected} == expected, 20, f"counts of {expected}"
        )


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(seconds=1.0, retries=0)
    yield made
    await made.close()


@pytest.fixture
async def ear(client: Client) -> AsyncIterator[Ear]:
    made = Ear(client)
    yield made
    made.receiver.close()


def plain(community: str = "seven", address: str = "127.0.0.1") -> Target:
    return Target(address=address, version=SnmpVersion.V2C, secret=community)


async def trap(folder: Path, ear: Ear, community: str = "seven") -> None:
    await tool(folder, "snmptrap", "-v2c", "-c", community, ear.to, "", LINK_DOWN)


async def test_a_trap_of_a_known_device_is_a_hint(ear: Ear, tmp_path: Path) -> None:
    ear.receiver.know({7: plain(), 8: plain("eight")})
    await trap(tmp_path, ear)
    assert await ear.hints.get() == 7
    await trap(tmp_path, ear, "eight")
    assert await ear.hints.get() == 8


async def test_strangers_and_wrong_communities_are_counted_and_nothing_else(ear: Ear, tmp_path: Path) -> None:
    ear.receiver.know({7: plain(address="127.0.0.9")})
    await trap(tmp_path, ear)
    await ear.counted(strangers=1)
    ear.receiver.know({7: plain()})
    await trap(tmp_path, ear, "wr0ng")
    await ear.counted(refused=1, heard=2)
    assert ear.hints.empty()


async def test_a_secured_agent_says_goodbye_and_its_device_is_looked_at(
    client: Client, ear: Ear, tmp_path: Path
) -> None:
    session = f'trapsess -v 3 -l authPriv -u {USER} -a SHA -x AES -A "{PHRASE}" -X "{PHRASE}" {ear.to}'
    async with agent(tmp_path / "agent", conf=session) as device:
        await ear.counted(refused=1)  # its coldStart: pysnmp does not know its engine id yet
        ear.receiver.know({3: device.secured})
        assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)
        await device.stop()
        async with asyncio.timeout(20):
            assert await ear.hints.get() == 3


async def test_a_secured_trap_with_the_wrong_keys_is_refused(client: Client, ear: Ear, tmp_path: Path) -> None:
    async with agent(tmp_path / "agent") as device:
        ear.receiver.know({3: device.secured})
        assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)
        keys = ("-a", "SHA", "-x", "AES", "-A", "another phrase", "-X", "another phrase")
        who = ("-v3", "-l", "authPriv", "-u", USER)
        await tool(tmp_path, "snmptrap", *who, *keys, ear.to, "", LINK_DOWN)
        await ear.counted(refused=1)
        assert ear.hints.empty()


async def test_a_burst_of_traps_is_heard_to_the_last(ear: Ear) -> None:
    """As many as come in a second of 600; how fast they are read is bench-snmp's."""
    ear.receiver.know({7: plain()})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        for _ in range(MANY):
            sender.sendto(recorded_trap(), (ear.address, ear.port))
    await ear.counted(heard=MANY, hints=MANY)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.integers(0, 40)), max_size=20))
async def test_no_datagram_ends_it(tmp_path: Path, said: list[bytes | int]) -> None:
    """Random ones, and a real one with one byte changed; then a good one is heard."""
    client = Client()
    ear = Ear(client)
    ear.receiver.know({7: plain()})
    good = recorded_trap()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for each in said:
            if isinstance(each, int):
                each = good[:each] + bytes([good[each] ^ 0xFF]) + good[each + 1 :]
            sender.sendto(each, (ear.address, ear.port))
        sender.sendto(good, (ear.address, ear.port))
    async with asyncio.timeout(20):
        assert await ear.hints.get() == 7
    ear.receiver.close()
    await client.close()
