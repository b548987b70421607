"""Firmware images and other files that are the same for all: a folder, listed once when the process starts."""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from dialplan.errors import BadValue
from provisioning.serving import Served

_KIND = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`served` is mapped, not held in memory; `digest` is its SHA-256 in hexadecimal."""

    served: Served = field(repr=False)
    digest: str


def read_folder(folder: Path | None) -> Mapping[str, Image]:
    """By exact name. Subfolders, hidden files and what is no regular file are left out, symbolic links too: nothing
    outside the folder can be reached. Raises BadValue for a folder that cannot be read.
    """
    if folder is None:
        return {}
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
        return {path.name: _image(path) for path in files if not path.name.startswith(".")}
    except OSError as problem:
        raise BadValue("firmware folder", str(folder), f"a folder of readable files ({problem})") from None


def _image(path: Path) -> Image:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        size = file.seek(0, 2)
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) if size else b""
    return Image(served=Served(data=data, kind=_KIND), digest=digest)
