"""The verbs of a conversation: ring, answer, say, hear, ask, choose, confirm, go on, hang up.

They own what every menu has in common (services §5): keys dialled while a prompt plays stop it and are kept, 10 s
for the first key and 5 s for each that follows, three tries, `*` one step back. Keys may be a PIN: nothing here
logs one, or puts one into a message.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog

from agi.ari.errors import Gone, Refused
from agi.ari.inbox import Inbox
from agi.ari.messages import (
    CallEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    PlaybackFinished,
    StasisEnd,
)
from agi.menu import BACK, Complete, Incomplete, Invalid, Matcher, Menu, one_of

log = structlog.get_logger()

T = TypeVar("T")
C = TypeVar("C")

TRIES = 3
NORMAL_CLEARING = 16  # Q.850

_SOUND_LIMIT = 20.0
"""Seconds a prompt may play: only where a lost connection swallowed the news of its end is it waited for in vain."""

_KEPT = 64
"""Keys typed ahead; who dials more without listening is no subscriber."""


class Hangup(Exception):
    """The caller has hung up: what was not confirmed is not done."""


class NoInput(Exception):
    """Three wrong or missing answers to one question."""


class GoneOn(Exception):
    """The call goes on in the dialplan, and the conversation is over."""


class Back(Exception):
    """`*`: one step back. `choose` takes it and asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds."""

    first: float = 10.0
    between: float = 5.0


class Channels(Protocol):
    """The part of agi.ari.verbs that a conversation needs."""

    async def ring(self, channel_id: str) -> None: ...
    async def answer(self, channel_id: str) -> None: ...
    async def hangup(self, channel_id: str, cause: int) -> None: ...
    async def play(self, channel_id: str, *media: str, language: str | None = None) -> str: ...
    async def stop_playback(self, playback_id: str) -> None: ...
    async def continue_(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None: ...


class Call:
    """One answered call. Every verb raises Hangup once the caller has gone, and AriError."""

    def __init__(
        self, ari: Channels, channel_id: str, events: Inbox, language: str, patience: Patience | None = None
    ) -> None:
        """`language` is that of the prompts: ja or en."""
        self.id = channel_id
        self.language = language
        self._ari, self._events = ari, events
        self._patience = patience or Patience()
        self._keys: deque[str] = deque()
        self._playing: set[str] = set()

    async def ring(self, seconds: float) -> None:
        """Rings before the answer. Raises Hangup when the caller gave up within that time."""
        await self._asked(self._ari.ring(self.id))
        deadline = asyncio.get_running_loop().time() + seconds
        while await self._next(deadline - asyncio.get_running_loop().time()):
            pass

    async def answer(self) -> None:
        await self._asked(self._ari.answer(self.id))

    async def go_on(self, context: str, extension: str, variables: Mapping[str, str]) -> None:
        """In the dialplan, in the language of the conversation: then there is nothing more to ask of this call."""
        spoken = {"CHANNEL(language)": self.language}
        await self._asked(
            self._ari.continue_(
                self.id, context=context, extension=extension, priority=1, variables={**variables, **spoken}
            )
        )

    async def hang_up(self) -> None:
        await self._ari.hangup(self.id, NORMAL_CLEARING)

    async def say(self, *prompts: str) -> None:
        """To the end, whatever is typed meanwhile; the keys are kept."""
        playback = await self._play(prompts)
        while playback in self._playing and await self._next(_SOUND_LIMIT * len(prompts)):
            pass

    async def hear(self, *prompts: str) -> None:
        """To the end, unless a key is typed: then Back, and any key but `*` is kept as an answer there."""
        await self._prompt(prompts)
        if self._keys:
            if self._keys[0] == BACK:
                self._keys.popleft()
            raise Back

    async def sorry(self, *prompts: str) -> None:
        """Why something cannot be. What was typed ahead was meant for what would have come, and is forgotten."""
        self._drain()
        self._keys.clear()
        await self._prompt(prompts)

    async def ask(self, prompts: str | Sequence[str], matcher: Matcher[T], *, tries: int = TRIES) -> T:
        """The value keyed. Raises Back for `*`, NoInput after `tries` wrong or missing answers."""
        asked = (prompts,) if isinstance(prompts, str) else tuple(prompts)
        for _ in range(tries - 1):
            answer = await self._answer(asked, matcher)
            if isinstance(answer, Complete):
                return answer.value
            await self.sorry(answer.say)
        answer = await self._answer(asked, matcher)
        if isinstance(answer, Complete):
            return answer.value
        raise NoInput

    async def choose(self, menu: Menu[Callable[[C], Awaitable[None]]], context: C) -> None:
        """Asks for a key of the menu and does what it stands for; asks again when that comes Back."""
        while True:
            key = await self.ask(menu.prompt, one_of(menu.actions))
            try:
                return await menu.actions[key](context)
            except Back:
                continue

    async def confirm(self, *prompts: str) -> None:
        """Reads back; returns when 1 was keyed. Raises Back for `*`, which takes nothing as confirmed."""
        await self.ask((*prompts, "confirm"), one_of("1"))

    async def enter(self, prompt: str, matcher: Matcher[T], read_back: Callable[[T], Sequence[str]]) -> T:
        """Asks, reads back and has it confirmed; `*` at the confirmation asks again."""
        while True:
            value = await self.ask(prompt, matcher)
            try:
                await self.confirm(*read_back(value))
            except Back:
                continue
            return value

    # ---- keys -----------------------------------------------------------------------------------------------

    async def _answer(self, prompts: Sequence[str], matcher: Matcher[T]) -> "Complete[T] | Invalid":
        """Plays and collects until the matcher has made up its mind. Raises Back."""
        await self._prompt(prompts)
        typed = ""
        while True:
            key = await self._key(self._patience.between if typed else self._patience.first)
            if key is None:
                return Invalid(say="no-input")
            if key == BACK:
                raise Back
            typed += key
            match = matcher(typed)
            if not isinstance(match, Incomplete):
                return match

    async def _key(self, seconds: float) -> str | None:
        """The next key, typed ahead or now; None when none came in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self._keys:
            if not await self._next(deadline - asyncio.get_running_loop().time()):
                return None
        return self._keys.popleft()

    # ---- sound ----------------------------------------------------------------------------------------------

    async def _prompt(self, prompts: Sequence[str]) -> None:
        """A prompt that nobody waits for is not played; one that is typed over stops."""
        self._drain()
        if self._keys:
            return
        playback = await self._play(prompts)
        while playback in self._playing and await self._next(_SOUND_LIMIT * len(prompts)):
            if self._keys:
                self._playing.discard(playback)
                await self._asked(self._ari.stop_playback(playback))

    async def _play(self, prompts: Sequence[str]) -> str:
        media = [f"sound:denwaban/{prompt}" for prompt in prompts]
        playback = await self._asked(self._ari.play(self.id, *media, language=self.language))
        self._playing.add(playback)
        return playback

    async def _asked(self, request: Awaitable[T]) -> T:
        """A caller who hung up a moment ago is told of by Asterisk's refusal before by its events."""
        try:
            return await request
        except Refused as error:
            if error.status in (404, 409, 412):
                raise Hangup from error
            raise

    # ---- events ---------------------------------------------------------------------------------------------

    async def _next(self, seconds: float) -> bool:
        """Takes in one event; False when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                event = await self._events.get()
        except TimeoutError:
            return False
        except Gone as gone:
            raise Hangup from gone
        self._take(event)
        return True

    def _drain(self) -> None:
        while (event := self._events.get_nowait()) is not None:
            self._take(event)

    def _take(self, event: CallEvent) -> None:
        if isinstance(event, ChannelDtmfReceived):
            if len(self._keys) < _KEPT:
                self._keys.append(event.digit)
        elif isinstance(event, PlaybackFinished):
            self._playing.discard(event.playback.id)
            if event.playback.state == "failed":
                log.warning("prompt not played", media=event.playback.media_uri, language=self.language)
        elif isinstance(event, ChannelHangupRequest | StasisEnd | ChannelDestroyed):
            raise Hangup
