"""HTTP and HTTPS with curl, and with clients that no device should be."""

import asyncio
import contextlib
import hashlib
import mmap
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine

from dialplan.errors import BadValue
from provisioning.fetch import FetchStatus, Via
from provisioning.firmware import Image
from provisioning.http.server import HttpServer, server_tls
from provisioning.serving import Served
from store.secrets import unseal
from tests.fixtures.answering import OWN, Desk, answering
from tests.fixtures.certificates import Authority
from tests.fixtures.devices import KEY, MAC
from tests.fixtures.tftp import needed

HOST = "127.0.0.1"
DATA = f"device {MAC}"
DIGEST = hashlib.sha256(DATA.encode()).hexdigest()


@dataclass
class Site:
    """A server and its desk."""

    desk: Desk
    port: int
    scheme: str = "http"

    async def curl(self, path: str, *options: str) -> tuple[int, str]:
        """(status, what came); the status is 0 when there was no answer."""
        needed("curl")
        words = (
            "curl",
            "--silent",
            "--path-as-is",
            "--max-time",
            "20",
            "--user-agent",
            "acme/3.4",
            "--write-out",
            "\n%{http_code}",
            *options,
        )
        process = await asyncio.create_subprocess_exec(
            *words, *options, f"{self.scheme}://{HOST}:{self.port}{path}", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        said, _, status = out.decode(errors="replace").rpartition("\n")
        return int(status), said


@contextlib.asynccontextmanager
async def open_site(engine: Engine, tls: ssl.SSLContext | None = None, **limits: Any) -> AsyncIterator[Site]:
    firmware = limits.pop("firmware", None)
    async with answering(engine, firmware=firmware) as desk:
        server = HttpServer(desk.answers, desk.notes, tls=tls, **limits)
        port = await server.listen(HOST, 0)
        try:
            yield Site(desk, port, "http" if tls is None else "https")
        finally:
            await server.close(grace_seconds=1)


async def test_a_device_gets_its_file_with_kind_and_tag_and_later_only_that_it_is_the_same(engine: Engine) -> None:
    async with open_site(engine) as site:
        device = site.desk.lend(address=HOST)
        status, said = await site.curl(f"/{OWN}", "--include")
        assert status == 200
        head, _, body = said.partition("\r\n\r\n")
        assert body == DATA
        assert f'ETag: "{DIGEST}"' in head
        assert "Content-Type: text/plain; charset=utf-8" in head
        assert f"Content-Length: {len(DATA)}" in head
        assert "aiohttp" not in head
        for tag in (f'"{DIGEST}"', f'W/"{DIGEST}"', f'"other", "{DIGEST}"', "*"):
            assert await site.curl(f"/{OWN}", "--header", f"If-None-Match: {tag}") == (304, "")
        assert await site.curl(f"/{OWN}", "--header", 'If-None-Match: "other"') == (200, DATA)
        status, said = await site.curl(f"/{OWN}", "--head")
        assert (status, f"Content-Length: {len(DATA)}" in said, DATA in said) == (200, True, False)
        await site.desk.notes.flush()
        kept = site.desk.fetches(device)
        assert {one.via for one in kept} == {Via.HTTP}
        assert [one.status for one in kept] == [FetchStatus.SERVED] * 7
        assert [(one.reason, one.bytes) for one in kept] == [
            ("HEAD", 0),
            ("", len(DATA)),
            *[("not modified", 0)] * 4,
            ("", len(DATA)),
        ]
        assert (kept[-1].agent, site.desk.device().firmware) == ("acme/3.4", "3.4")


async def test_under_its_secret_the_file_is_served_anywhere_and_a_wrong_secret_is_told_nothing(
    engine: Engine,
) -> None:
    async with open_site(engine) as site:
        device = site.desk.lend(address=None)
        secret = unseal(device.sealed_secret, KEY)
        assert await site.curl(f"/{secret}/{OWN}") == (200, DATA)
        absent = await site.curl("/nothing.cfg", "--include")
        date = next(line for line in absent[1].splitlines() if line.startswith("Date:"))
        wrong = (
            f"/{secret[:-1]}/{OWN}",
            f"/{secret}x/{OWN}",
            f"/{secret}/other.cfg",
            f"/{secret}/",
            f"/x/{secret}/{OWN}",
        )
        for path in wrong:
            status, said = await site.curl(path, "--include")
            same = [line if not line.startswith("Date:") else date for line in said.splitlines()]
            assert (status, same) == (404, absent[1].splitlines()), path
        await site.desk.notes.flush()
        assert all(secret not in one.name for one in [*site.desk.fetches(device), *site.desk.fetches(None)])


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e%252fetc%252fpasswd",
        "/..\\..\\windows\\win.ini",
        "/%c0%ae%c0%ae/etc/passwd",
        f"/{OWN}%00.txt",
        f"/{OWN}/",
        f"/./{OWN}",
        f"/x/../{OWN}",
        "/",
        "/.",
        "/..",
        "/" + "a" * 1500,
    ],
)
async def test_no_spelling_of_a_path_reaches_anything(engine: Engine, path: str) -> None:
    async with open_site(engine) as site:
        site.desk.lend(address=HOST)
        status, said = await site.curl(path)
        assert (status, said) == (404, "not found\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "TRACE"])
async def test_nothing_but_get_and_head(engine: Engine, method: str) -> None:
    async with open_site(engine) as site:
        site.desk.lend(address=HOST)
        status, said = await site.curl(f"/{OWN}", "--include", "--request", method)
        assert (status, "Allow: GET, HEAD" in said, DATA in said) == (405, True, False)


async def test_a_large_image_is_streamed_and_one_who_stops_reading_is_let_go(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "image.rom"
    file.write_bytes(bytes(range(256)) * 131_072)
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    image = Image(served=Served(data=memoryview(mapped), kind="application/octet-stream"), digest="d" * 64)
    async with open_site(engine, firmware={"image.rom": image}, patience=1.0) as site:
        out = tmp_path / "came"
        assert (await site.curl("/image.rom", "--output", str(out)))[0] == 200
        assert out.read_bytes() == file.read_bytes()
        reader, writer = await asyncio.open_connection(HOST, site.port, limit=1024)
        writer.write(b"GET /image.rom HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readexactly(100)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        failed = await _the_note(site, FetchStatus.FAILED)
        assert failed.reason.startswith("broken off")
        assert 0 < failed.bytes < len(mapped)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _the_note(site: Site, status: FetchStatus) -> Any:
    async with asyncio.timeout(20):
        while True:
            found = [one for one in await asyncio.to_thread(site.desk.fetches, None) if one.status is status]
            if found:
                return found[0]


@pytest.mark.parametrize("said", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n", b"\x16\x03\x01"])
async def test_who_does_not_finish_his_request_is_cut_off_while_others_are_served(
    engine: Engine, said: bytes
) -> None:
    async with open_site(engine, patience=0.5) as site:
        site.desk.lend(address=HOST)
        reader, writer = await asyncio.open_connection(HOST, site.port)
        writer.write(said)
        assert await site.curl(f"/{OWN}") == (200, DATA)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(10):
                while await reader.read(1000):
                    pass
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_a_request_is_not_as_long_as_its_sender_likes(engine: Engine) -> None:
    async with open_site(engine) as site:
        site.desk.lend(address=HOST)
        many = [word for n in range(100) for word in ("--header", f"X-{n}: y")]
        for options in (["--header", "X: " + "y" * 5000], many):
            status, said = await site.curl(f"/{OWN}", *options)
            assert (status, DATA in said) == (400, False)
        assert await site.curl(f"/{OWN}") == (200, DATA)


@pytest.mark.parametrize("line", [b"GET /SECRET/x HTTP/9.9.9", b"GET /SECRET/" + b"x" * 4000 + b" HTTP/1.1"])
async def test_what_cannot_be_read_is_logged_without_the_secret_in_its_path(
    engine: Engine, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_site(engine) as site:
        with structlog.testing.capture_logs() as logged:
            reader, writer = await asyncio.open_connection(HOST, site.port)
            writer.write(line + b"\r\n\r\n")
            assert b" 400 " in await reader.readline()
            writer.close()
        assert [one["event"] for one in logged] == ["http request not read"]
        assert (logged[0]["address"], "SECRET" in str(logged) + caplog.text) == (HOST, False)


async def test_one_connection_too_many_is_closed_and_room_is_made_again(engine: Engine) -> None:
    async with open_site(engine, most=2, patience=1.0) as site:
        site.desk.lend(address=HOST)
        held = [await asyncio.open_connection(HOST, site.port) for _ in range(2)]
        assert (await site.curl(f"/{OWN}"))[0] == 0
        for reader, writer in held:
            async with asyncio.timeout(10):
                with contextlib.suppress(ConnectionError):
                    await reader.read()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        assert await site.curl(f"/{OWN}") == (200, DATA)


async def test_over_https_a_device_shows_its_own_certificate(engine: Engine, tmp_path: Path) -> None:
    ours, makers = Authority(tmp_path, "ours"), Authority(tmp_path, "maker")
    server = ours.issue("prov", HOST)
    device, other = makers.issue(MAC.colons.upper()), makers.issue("0a0001000002")
    forged = Authority(tmp_path, "forger").issue(MAC.text)
    tls = server_tls(server.certificate, server.key, makers.certificate)
    trust = ("--cacert", str(ours.certificate))

    def shown(one: Any) -> tuple[str, ...]:
        return (*trust, "--cert", str(one.certificate), "--key", str(one.key))

    async with open_site(engine, tls) as site:
        lent = site.desk.lend(address=None)
        secret = unseal(lent.sealed_secret, KEY)
        assert await site.curl(f"/{OWN}", *shown(device)) == (200, DATA)
        assert await site.curl(f"/{secret}/{OWN}", *trust) == (200, DATA)
        site.desk.move(lent, "192.0.2.200")
        assert (await site.curl(f"/{OWN}", *trust))[0] == 404
        assert (await site.curl(f"/{OWN}", *shown(other)))[0] == 404
        assert (await site.curl(f"/{OWN}", *shown(forged)))[0] == 0
        assert (await site.curl(f"/{OWN}", *trust, "--tls-max", "1.1"))[0] == 0


def test_certificates_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    one, another = authority.issue("one"), authority.issue("another")
    for certificate, key in ((one.certificate, another.key), (one.certificate, tmp_path / "none")):
        with pytest.raises(BadValue, match="certificate of provisioning"):
            server_tls(certificate, key, None)
