"""Files over a bad link: 2 % of the packets lost, 1 % doubled, 5 % late by 5 ms, in network namespaces of the test's
own (tests/fakes/lossy.py): identical bytes every time.

The kernel's netem would do the same; the link is ours because not every kernel has netem.
"""

import os
import random
import sys
from pathlib import Path

import pytest

from tests.fakes.lossy import SERVER, inside
from tests.fixtures.tftp import command, needed

LOSS = "0.02"
CLIENTS = {
    "curl": "curl -sS tftp://{server}/{name} -o {to}",
    "curl, no options": "curl -sS --tftp-no-options tftp://{server}/{name} -o {to}",
    "tftp-hpa": "tftp -4 -m binary {server} -c get {name} {to}",
    "atftp": "atftp -g -r {name} -l {to} {server}",
    "atftp, windowsize 4, timeout 1": "atftp --option 'windowsize 4' --option 'timeout 1'"
    " -g -r {name} -l {to} {server}",
    "atftp, windowsize 32": "atftp --option 'windowsize 32' -g -r {name} -l {to} {server}",
}


async def fetched(client: str, content: bytes, folder: Path, seed: int) -> bytes:
    """atftp gives up at an acknowledgement of options that comes twice, as the link makes it; it asks again then."""
    needed("unshare", "ip", client.partition(",")[0].replace("tftp-hpa", "tftp"))
    served = folder / "served"
    served.mkdir()
    (served / "file").write_bytes(content)
    to = folder / "got"
    fetch = CLIENTS[client].format(server=SERVER, name="file", to=to)
    python = sys.executable
    code, said = await command(
        *inside(), python, "-m", "tests.fakes.lossy", str(seed), LOSS,
        python, "-m", "tests.fixtures.tftp_folder", SERVER, "69", str(served), "--",
        "sh", "-c", f"until {fetch} >said 2>&1; do grep -q 'unexpected OACK' said || exit 1; done",
        cwd=str(folder), seconds=120, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert code == 0, said
    return to.read_bytes()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("client", "size"),
    [
        ("curl", 10_000),  # it asks for a timeout of 6 s, which a lost block then takes
        ("curl, no options", 60_000),
        ("tftp-hpa", 60_000),
        ("atftp", 60_000),
        ("atftp, windowsize 4, timeout 1", 20_000),
        ("atftp, windowsize 32", 1_000_000),
    ],
)
async def test_a_file_arrives_whole_over_a_bad_link(client: str, size: int, seed: int, tmp_path: Path) -> None:
    content = random.Random(size).randbytes(size)
    assert await fetched(client, content, tmp_path, seed) == content


async def test_32_mb_arrive_whole_over_a_bad_link_and_across_the_end_of_the_block_numbers(tmp_path: Path) -> None:
    content = random.Random(32).randbytes(32 << 20)
    assert await fetched("atftp, windowsize 32", content, tmp_path, 3) == content
