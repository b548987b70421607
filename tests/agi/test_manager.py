"""The manager interface under the faults that were measured in panoramisk 1.4, and the verbs on top of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from agi.ami_wire import Disconnected, NotConnected, Refused, StateChange, TimedOut
from agi.manager import Manager
from dialplan.errors import BadValue
from tests.fakes.ami import FakeAmi, fake_ami


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with fake_ami() as fake:
        yield fake


def manager_of(ami: FakeAmi, **more: Any) -> Manager:
    settings = {"secret": "right", "seconds": 2.0, "chance": lambda: 0.0, **more}
    return Manager(host="127.0.0.1", port=ami.port, user="denwaban", **settings)


@contextlib.asynccontextmanager
async def running(manager: Manager, *, connected: bool = True) -> AsyncIterator[Manager]:
    task = asyncio.create_task(manager.run())
    try:
        async with asyncio.timeout(10):
            if connected:
                await manager.wait_connected()
            yield manager
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def collector() -> tuple[asyncio.Queue[Mapping[str, str]], Callable[[Mapping[str, str]], Awaitable[None]]]:
    found: asyncio.Queue[Mapping[str, str]] = asyncio.Queue()

    async def heard(event: Mapping[str, str]) -> None:
        found.put_nowait(event)

    return found, heard


async def test_a_character_split_across_segments_arrives_whole(ami: FakeAmi) -> None:
    """panoramisk 1.4 drops it."""
    found, heard = collector()
    manager = manager_of(ami)
    manager.on_user_event("Probe", heard)
    async with running(manager):
        data = "Event: UserEvent\r\nUserEvent: Probe\r\nName: 電話番\r\n\r\n".encode()
        for place in range(len(data)):
            ami.say(data[place : place + 1])
            await asyncio.sleep(0)  # lets the transport write what it has, and the other end read it
        assert (await found.get())["Name"] == "電話番"


async def test_an_exception_in_a_callback_loses_neither_the_connection_nor_the_batch(ami: FakeAmi) -> None:
    """panoramisk 1.4 loses both."""
    found, heard = collector()

    async def fails(event: Mapping[str, str]) -> None:
        raise RuntimeError("no such handset")

    manager = manager_of(ami)
    manager.on_user_event("Bad", fails)
    manager.on_user_event("Bad", heard)
    manager.on_user_event("Good", heard)
    async with running(manager):
        with capture_logs() as logs:
            ami.say(
                b"Event: UserEvent\r\nUserEvent: Bad\r\n\r\n"
                b"Event: UserEvent\r\nEvent: Twice\r\nUserEvent: Bad\r\n\r\n"  # raises inside panoramisk itself
                b"Event: UserEvent\r\nUserEvent: Good\r\n\r\n"
            )
            assert [(await found.get())["UserEvent"] for _ in range(2)] == ["Bad", "Good"]
        assert await manager.command("core show version") == ["Asterisk 22.10.1", "通話: 2"]
        assert manager.failed == 2
        assert sorted(entry["event"] for entry in logs) == ["ami callback failed", "ami message failed"]
    assert ami.logins.qsize() == 1


async def test_events_reach_their_callback_in_the_order_they_were_sent(ami: FakeAmi) -> None:
    states: asyncio.Queue[str] = asyncio.Queue()

    async def heard(change: StateChange) -> None:
        if change.state == "Reachable":
            await asyncio.sleep(0)
        states.put_nowait(change.state)

    manager = manager_of(ami)
    manager.on_state(heard)
    async with running(manager):
        for state in ("Reachable", "Unreachable", "Removed"):
            ami.event(Event="ContactStatus", URI="sip:x", ContactStatus=state, AOR="a", EndpointName="a")
        assert [await states.get() for _ in range(3)] == ["Reachable", "Unreachable", "Removed"]


async def test_a_refused_login_waits_longer_each_time_and_names_the_user(
    ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """panoramisk 1.4 tries again in a tight loop."""
    pauses: asyncio.Queue[float] = asyncio.Queue()
    real = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds >= 1:
            pauses.put_nowait(seconds)
            seconds = 0
        await real(seconds)

    monkeypatch.setattr("agi.manager.asyncio.sleep", noted)
    manager = manager_of(ami, secret="wrong", login_pause=5.0)
    with capture_logs() as logs:
        async with running(manager, connected=False):
            assert [await pauses.get() for _ in range(5)] == [5.0, 10.0, 20.0, 40.0, 60.0]
            ami.secret = "wrong"  # what the operator then corrects
            await manager.wait_connected()
    refusals = [entry for entry in logs if entry["event"] == "ami login refused"]
    assert "user 'denwaban' refused (Authentication failed)" in refusals[0]["why"]
    assert len(refusals) == manager.refused_logins >= 5
    assert "wrong" not in str(refusals)


async def test_a_login_answered_by_an_asterisk_that_is_stopping_is_no_reason_to_wait_long(ami: FakeAmi) -> None:
    ami.leaving = True
    async with running(manager_of(ami, login_pause=60.0), connected=False) as manager:
        for _ in range(3):
            assert not await ami.logins.get()
        ami.leaving = False
        await manager.wait_connected()
        assert manager.refused_logins == 0


async def test_a_server_that_is_not_there_yet_is_found_when_it_comes(ami: FakeAmi) -> None:
    await ami.stop()
    with capture_logs() as logs:
        async with running(manager_of(ami), connected=False) as manager:
            while not logs:  # noqa: ASYNC110  (the first refusal's log line)
                await asyncio.sleep(0)
            with pytest.raises(NotConnected):
                await manager.command("core show version")
            await ami.start(ami.port)
            await manager.wait_connected()
            assert await manager.routes() == {}
    assert [entry["event"] for entry in logs][:2] == ["ami not connected", "ami connected"]


async def test_after_a_lost_connection_it_logs_in_again_and_says_so(ami: FakeAmi) -> None:
    greeted: asyncio.Queue[int] = asyncio.Queue()
    manager = manager_of(ami)

    async def greet() -> None:
        await manager.put_routes("0312345678", {"any": "{}"})
        greeted.put_nowait(1)

    manager.on_connected(greet)
    async with running(manager):
        await greeted.get()
        ami.astdb.clear()
        ami.drop()
        await greeted.get()
        assert ami.astdb == {("route", "0312345678/any"): "{}"}
        assert ami.logins.qsize() == 2


async def test_a_write_cut_off_by_a_lost_connection_fails_and_is_never_sent_again(ami: FakeAmi) -> None:
    """panoramisk 1.4 sends it again once logged in, over whatever was written since."""
    ami.deaf_ends.add("DBPut")
    async with running(manager_of(ami)) as manager:
        with pytest.raises(Disconnected, match="DBPut"):
            await manager.put_routes("0312345678", {"any": "old"})
        ami.deaf_ends.clear()
        await manager.wait_connected()
        await manager.put_routes("0312345678", {"any": "new"})
        ami.event(Event="FullyBooted", Status="Fully Booted")
        assert await manager.routes() == {"0312345678": {"any": "new"}}
    assert [each["Val"] for each in ami.asked if each["Action"] == "DBPut"] == ["old", "new"]


async def test_an_answer_that_never_comes_ends_in_its_time_and_is_forgotten(ami: FakeAmi) -> None:
    ami.silent.add("Reload")
    async with running(manager_of(ami, seconds=0.1)) as manager:
        with pytest.raises(TimedOut, match="Reload"):
            await manager.reload("res_pjsip.so")
        assert manager._link is not None
        assert manager._link.protocol.responses == {}
        assert await manager.routes() == {}


async def test_a_server_that_stops_answering_pings_is_left(ami: FakeAmi) -> None:
    ami.silent.add("Ping")
    async with running(manager_of(ami, seconds=0.05, ping_every=0.01)):
        for _ in range(2):
            assert await ami.logins.get()


async def test_the_copies_of_a_number_are_written_read_and_forgotten(ami: FakeAmi) -> None:
    async with running(manager_of(ami)) as manager:
        await manager.put_routes("0312345678", {"any": '{"say":"日本"}', "withheld": "w", "-09011112222": "n"})
        await manager.put_routes("0312345679", {"any": "{}"})
        assert await manager.routes() == {
            "0312345678": {"any": '{"say":"日本"}', "withheld": "w", "-09011112222": "n"},
            "0312345679": {"any": "{}"},
        }
        for _ in range(2):
            await manager.put_routes("0312345678", {})
        assert await manager.routes() == {"0312345679": {"any": "{}"}}
        for _ in range(2):
            await manager.delete_all_routes()
        assert ami.astdb == {}


async def test_only_what_changed_of_a_number_is_written_and_what_is_gone_goes_last(ami: FakeAmi) -> None:
    async with running(manager_of(ami)) as manager:
        await manager.put_routes("01", {"any": "a", "withheld": "w", "09011112222": "x"})
        await manager.put_routes("011", {"any": "of another number"})
        ami.asked.clear()
        await manager.put_routes("01", {"any": "a", "withheld": "new"})
        assert await manager.routes() == {
            "01": {"any": "a", "withheld": "new"},
            "011": {"any": "of another number"},
        }
    writes = [(each["Action"], each["Key"]) for each in ami.asked if each["Action"] in ("DBPut", "DBDel")]
    assert writes == [("DBPut", "01/withheld"), ("DBDel", "01/09011112222")]


async def test_replacing_writes_what_changed_then_forgets_what_is_gone_then_says_complete(ami: FakeAmi) -> None:
    held = {"01/any": "same", "02/any": "old", "02/0901": "gone", "03": "of an older version", "04/any": "kept"}
    ami.astdb = {("route", key): route for key, route in held.items()}

    async def load() -> dict[str, dict[str, str]]:
        return {"01": {"any": "same"}, "02": {"any": "new"}, "04": {"any": "x" * 1000}, "05": {"any": "added"}}

    async with running(manager_of(ami)) as manager:
        problems = await manager.replace_routes(load)
        assert list(problems) == ["04/any"]
        assert await manager.routes() == {
            "01": {"any": "same"},
            "02": {"any": "new"},
            "04": {"any": "kept"},
            "05": {"any": "added"},
        }
        assert ami.astdb["survival", "complete"] == "1"
    writes = [(each["Action"], each["Key"]) for each in ami.asked if each["Action"] in ("DBPut", "DBDel")]
    assert writes == [
        ("DBPut", "02/any"),
        ("DBPut", "05/any"),
        ("DBDel", "02/0901"),
        ("DBDel", "03"),
        ("DBPut", "complete"),
    ]


async def test_a_change_made_during_a_replacement_is_not_overwritten_by_it(ami: FakeAmi) -> None:
    loading, go = asyncio.Event(), asyncio.Event()

    async def load() -> dict[str, dict[str, str]]:
        loading.set()
        await go.wait()
        return {"01": {"any": "before"}}

    async with running(manager_of(ami)) as manager:
        replacing = asyncio.create_task(manager.replace_routes(load))
        await loading.wait()
        putting = asyncio.create_task(manager.put_routes("01", {"any": "after"}))
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(replacing, putting)
        assert await manager.routes() == {"01": {"any": "after"}}


async def test_a_refusal_says_what_asterisk_said(ami: FakeAmi) -> None:
    async with running(manager_of(ami)) as manager:
        await manager.reload("res_pjsip.so")
        with pytest.raises(Refused, match="No such module"):
            await manager.reload("nope.so")
        with pytest.raises(Refused, match="No such command"):
            await manager.command("nope")


INJECTION = "x\r\nAction: Command\r\nCommand: core stop now"


@pytest.mark.parametrize(
    "verb",
    [
        lambda manager: manager.put_routes("0312345678", {"any": INJECTION}),
        lambda manager: manager.put_routes("0312345678", {INJECTION: "{}"}),
        lambda manager: manager.put_routes("0312345678", {"all": "{}"}),
        lambda manager: manager.put_routes("0312345678", {"": "{}"}),
        lambda manager: manager.put_routes(INJECTION, {"any": "{}"}),
        lambda manager: manager.put_routes("", {"any": "{}"}),
        lambda manager: manager.put_routes("03/1", {"any": "{}"}),
        lambda manager: manager.put_routes("0312345678", {"any": "x" * 996}),
        lambda manager: manager.reload(INJECTION),
        lambda manager: manager.command(INJECTION),
    ],
)
async def test_what_would_inject_a_header_or_overrun_a_line_is_refused_before_it_is_sent(
    ami: FakeAmi, verb: Callable[[Manager], Awaitable[object]]
) -> None:
    async with running(manager_of(ami)) as manager:
        with pytest.raises(BadValue):
            await verb(manager)
    assert [each["Action"] for each in ami.asked] == ["Login"]


def test_credentials_that_would_inject_a_header_are_refused() -> None:
    with pytest.raises(BadValue, match="AMI Secret"):
        Manager(host="127.0.0.1", port=1, user="denwaban", secret=INJECTION)
