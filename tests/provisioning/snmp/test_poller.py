"""Turns: fed by hand, or by the poller's own clock; what fails costs nobody else."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lab.until import until
from provisioning.device import SnmpVersion
from provisioning.snmp.health import UNHEARD, Change, ChangeKind, Health, Registration, Registrations
from provisioning.snmp.poller import Poller, Watched
from provisioning.snmp.pulse import State
from provisioning.snmp.readings import IF_OPER, IF_TYPE, UPTIME, Answer, Asked, Kind, Oid, Value
from provisioning.snmp.target import NoAnswer, Target

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOBODY = Registrations(ports={})


class Field:
    """Devices by address: what they answer, and what was asked of them."""

    def __init__(self) -> None:
        self.now = START
        self.answers: dict[str, Answer | NoAnswer | Exception] = {}
        self.asked: asyncio.Queue[tuple[str, Sequence[Oid]]] = asyncio.Queue()
        self.changes: list[tuple[int, Change]] = []
        self.seen = NOBODY
        self.broken = False
        self.hold: asyncio.Event | None = None

    async def poll(self, target: Target, oids: Sequence[Oid]) -> Answer | NoAnswer:
        self.asked.put_nowait((target.address, oids))
        answer = self.answers[target.address]
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def take(self, one: Watched, health: Health, changes: tuple[Change, ...]) -> None:
        if self.broken:
            raise TimeoutError("store busy")
        self.changes += [(one.id, change) for change in changes]

    def poller(self, *watched: Watched, every: float = 60.0) -> Poller:
        made = Poller(
            poll=self.poll, seen=lambda _: self.seen, on_change=self.take, now=lambda: self.now, every=every
        )
        made.watch({one.id: one for one in watched}, {})
        return made

    async def turns(self, poller: Poller, device_id: int, times: int) -> None:
        for _ in range(times):
            await poller.turn(device_id)
            self.now += timedelta(minutes=1)

    def kinds(self) -> list[ChangeKind]:
        return [change.kind for _, change in self.changes]


def watched(number: int, maker: str = "yealink", *, snmp: bool = True) -> Watched:
    target = Target(address=f"127.0.0.{number}", version=SnmpVersion.V2C, secret="s") if snmp else None
    return Watched(id=number, name=str(number), target=target, asked=Asked(maker=maker, model="MP-112", ports=(1,)))


def up(ticks: int = 1000) -> Answer:
    return {UPTIME: Value(kind=Kind.TICKS, content=ticks)}


GONE = NoAnswer(why="no answer")


async def test_three_turns_without_an_answer_are_told_once_and_so_is_the_way_back() -> None:
    field = Field()
    field.answers["127.0.0.1"] = up()
    poller = field.poller(watched(1))
    await field.turns(poller, 1, 1)
    field.answers["127.0.0.1"] = GONE
    await field.turns(poller, 1, 5)
    assert poller.health[1].state is State.DOWN
    field.answers["127.0.0.1"] = up(7000)
    await field.turns(poller, 1, 2)
    assert field.kinds() == [ChangeKind.WENT_DOWN, ChangeKind.CAME_BACK]


async def test_what_could_not_be_written_is_news_again_at_the_next_turn() -> None:
    field = Field()
    field.answers["127.0.0.1"] = up()
    poller = field.poller(watched(1))
    await field.turns(poller, 1, 1)
    field.answers["127.0.0.1"], field.broken = GONE, True
    await field.turns(poller, 1, 4)
    assert (field.changes, poller.health[1].down, poller.counts["failed"]) == ([], False, 2)
    field.broken = False
    await field.turns(poller, 1, 2)
    assert field.kinds() == [ChangeKind.WENT_DOWN]


async def test_a_poll_that_raises_harms_no_other_device() -> None:
    field = Field()
    field.answers |= {"127.0.0.1": RuntimeError("no such thing"), "127.0.0.2": up()}
    poller = field.poller(watched(1), watched(2))
    await asyncio.gather(poller.turn(1), poller.turn(2))
    assert poller.health[1] == UNHEARD
    assert poller.health[2].state is State.HEALTHY


async def test_a_strange_answer_is_no_miss() -> None:
    field = Field()
    field.answers["127.0.0.1"] = {UPTIME: Value(kind=Kind.STRING, content="soon")}
    poller = field.poller(watched(1))
    await field.turns(poller, 1, 4)
    assert poller.health[1].state is State.HEALTHY
    assert [str(one) for one in poller.problems[1]] == [
        f"{UPTIME}: found OCTET STRING 'soon', expected TimeTicks, hundredths of a second"
    ]
    assert poller.counts["problems"] == 1  # logged once, not every minute


async def test_without_a_target_registrations_alone_decide() -> None:
    field = Field()
    field.seen = Registrations(ports={1: Registration(registered=True, since=START)})
    poller = field.poller(watched(1, snmp=False))
    await field.turns(poller, 1, 1)
    field.seen = Registrations(ports={1: Registration(registered=False, since=field.now)})
    await field.turns(poller, 1, 3)
    assert field.changes == []
    await field.turns(poller, 1, 1)
    assert field.kinds() == [ChangeKind.WENT_DOWN]
    assert field.asked.empty()


async def test_a_turn_under_way_is_not_begun_again() -> None:
    field = Field()
    field.answers["127.0.0.1"], field.hold = up(), asyncio.Event()
    poller = field.poller(watched(1))
    slow = asyncio.create_task(poller.turn(1))
    await field.asked.get()
    await poller.turn(1)
    field.hold.set()
    await slow
    assert poller.counts["turns"] == 1


async def test_an_answer_from_a_device_that_was_taken_back_meanwhile_is_dropped() -> None:
    field = Field()
    field.answers["127.0.0.1"], field.hold = up(), asyncio.Event()
    poller = field.poller(watched(1))
    turn = asyncio.create_task(poller.turn(1))
    await field.asked.get()
    poller.watch({}, {})
    field.hold.set()
    await turn
    assert poller.health == {}


async def test_a_gateway_is_surveyed_anew_after_a_restart() -> None:
    field = Field()
    poller = field.poller(watched(1, "audiocodes"))
    field.answers["127.0.0.1"] = {**up(9000), f"{IF_TYPE}.3": Value(kind=Kind.INTEGER, content=102)}
    await field.turns(poller, 1, 2)
    field.answers["127.0.0.1"] = up(10)
    await field.turns(poller, 1, 2)
    asked = [field.asked.get_nowait()[1][1] for _ in range(4)]
    assert asked == [f"{IF_TYPE}.1", f"{IF_OPER}.3", f"{IF_OPER}.3", f"{IF_TYPE}.1"]
    assert field.kinds() == [ChangeKind.RESTARTED]


async def test_everybody_has_a_turn_and_one_that_never_answers_costs_the_others_none() -> None:
    field = Field()
    field.answers |= {f"127.0.0.{number}": up() for number in range(1, 21)}
    never = asyncio.Event()

    async def poll(target: Target, oids: Sequence[Oid]) -> Answer | NoAnswer:
        answer = await field.poll(target, oids)
        if target.address == "127.0.0.7":
            await never.wait()
        return answer

    made = Poller(poll=poll, seen=lambda _: NOBODY, on_change=field.take, now=lambda: field.now, every=0.05)
    made.watch({number: watched(number) for number in range(1, 21)}, {})
    running = asyncio.create_task(made.run())
    asked = Counter[str]()
    async with asyncio.timeout(30):
        while len(asked) < 20 or min(count for one, count in asked.items() if one != "127.0.0.7") < 3:
            asked[(await field.asked.get())[0]] += 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert asked["127.0.0.7"] == 1


async def test_a_hinted_device_is_polled_at_once() -> None:
    field = Field()
    field.answers |= {f"127.0.0.{number}": up() for number in (1, 2)}
    poller = field.poller(watched(1), watched(2), every=1_000_000.0)
    running = asyncio.create_task(poller.run())
    poller.hint(2)
    poller.hint(2)
    poller.hint(99)
    async with asyncio.timeout(5):
        assert (await field.asked.get())[0] == "127.0.0.2"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert field.asked.empty()
    assert poller.counts["hints"] == 1


async def test_a_registration_is_looked_at_at_once_without_a_poll() -> None:
    field = Field()
    field.answers["127.0.0.1"] = up()
    poller = field.poller(watched(1), every=1_000_000.0)
    field.seen = Registrations(ports={1: Registration(registered=True, since=START)})
    running = asyncio.create_task(poller.run())
    poller.hint(1, ask=False)
    await until(lambda: poller.health[1].state is State.HEALTHY, 20, "a registration looked at")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert field.asked.empty()
