"""Why tftpy is not our server (docs/dependencies.md): one datagram of a stranger ends it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = """
import sys, tftpy
server = tftpy.TftpServer(sys.argv[1])
server.listen("127.0.0.1", int(sys.argv[2]))
"""


@pytest.mark.parametrize("datagram", [b"\0\1a.cfg\0octet\0blksize\0abc\0", b"\0\1\xe3\x81\x82\0octet\0"])
def test_tftpy_s_server_ends_on_one_datagram(datagram: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_bytes(b"a" * 100)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            to = free.getsockname()
        command = [sys.executable, "-c", SERVER, str(tmp_path), str(to[1])]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                for _ in range(50):  # until it listens
                    sock.sendto(b"\0\1a.cfg\0octet\0", to)
                    try:
                        assert sock.recv(600) == b"\0\3\0\1" + b"a" * 100
                        break
                    except TimeoutError:
                        assert process.poll() is None
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                    stranger.bind(("127.0.0.1", 0))
                    stranger.sendto(datagram, to)
                assert process.wait(10) != 0
                assert process.stderr is not None
                assert b"Traceback" in process.stderr.read()
            finally:
                process.kill()
