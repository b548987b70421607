"""Against real net-snmp agents: both versions, wrong secrets, dead addresses, many objects."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.snmp.client import Client
from provisioning.snmp.readings import IF_TYPE, UPTIME, Asked, Kind, Value, questions, read
from provisioning.snmp.target import NoAnswer
from tests.fixtures.snmpd import GRANDSTREAM, Agent, agent, free_port


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Agent]:
    async with agent(tmp_path / "agent") as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(seconds=1.0, retries=0)
    yield made
    await made.close()


@pytest.mark.parametrize("version", ["plain", "secured"])
async def test_an_agent_answers_each_version(device: Agent, client: Client, version: str) -> None:
    answer = await client.poll(getattr(device, version), (UPTIME, f"{IF_TYPE}.1", "1.3.6.1.2.1.1.5.0", "1.3.9.9.0"))
    assert not isinstance(answer, NoAnswer)
    assert answer[UPTIME].kind is Kind.TICKS
    assert isinstance(answer[UPTIME].content, int)
    assert answer[f"{IF_TYPE}.1"] == Value(kind=Kind.INTEGER, content=24)  # loopback
    assert answer["1.3.6.1.2.1.1.5.0"].kind is Kind.STRING
    assert answer["1.3.9.9.0"].kind is Kind.ABSENT


async def test_an_adapter_is_read_through_the_wire(device: Agent, client: Client) -> None:
    device.say(
        {
            f"{GRANDSTREAM}.1.2.2.1.1.0.0": ("string", "On Hook"),
            f"{GRANDSTREAM}.1.2.2.2.1.0.0": ("string", "Not Registered"),
            f"{GRANDSTREAM}.1.2.2.2.2.0.0": ("integer", "3"),
        }
    )
    asked = Asked(maker="grandstream", model="HT802", ports=(1, 2))
    answer = await client.poll(device.plain, questions(asked))
    assert not isinstance(answer, NoAnswer)
    reading, problems = read(asked, answer)
    assert (reading.ports[1].alive, reading.ports[1].registered) == (True, False)
    assert 2 not in reading.ports
    assert [str(one) for one in problems] == [
        f"{GRANDSTREAM}.1.2.2.2.2.0.0: found INTEGER '3', expected OCTET STRING, one of Not Registered, Registered"
    ]


async def test_the_ports_of_a_large_gateway_come_in_several_requests(device: Agent, client: Client) -> None:
    objects = {f"{GRANDSTREAM}.1.1.2.{kind}.{port}.0.0" for port in range(1, 49) for kind in (1, 2)}
    words = {"1": "On Hook", "2": "Registered"}
    device.say({oid: ("string", words[oid.split(".")[-4]]) for oid in objects})
    asked = Asked(maker="grandstream", model="GXW4248", ports=tuple(range(1, 49)))
    answer = await client.poll(device.secured, questions(asked))
    assert not isinstance(answer, NoAnswer)
    reading, problems = read(asked, answer)
    assert (sorted(reading.ports), problems) == ([*range(1, 49)], ())


async def test_a_wrong_community_and_a_dead_address_are_misses_that_say_why(device: Agent, client: Client) -> None:
    wrong = replace(device.plain, secret="wr0ng")
    dead = replace(device.plain, port=free_port("127.0.0.1"))
    answers = await asyncio.gather(*(client.poll(one, (UPTIME,)) for one in (wrong, dead, device.plain)))
    late = NoAnswer(why="No SNMP response received before timeout")
    assert answers[:2] == [late, late]
    assert not isinstance(answers[2], NoAnswer)
    assert (client.counts["timeouts"], client.counts["answers"]) == (2, 1)


async def test_wrong_and_impossible_keys_are_misses_and_the_right_ones_work_after_them(
    device: Agent, client: Client
) -> None:
    told = [await client.poll(replace(device.secured, secret=one), (UPTIME,)) for one in ("another phrase", "short")]
    assert told == [
        NoAnswer(why="Wrong SNMP PDU digest"),
        NoAnswer(why="ValueError: SNMPv3 pass phrase: found fewer than 8 octets, expected 8 or more"),
    ]
    assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)
    unknown = await client.poll(replace(device.secured, user="nobody"), (UPTIME,))
    assert unknown == NoAnswer(why="Unknown USM user")
    assert client.counts["refused"] == 3


async def test_a_secured_agent_is_understood_after_its_restart(device: Agent, client: Client) -> None:
    assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)
    await device.stop()
    await device.start()
    assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)


async def test_a_device_with_a_new_engine_id_is_understood_after_one_miss(device: Agent, client: Client) -> None:
    """pysnmp asks the old one for five minutes, and drops the report that there is none of that name."""
    assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)
    await device.stop()
    device.forget()
    await device.start()
    assert isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)
    assert not isinstance(await client.poll(device.secured, (UPTIME,)), NoAnswer)


async def test_dead_devices_hold_nobody_up(device: Agent) -> None:
    client = Client(seconds=30.0, retries=0)
    dead = [replace(device.plain, port=free_port("127.0.0.1")) for _ in range(50)]
    waiting = [asyncio.create_task(client.poll(one, (UPTIME,))) for one in dead]
    async with asyncio.timeout(20):
        for _ in range(20):
            assert not isinstance(await client.poll(device.plain, (UPTIME,)), NoAnswer)
    assert not any(one.done() for one in waiting)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await client.close()
