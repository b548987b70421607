"""curl, tftp-hpa, atftp and tftpy fetch real files with every option they have: identical bytes every time."""

import asyncio
import mmap
import random
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import tftpy

from tests.fixtures.tftp import Running, command, serving

SIZE = 32 << 20
"""65,536 blocks of 512 octets and an empty one: the block number goes through 65,535 and 0."""


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[memoryview]:
    """Random octets, mapped from a file as a firmware image is."""
    path = tmp_path_factory.mktemp("firmware") / "image.rom"
    path.write_bytes(random.Random(6).randbytes(SIZE))
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
    ):
        yield view


FILES: dict[str, bytes | memoryview] = {
    "a.cfg": random.Random(1).randbytes(8192),
    "short": b"x" * 100,
    "empty": b"",
    "/dir/b.cfg": b"with a slash",
    "lines": b"one\ntwo\r\nthree\rfour\n",
}

CLIENTS = {
    "curl": "curl -sS {url} -o {to}",
    "curl, no options": "curl -sS --tftp-no-options {url} -o {to}",
    "curl, blksize 8": "curl -sS --tftp-blksize 8 {url} -o {to}",
    "curl, blksize 1428": "curl -sS --tftp-blksize 1428 {url} -o {to}",
    "curl, blksize 65464": "curl -sS --tftp-blksize 65464 {url} -o {to}",
    "tftp-hpa": "tftp -4 -m binary 127.0.0.1 {port} -c get {name} {to}",
    "atftp": "atftp -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, blksize 8": "atftp --option 'blksize 8' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, blksize 1428": "atftp --option 'blksize 1428' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, blksize 65464": "atftp --option 'blksize 65464' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, tsize": "atftp --option 'tsize enable' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, timeout": "atftp --option 'timeout 2' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, windowsize 4": "atftp --option 'windowsize 4' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, windowsize 65535": "atftp --option 'windowsize 65535' -g -r {name} -l {to} 127.0.0.1 {port}",
    "atftp, all": "atftp --option 'windowsize 16' --option 'blksize 1428' --option 'tsize enable'"
    " --option 'timeout 1' --prevent-sas -g -r {name} -l {to} 127.0.0.1 {port}",
}  # tftp-hpa's client has no options of RFC 2347


def words(client: str, running: Running, name: str, to: Path) -> list[str]:
    url = f"tftp://127.0.0.1:{running.port}/{name}"
    return shlex.split(CLIENTS[client].format(url=url, port=running.port, name=name, to=to))


@pytest.mark.parametrize("name", ["a.cfg", "short", "empty"])
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_gets_the_bytes_of_a_file(client: str, name: str, tmp_path: Path) -> None:
    async with serving(FILES) as running:
        code, said = await command(*words(client, running, name, tmp_path / "got"))
        assert code == 0, said
        got = tmp_path / "got"
        assert (got.read_bytes() if got.exists() else b"") == FILES[name]  # curl makes no file for no bytes
        end = await running.end()
        assert (end.outcome, end.bytes) == ("sent", len(FILES[name]))


@pytest.mark.parametrize(
    "client",
    ["curl", "curl, no options", "tftp-hpa", "atftp", "atftp, windowsize 4", "atftp, windowsize 65535", "atftp, all"],
)
async def test_a_client_gets_32_mb_across_the_end_of_the_block_numbers(
    client: str, firmware: memoryview, tmp_path: Path
) -> None:
    """At 512 octets a block, except for "atftp, all", which asks for larger ones."""
    async with serving({"image.rom": firmware}) as running:
        code, said = await command(*words(client, running, "image.rom", tmp_path / "got"), seconds=120)
        assert code == 0, said
        assert (tmp_path / "got").read_bytes() == firmware
        assert (await running.end()).bytes == SIZE


async def test_tftpy_gets_them_too_with_its_own_options(tmp_path: Path) -> None:
    async with serving(FILES) as running:
        client = tftpy.TftpClient("127.0.0.1", running.port, {"blksize": 1024, "tsize": 0})
        await asyncio.to_thread(client.download, "a.cfg", str(tmp_path / "got"))
        assert (tmp_path / "got").read_bytes() == FILES["a.cfg"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tftp -4 -m ascii 127.0.0.1 {port} -c get lines {to}", ""),
        ("curl -sS --use-ascii tftp://127.0.0.1:{port}/lines -o {to}", ""),
    ],
)
async def test_lines_are_sent_as_netascii(words: str, said: str, tmp_path: Path) -> None:
    """tftp-hpa turns them back, curl writes what it gets."""
    to = tmp_path / "got"
    async with serving(FILES) as running:
        code, out = await command(*words.format(port=running.port, to=to).split())
    assert (code, out) == (0, said)
    wire = b"one\r\ntwo\r\0\r\nthree\r\0four\r\n"
    assert to.read_bytes() == (wire if words.startswith("curl") else FILES["lines"])


@pytest.mark.parametrize(("client", "ends"), [("curl", 68), ("tftp-hpa", "not found"), ("atftp", "not found")])
async def test_a_client_understands_that_there_is_no_such_file(client: str, ends: int | str, tmp_path: Path) -> None:
    """curl by its exit code, the others in words; tftp-hpa's exit code is 0 whatever happens."""
    async with serving(FILES) as running:
        code, said = await command(*words(client, running, "nothing", tmp_path / "got"))
        end = await running.end()
    assert (end.outcome, end.bytes) == ("not found", 0)
    assert code == ends or str(ends) in said


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("curl -sS -T {file} tftp://127.0.0.1:{port}/up", 69),
        ("tftp -4 -m binary 127.0.0.1 {port} -c put {file} up", "only read"),
        ("atftp -p -l {file} -r up 127.0.0.1 {port}", "only read"),
    ],
)
async def test_a_client_understands_that_it_may_not_write(words: str, ends: int | str, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_bytes(b"mine")
    async with serving(FILES) as running:
        code, said = await command(*words.format(file=file, port=running.port).split())
        assert running.server.counts == {"write": 1}
    assert code == ends or str(ends) in said


async def test_fifty_clients_at_once_get_fifty_files(tmp_path: Path) -> None:
    files = {f"cfg{n}.xml": random.Random(n).randbytes(4000 + n) for n in range(50)}
    async with serving(files, per_address=50) as running:
        ended = await asyncio.gather(*(command(*words("curl", running, name, tmp_path / name)) for name in files))
    assert [code for code, _ in ended] == [0] * 50
    assert {name: (tmp_path / name).read_bytes() for name in files} == files
