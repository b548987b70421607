"""What a flow can ask of Asterisk, one short function each."""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from agi.ari.calls import Calls
from agi.ari.errors import AriError, Refused, Unavailable
from agi.ari.exchange import Response, judge
from agi.ari.link import Link
from agi.ari.messages import Channel, read_body

SLOW_SECONDS = 30.0


class _Application(msgspec.Struct, frozen=True):
    channel_ids: list[str]


class _Variable(msgspec.Struct, frozen=True):
    value: str


class Verbs:
    """Requests over the link. Every verb may raise Refused and Unavailable."""

    def __init__(self, link: Link, calls: Calls, *, app: str, base: str) -> None:
        self.app = app
        self._base = base
        self._link = link
        self._calls = calls
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str, uri: str, /, **params: Any) -> Response:
        """One REST request over the websocket; `uri` as `channels/1.2/answer`, `params` as its JSON body.

        Raises Refused (4xx), Unavailable (5xx, not connected, dropped, no answer in time) or TooLarge.
        """
        return await self._link.request([(method, uri, params)])[0]

    async def http_request(
        self, method: str, uri: str, /, *, timeout: float = SLOW_SECONDS, **params: Any
    ) -> Response:
        """The same over HTTP: for what is slow or large, since Asterisk serves one websocket's requests in turn.

        `timeout` in seconds. The body is returned as text, so this is not for fetching sound.
        """
        what = f"{method} {uri}"
        if self._session is None:
            raise Unavailable(what, "the client is not running")
        try:
            async with self._session.request(
                method,
                self._base + uri,
                json=params or None,
                timeout=aiohttp.ClientTimeout(total=timeout),
            ) as answer:
                outcome = judge(what, answer.status, answer.reason or "", await answer.text())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(what, str(error) or type(error).__name__) from error
        if isinstance(outcome, AriError):
            raise outcome
        return outcome

    async def ring(self, channel_id: str) -> None:
        await self.request("POST", f"{_channel(channel_id)}/ring")

    async def answer(self, channel_id: str) -> None:
        await self.request("POST", f"{_channel(channel_id)}/answer")

    async def hangup(self, channel_id: str, cause: int) -> None:
        """`cause` is a Q.850 cause. A channel that is gone already is what was wanted."""
        call = self._calls.get(channel_id)
        try:
            await self.request("DELETE", _channel(channel_id), reason_code=str(cause))
        except Refused as error:
            if error.status != 404:
                raise
        if call is not None:
            call.leaving = True

    async def continue_(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Back to the dialplan, with `variables` set before it goes on; without a place, the next priority.

        All frames are written at once (the hot path). When a variable is refused the channel has gone on
        without it, and Refused is raised.
        """
        call = self._calls.get(channel_id)
        path = _channel(channel_id)
        place = {"context": context, "extension": extension, "priority": priority, "label": label}
        where = {name: value for name, value in place.items() if value is not None}
        answers = self._link.request(
            [
                *(("POST", f"{path}/variable", {"variable": k, "value": v}) for k, v in (variables or {}).items()),
                ("POST", f"{path}/continue", where),
            ]
        )
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        if call is not None and isinstance(outcomes[-1], Response):
            call.leaving = True
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def set_variable(self, channel_id: str, name: str, value: str) -> None:
        await self.request("POST", f"{_channel(channel_id)}/variable", variable=name, value=value)

    async def get_variable(self, channel_id: str, name: str) -> str | None:
        """None when the channel has no such variable."""
        try:
            answer = await self.request("GET", f"{_channel(channel_id)}/variable", variable=name)
        except Refused as error:
            if error.status == 404 and error.reason == "Variable Not Found":
                return None
            raise
        return read_body(answer.body, _Variable).value

    async def play(self, channel_id: str, *media: str, language: str | None = None) -> str:
        """Start playing `sound:…` one after another; the playback's id, as in its PlaybackFinished.

        `language` of the files; None is the channel's own.
        """
        playback_id = uuid.uuid4().hex
        spoken = {"media": list(media)} | ({"lang": language} if language is not None else {})
        await self.request("POST", f"{_channel(channel_id)}/play/{playback_id}", **spoken)
        return playback_id

    async def stop_playback(self, playback_id: str) -> None:
        """A playback that has ended already is what was wanted."""
        try:
            await self.request("DELETE", f"playbacks/{quote(playback_id, safe='')}")
        except Refused as error:
            if error.status != 404:
                raise

    async def originate(
        self,
        endpoint: str,
        *,
        channel_id: str,
        other_channel_id: str,
        context: str,
        extension: str,
        caller: str,
        seconds: float,
        variables: Mapping[str, str],
    ) -> None:
        """Calls a Local `endpoint`; once answered it goes on in the dialplan.

        `channel_id` is its near half's identity and `other_channel_id` the far half's, which starts with the same
        `variables`. `seconds` is how long it may stay unanswered.
        """
        await self.request(
            "POST",
            "channels",
            endpoint=endpoint,
            channelId=channel_id,
            otherChannelId=other_channel_id,
            context=context,
            extension=extension,
            priority=1,
            callerId=caller,
            timeout=round(seconds),
            variables=dict(variables),
        )

    async def exists(self, channel_id: str) -> bool:
        try:
            await self.channel(channel_id)
        except Refused as error:
            if error.status != 404:
                raise
            return False
        return True

    async def channel(self, channel_id: str) -> Channel:
        answer = await self.request("GET", _channel(channel_id))
        return read_body(answer.body, Channel)

    async def channels_in_app(self) -> list[str]:
        """The ids of all channels in the application, waiting or being served."""
        answer = await self.request("GET", f"applications/{quote(self.app, safe='')}")
        return read_body(answer.body, _Application).channel_ids


def _channel(channel_id: str) -> str:
    return "channels/" + quote(channel_id, safe="")
