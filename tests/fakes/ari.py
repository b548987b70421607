"""A fake of Asterisk's ARI server: the wire format of 22.10 as seen on a real one, and faults on demand.

As the real one: serves one websocket's requests in turn, withholds what the event filter does not allow
(RESTResponse included), closes with 1009 above 65,535 bytes, keeps the application's channels and filter
while nobody is connected, and sends ApplicationReplaced to the connection another one displaces.
"""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import WSMsgType, web

USER, PASSWORD, APP = "den", "secret", "denwaban"


class FakeAri:
    def __init__(self) -> None:
        self.port = 0
        self.channels: dict[str, dict[str, Any]] = {}  # in the application
        self.variables: dict[tuple[str, str], str] = {}
        self.continued: dict[str, dict[str, Any]] = {}  # channel id → where it went on
        self.requests: list[tuple[str, str, Any]] = []  # method, uri, params
        self.counts: Counter[str] = Counter()
        self.connected = asyncio.Event()
        self.greeted = asyncio.Event()  # the client has asked which channels wait
        self.changed = asyncio.Condition()
        self.lasting = False  # playbacks last until they are stopped, or `finish` ends them
        self.playing: dict[str, str] = {}  # playback id → channel id
        # Faults
        self.status: dict[tuple[str, str], int] = {}  # (method, last path part) → answer this instead
        self.mute: set[tuple[str, str]] = set()  # carried out, never answered
        self.drop_on: set[tuple[str, str]] = set()  # the connection is cut instead of an answer; once
        self.gate = asyncio.Event()  # cleared: the server reads nothing
        self.gate.set()
        self.ws: web.WebSocketResponse | None = None
        self._allowed: set[str] | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Listen; on the same port as before if it was open once."""
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{uri:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening and cut the connection; channels stay."""
        self.gate.set()
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def cut(self) -> None:
        """End the connection without a goodbye."""
        if self.ws is not None and self.ws._req is not None and self.ws._req.transport is not None:
            self.ws._req.transport.abort()
        self.ws = None
        self.connected.clear()
        self.greeted.clear()

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for a state that requests bring about."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(true), 5)

    # What happens to calls

    def put(self, channel_id: str, *args: str) -> dict[str, Any]:
        """A channel is in the application, without anybody having been told."""
        self.channels[channel_id] = {
            "id": channel_id,
            "name": f"Local/{channel_id}@in;2",
            "state": "Ring",
            "protocol_id": "",
            "caller": {"name": "", "number": "0312345678"},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": "in",
                "exten": "111",
                "priority": 2,
                "app_name": "Stasis",
                "app_data": ",".join([APP, *args]),
            },
            "creationtime": "2026-11-20T20:23:47.722+0000",
            "language": "en",
        }
        return self.channels[channel_id]

    async def enter(self, channel_id: str, *args: str) -> None:
        channel = self.put(channel_id, *args)
        await self.event("StasisStart", args=list(args), channel=channel)

    async def leave(self, channel_id: str) -> None:
        channel = self.channels.pop(channel_id, None)
        if channel is not None:
            await self.event("StasisEnd", channel=channel)

    async def digit(self, channel_id: str, digit: str) -> None:
        channel = self.channels[channel_id]
        await self.event("ChannelDtmfReceived", digit=digit, duration_ms=100, channel=channel)

    async def finish(self, playback_id: str, state: str = "done") -> None:
        """The playback ends."""
        playback = {"id": playback_id, "target_uri": f"channel:{self.playing.pop(playback_id)}", "state": state}
        await self.event("PlaybackFinished", playback=playback)

    async def event(self, kind: str, **fields: Any) -> None:
        if self._allowed is not None and kind not in self._allowed:
            self.counts["withheld"] += 1
            return
        common = {"type": kind, "timestamp": "2026-11-20T20:23:47.722+0000", "application": APP}
        await self.raw(json.dumps(fields | common))

    async def raw(self, frame: str) -> None:
        if self.ws is not None and not self.ws.closed:
            await self.ws.send_str(frame)

    # Serving

    def _denied(self, request: web.Request) -> bool:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return request.headers.get("Authorization") != f"Basic {expected}"

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._denied(request):
            self.counts["denied"] += 1
            await self._tell()
            return web.json_response({"message": "Authentication required"}, status=401)
        assert request.query == {"app": APP, "subscribeAll": "false"}, request.query
        ws = web.WebSocketResponse(max_msg_size=65_535 + 1)
        await ws.prepare(request)
        if self.ws is not None and not self.ws.closed:
            await self.event("ApplicationReplaced")
        self.ws = ws
        self.counts["connections"] += 1
        self.connected.set()
        await self._tell()
        async for frame in ws:
            assert frame.type is WSMsgType.TEXT, frame
            await self.gate.wait()
            await self._rest(json.loads(frame.data))
            if self.ws is not ws:  # cut: what was sent after that is lost
                break
        return ws

    async def _rest(self, asked: dict[str, Any]) -> None:
        assert asked["type"] == "RESTRequest", asked
        params = json.loads(asked["message_body"]) if asked.get("message_body") else {}
        fault = (asked["method"], asked["uri"].split("?")[0].split("/")[-1])
        if fault in self.drop_on:
            self.drop_on.discard(fault)
            self.cut()
            return
        status, reason, body = await self._do(asked["method"], asked["uri"], params)
        if fault in self.mute:
            return
        answer = {
            "transaction_id": "",
            "request_id": asked["request_id"],
            "status_code": status,
            "reason_phrase": reason,
            "uri": asked["uri"].split("?")[0],
        }
        if body is not None:
            answer |= {"content_type": "application/json", "message_body": json.dumps(body)}
        await self.event("RESTResponse", **answer)

    async def _http(self, request: web.Request) -> web.Response:
        if self._denied(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        params = await request.json() if request.can_read_body else {}
        status, reason, body = await self._do(request.method, request.match_info["uri"], params)
        return web.json_response(body, status=status, reason=reason)

    async def _do(self, method: str, uri: str, params: dict[str, Any]) -> tuple[int, str, Any]:
        self.requests.append((method, uri, params))
        url = urlsplit(uri)
        params = {k: v[0] for k, v in parse_qs(url.query).items()} | params
        parts = [unquote(part) for part in url.path.split("/")]
        try:
            if (method, parts[-1]) in self.status:
                status = self.status[method, parts[-1]]
                return status, "Told To", {"message": "a fault of the test"}
            return await self._carry_out(method, parts, params)
        finally:
            await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _carry_out(self, method: str, parts: list[str], params: dict[str, Any]) -> tuple[int, str, Any]:
        match method, parts:
            case "PUT", ["applications", app, "eventFilter"] if app == APP:
                self._allowed = {entry["type"] for entry in params["allowed"]}
                return 200, "OK", {"name": APP}
            case "GET", ["applications", app] if app == APP:
                self.greeted.set()
                return 200, "OK", {"name": APP, "channel_ids": list(self.channels), "bridge_ids": []}
            case "DELETE", ["playbacks", playback_id] if playback_id in self.playing:
                await self.finish(playback_id)
                return 204, "No Content", None
            case "DELETE", ["playbacks", _]:
                return 404, "Not Found", {"message": "Playback not found"}
            case "POST", ["channels"]:
                return 200, "OK", {"id": params["channelId"]}
            case _, ["channels", channel_id, *rest] if channel_id in self.channels:
                return await self._on_channel(method, channel_id, rest, params)
            case _, ["channels", *_]:
                return 404, "Not Found", {"message": "Channel not found"}
        return 404, "Not Found", {"message": "Resource not found"}

    async def _on_channel(
        self, method: str, channel_id: str, rest: list[str], params: dict[str, Any]
    ) -> tuple[int, str, Any]:
        match method, rest:
            case "GET", []:
                return 200, "OK", self.channels[channel_id]
            case "DELETE", []:
                await self.event("ChannelHangupRequest", cause=32, soft=True, channel=self.channels[channel_id])
                await self.leave(channel_id)
                return 204, "No Content", None
            case "POST", ["ring"]:
                self.channels[channel_id]["state"] = "Ringing"
                return 204, "No Content", None
            case "POST", ["answer"]:
                self.channels[channel_id]["state"] = "Up"
                return 204, "No Content", None
            case "POST", ["continue"]:
                self.continued[channel_id] = params
                await self.leave(channel_id)
                return 204, "No Content", None
            case "POST", ["variable"]:
                self.variables[channel_id, params["variable"]] = params["value"]
                return 204, "No Content", None
            case "GET", ["variable"]:
                value = self.variables.get((channel_id, params["variable"]))
                if value is None:
                    return 404, "Variable Not Found", {"message": "Provided variable was not found"}
                return 200, "OK", {"value": value}
            case "POST", ["play", playback_id]:
                playback = {"id": playback_id, "target_uri": f"channel:{channel_id}", "state": "playing"}
                self.playing[playback_id] = channel_id
                await self.event("PlaybackStarted", playback=playback)
                if not self.lasting:
                    await self.finish(playback_id)
                return 201, "Created", playback | {"state": "queued"}
        return 405, "Method Not Allowed", None
