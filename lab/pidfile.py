"""A process id that can be trusted: the file is locked for as long as the process lives.

A bare number would outlive its process and, one day, name another.
"""

import fcntl
import os
from pathlib import Path


def claim(path: Path) -> int | None:
    """An open, locked descriptor for the file, or None when another process holds it.

    A child that inherits it holds the lock too, also after its parent is gone.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def write(fd: int, pid: int) -> None:
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{pid}\n".encode(), 0)


def holder(path: Path) -> int | None:
    """The id of the process that holds the file, None when nobody does."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(fd, 32).strip() or 0) or None
    finally:
        os.close(fd)
    return None
