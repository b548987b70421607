"""The HTTP(S) server: GET and HEAD of one file, nothing else. Whoever gets none learns only that: 404."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog
from aiohttp import ETag
from aiohttp.web import BaseRequest, Response, StreamResponse

from dialplan.errors import BadValue
from provisioning.answers import Answers, Found
from provisioning.fetch import FetchStatus, Via
from provisioning.http.connection import Connection, Connections
from provisioning.http.path import parse_path
from provisioning.mac import Mac, parse_mac
from provisioning.notes import Note, Notes
from provisioning.serving import Request, Served
from store.engine import StoreBusy

log = structlog.get_logger(__name__)

MOST = 1000
"""Connections at once."""
PATIENCE = 15.0
"""Seconds for the whole head of a request, and for every 64 KB that are sent."""
_HANDSHAKE_SECONDS = 10.0
_CHUNK = 65_536
_HEADERS = {"Server": "denwaban", "X-Content-Type-Options": "nosniff"}


class HttpServer:
    """With `tls` it is HTTPS. Open it with `listen`, on several addresses if need be; `close` it."""

    def __init__(
        self,
        answers: Answers,
        notes: Notes,
        *,
        tls: ssl.SSLContext | None = None,
        most: int = MOST,
        patience: float = PATIENCE,
    ) -> None:
        self._answers, self._notes, self._tls = answers, notes, tls
        self._via = Via.HTTP if tls is None else Via.HTTPS
        self._connections = Connections(self._handle, most=most, patience=patience)
        self._servers: list[asyncio.Server] = []

    async def listen(self, host: str, port: int) -> int:
        """Returns the port listened on. Raises OSError."""
        handshake = None if self._tls is None else _HANDSHAKE_SECONDS
        server = await asyncio.get_running_loop().create_server(
            self._connections, host, port, ssl=self._tls, ssl_handshake_timeout=handshake, backlog=1024
        )
        self._servers.append(server)
        found: int = server.sockets[0].getsockname()[1]
        return found

    async def close(self, grace_seconds: float = 5.0) -> None:
        for server in self._servers:
            server.close()
        self._connections.pre_shutdown()
        await self._connections.shutdown(grace_seconds)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    async def _handle(self, request: BaseRequest) -> StreamResponse:
        if isinstance(request.protocol, Connection):
            request.protocol.alive()
        if request.method not in ("GET", "HEAD"):
            return Response(status=405, headers=_HEADERS | {"Allow": "GET, HEAD"})
        asked = parse_path(request.raw_path)
        wanted = Request(
            name=asked.name,
            address=request.remote or "",
            port=_port(request),
            via=self._via,
            agent=request.headers.get("User-Agent", ""),
            secret=asked.secret,
            certified=_certified(request),
        )
        try:
            found = await self._answers.find(wanted)
        except StoreBusy as busy:
            log.warning("http file not served", name=wanted.name, address=wanted.address, why=str(busy))
            return Response(status=503, headers=_HEADERS | {"Retry-After": "10"})
        fetch = found.note.fetch
        log.info(
            "http fetch",
            name=wanted.name,
            address=wanted.address,
            via=self._via.value,
            mac=None if fetch.mac is None else fetch.mac.colons,
            status=fetch.status.value,
            why=fetch.reason,
        )
        if found.file is None:
            self._notes.put(found.note)
            return Response(status=404, text="not found\n", headers=_HEADERS)
        return await self._send(request, found, found.file)

    async def _send(self, request: BaseRequest, found: Found, file: Served) -> StreamResponse:
        headers = _HEADERS | {
            "Content-Type": file.kind,
            "ETag": f'"{found.digest}"',
            # A copy may be kept, and is to be asked for again each time; nobody in between may keep one.
            "Cache-Control": "private, no-cache",
        }
        if _has(request.if_none_match, found.digest):
            self._nothing_sent(found, "not modified")
            return Response(status=304, headers=headers)
        if request.method == "HEAD":
            self._nothing_sent(found, "HEAD")
            return Response(headers=headers | {"Content-Length": str(len(file.data))})
        if isinstance(file.data, bytes):
            self._notes.put(found.note)
            return Response(body=file.data, headers=headers)
        return await self._stream(request, found, file.data, headers)

    async def _stream(
        self, request: BaseRequest, found: Found, data: memoryview, headers: dict[str, str]
    ) -> StreamResponse:
        response = StreamResponse(headers=headers | {"Content-Length": str(len(data))})
        sent = 0
        try:
            await response.prepare(request)
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                await response.write(bytes(chunk))
                sent += len(chunk)
                if isinstance(request.protocol, Connection):
                    request.protocol.alive()
            await response.write_eof()
        except (OSError, asyncio.CancelledError) as problem:
            reason = f"broken off: {problem}"
            fetch = replace(found.note.fetch, status=FetchStatus.FAILED, reason=reason, bytes=sent, digest=None)
            self._notes.put(Note(fetch=fetch))
            raise
        self._notes.put(found.note)
        return response

    def _nothing_sent(self, found: Found, reason: str) -> None:
        self._notes.put(replace(found.note, fetch=replace(found.note.fetch, bytes=0, reason=reason)))


def server_tls(certificate: Path, key: Path, client_ca: Path | None) -> ssl.SSLContext:
    """With `client_ca` a device may show its own certificate, and one that is not of that authority ends the
    connection. Raises BadValue for files that cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as problem:
        files = ", ".join(str(one) for one in (certificate, key, client_ca) if one is not None)
        raise BadValue("certificate of provisioning", files, f"PEM files that fit together ({problem})") from None
    return context


def _port(request: BaseRequest) -> int:
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return int(peer[1]) if peer else 0


def _certified(request: BaseRequest) -> Mac | None:
    """The CN of the certificate that was shown and found good, where it is a MAC."""
    shown = request.transport.get_extra_info("peercert") if request.transport is not None else None
    for part in (shown or {}).get("subject", ()):
        for name, value in part:
            if name == "commonName":
                with suppress(BadValue):
                    return parse_mac(value)
    return None


def _has(tags: tuple[ETag, ...] | None, digest: str) -> bool:
    return any(tag.value in (digest, "*") for tag in tags or ())
