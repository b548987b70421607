"""The verbs of a conversation on the wire format of Asterisk's ARI."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from agi.ari.client import Arrival
from agi.call import Back, Call, Hangup, NoInput, Patience
from agi.menu import Complete, Menu, digits, ended, one_of
from tests.agi.ari.conftest import Running, client
from tests.fakes.ari import FakeAri

SHORT = Patience(first=0.05, between=0.05)
LONG = Patience(first=5, between=5)


@dataclass
class Stage:
    """A caller on the fake Asterisk. `heard` lists what was played, one tuple of prompts for each playback."""

    fake: FakeAri
    running: Running
    found: dict[str, object] = field(default_factory=dict)

    async def play(self, conversation: Callable[[Call], Awaitable[object]], patience: Patience = LONG) -> None:
        """Begins the conversation; its result, or what it raised, is in `found`."""

        async def flow(arrival: Arrival) -> None:
            call = Call(self.running.ari, arrival.channel.id, arrival.events, "ja", patience)
            try:
                self.found["result"] = await conversation(call)
            except (Back, Hangup, NoInput) as ended:
                self.found["result"] = type(ended)

        self.running.flow = flow  # type: ignore[method-assign]
        await self.fake.enter("c1", "menu")
        await self.running.arrival()

    async def result(self) -> object:
        await self.running.ended()
        return self.found["result"]

    @property
    def heard(self) -> list[tuple[str, ...]]:
        return [
            tuple(media.removeprefix("sound:denwaban/") for media in params["media"])
            for _, uri, params in self.fake.requests
            if "/play/" in uri
        ]

    async def until_heard(self, playbacks: int) -> None:
        await self.fake.until(lambda: len(self.heard) >= playbacks and self.fake.playing)

    async def dial(self, keys: str) -> None:
        for key in keys:
            await self.fake.digit("c1", key)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with FakeAri() as fake:
        running = Running(client(fake))
        running.start()
        await running.connection()
        yield Stage(fake, running)
        await running.stop()


def number(typed: str) -> Complete[str]:
    return Complete(typed)


async def test_prompts_are_played_in_the_language_of_the_line(stage: Stage) -> None:
    await stage.play(lambda call: call.say("goodbye"))
    await stage.result()
    assert stage.heard == [("goodbye",)]
    assert [params["lang"] for _, uri, params in stage.fake.requests if "/play/" in uri] == ["ja"]


async def test_a_key_stops_the_prompt_and_is_the_answer(stage: Stage) -> None:
    stage.fake.lasting = True
    await stage.play(lambda call: call.ask("select-menu", one_of("28")))
    await stage.until_heard(1)
    await stage.dial("8")
    assert await stage.result() == "8"
    assert stage.fake.playing == {}


async def test_keys_typed_ahead_answer_what_is_asked_later_without_its_prompt(stage: Stage) -> None:
    stage.fake.lasting = True

    async def two(call: Call) -> tuple[str, str]:
        return await call.ask("forward-menu", one_of("4")), await call.ask("forward-list-menu", one_of("01"))

    await stage.play(two)
    await stage.until_heard(1)
    await stage.dial("40")
    assert await stage.result() == ("4", "0")
    assert stage.heard == [("forward-menu",)]


async def test_what_is_said_is_heard_to_its_end_and_keys_typed_meanwhile_are_kept(stage: Stage) -> None:
    stage.fake.lasting = True

    async def say_then_ask(call: Call) -> str:
        await call.say("forward-stopped")
        return await call.ask("forward-menu", one_of("0"))

    await stage.play(say_then_ask)
    await stage.until_heard(1)
    await stage.dial("0")
    [playback] = stage.fake.playing
    await stage.fake.finish(playback)
    assert await stage.result() == "0"
    assert stage.heard == [("forward-stopped",)]


async def test_a_number_is_collected_up_to_its_hash(stage: Stage) -> None:
    await stage.play(lambda call: call.ask("forward-enter-target", ended(number)))
    await stage.dial("09011112222#")
    assert await stage.result() == "09011112222"


async def test_a_wrong_answer_is_told_and_asked_again(stage: Stage) -> None:
    await stage.play(lambda call: call.ask("select-menu", one_of("2")))
    await stage.dial("7")
    await stage.fake.until(lambda: len(stage.heard) == 3)
    await stage.dial("2")
    assert await stage.result() == "2"
    assert stage.heard == [("select-menu",), ("wrong-choice",), ("select-menu",)]


async def test_what_was_typed_after_a_wrong_key_is_forgotten(stage: Stage) -> None:
    stage.fake.lasting = True

    async def say_then_ask(call: Call) -> str:
        await call.say("remote-on")
        return await call.ask("remote-enter-new-pin", digits(4, 8, "remote-pin-length"))

    await stage.play(say_then_ask)
    await stage.until_heard(1)
    await stage.dial("12#1111#")
    [said] = stage.fake.playing
    await stage.fake.finish(said)
    await stage.until_heard(2)
    assert stage.heard[1] == ("remote-pin-length",)
    await stage.dial("2222#")
    assert await stage.result() == "2222"


async def test_three_wrong_answers_end_it(stage: Stage) -> None:
    stage.fake.lasting = True
    await stage.play(lambda call: call.ask("select-menu", one_of("2")))
    for playback in (1, 2, 3, 4, 5):
        await stage.until_heard(playback)
        if stage.heard[-1] == ("select-menu",):
            await stage.dial("5")
        else:
            [sorry] = stage.fake.playing
            await stage.fake.finish(sorry)
    assert await stage.result() is NoInput
    assert stage.heard.count(("select-menu",)) == 3


async def test_three_silences_end_it(stage: Stage) -> None:
    await stage.play(lambda call: call.ask("select-menu", one_of("2")), SHORT)
    assert await stage.result() is NoInput
    assert stage.heard == [("select-menu",), ("no-input",), ("select-menu",), ("no-input",), ("select-menu",)]


async def test_a_number_without_its_hash_is_a_missing_answer(stage: Stage) -> None:
    await stage.play(lambda call: call.ask("forward-enter-target", ended(number)), SHORT)
    await stage.dial("090")
    assert await stage.result() is NoInput
    assert ("no-input",) in stage.heard


async def test_star_is_one_step_back_also_in_the_middle_of_a_number(stage: Stage) -> None:
    await stage.play(lambda call: call.ask("forward-enter-target", ended(number)))
    await stage.dial("090*")
    assert await stage.result() is Back


async def test_back_from_an_action_asks_its_menu_again(stage: Stage) -> None:
    async def back(_: None) -> None:
        raise Back

    async def done(_: None) -> None:
        return None

    await stage.play(lambda call: call.choose(Menu(prompt="request-menu", actions={"1": back, "0": done}), None))
    await stage.dial("10")
    assert await stage.result() is None


async def test_star_at_the_confirmation_asks_for_the_value_again(stage: Stage) -> None:
    def read_back(value: str) -> tuple[str, ...]:
        return (f"digit-{value}",)

    await stage.play(lambda call: call.enter("forward-choose-entry", one_of("1234"), read_back))
    await stage.dial("2*31")
    assert await stage.result() == "3"


@pytest.mark.parametrize("keys", ["2", "0", "#"])
async def test_only_1_confirms(stage: Stage, keys: str) -> None:
    await stage.play(lambda call: call.confirm("nuisance-confirm-add"), SHORT)
    await stage.dial(keys)
    assert await stage.result() is NoInput


async def test_a_list_that_is_read_out_stops_at_a_key_which_answers_the_menu(stage: Stage) -> None:
    stage.fake.lasting = True

    async def hear(call: Call) -> None:
        await call.hear("select-count-is", "count-0", "is-suffix")

    async def ended_by(_: Call) -> None:
        return None

    async def talk(call: Call) -> None:
        await call.choose(Menu(prompt="select-menu", actions={"8": hear, "3": ended_by}), call)

    await stage.play(talk)
    await stage.until_heard(1)
    await stage.dial("8")
    await stage.until_heard(2)
    await stage.dial("3")
    assert await stage.result() is None
    assert stage.heard == [("select-menu",), ("select-count-is", "count-0", "is-suffix")]


async def test_a_caller_who_hangs_up_ends_it_wherever_it_is(stage: Stage) -> None:
    stage.fake.lasting = True
    await stage.play(lambda call: call.confirm("nuisance-confirm-add"))
    await stage.until_heard(1)
    await stage.fake.leave("c1")
    assert await stage.result() is Hangup


async def test_a_caller_who_hung_up_while_asterisk_was_asked_has_hung_up(stage: Stage) -> None:
    async def late(call: Call) -> None:
        del stage.fake.channels["c1"]
        await call.say("goodbye")

    await stage.play(late)
    assert await stage.result() is Hangup


async def test_keys_without_end_do_not_fill_the_memory(stage: Stage) -> None:
    stage.fake.lasting = True
    asked: list[int] = []

    async def talk(call: Call) -> None:
        await call.say("forward-stopped")
        asked.append(len(call._keys))

    await stage.play(talk)
    await stage.until_heard(1)
    for _ in range(200):
        before = stage.running.ari.counts["events"]
        await stage.fake.digit("c1", "5")
        while stage.running.ari.counts["events"] == before:  # noqa: ASYNC110 - the client tells nobody else
            await asyncio.sleep(0)
    [playback] = stage.fake.playing
    await stage.fake.finish(playback)
    await stage.result()
    assert asked == [64]


async def test_no_key_is_in_what_a_call_logs(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    await stage.play(lambda call: call.ask("remote-enter-pin", digits(4, 8, "remote-pin-length")), SHORT)
    await stage.dial("98")
    assert await stage.result() is NoInput
    said = capsys.readouterr()
    assert "98" not in said.out + said.err


async def test_a_conversation_goes_on_when_the_end_of_a_prompt_was_lost(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agi.call._SOUND_LIMIT", 0.05)
    stage.fake.lasting = True
    await stage.play(lambda call: call.say("goodbye"))
    await asyncio.wait_for(stage.result(), 5)
    assert stage.heard == [("goodbye",)]
