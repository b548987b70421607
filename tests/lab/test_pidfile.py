import os
import subprocess
import sys
from pathlib import Path

from lab import pidfile


def test_a_file_that_nobody_holds_names_nobody(tmp_path: Path) -> None:
    file = tmp_path / "x.pid"
    assert pidfile.holder(file) is None
    file.write_text(f"{os.getpid()}\n")
    assert pidfile.holder(file) is None


def test_only_one_holds_it_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.pid"
    fd = pidfile.claim(file)
    assert fd is not None
    pidfile.write(fd, 12345)
    assert pidfile.claim(file) is None
    assert pidfile.holder(file) == 12345
    os.close(fd)
    assert pidfile.holder(file) is None


def test_a_child_that_inherits_it_holds_it_until_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "x.pid"
    fd = pidfile.claim(file)
    assert fd is not None
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=(fd,)
    )
    pidfile.write(fd, child.pid)
    os.close(fd)
    assert pidfile.holder(file) == child.pid
    child.communicate(b"")
    assert pidfile.holder(file) is None
