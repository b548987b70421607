"""What the builder wrote, kept beside its files: how it knows a studio recording from its own work."""

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from dialplan.errors import BadValue

NAME = "manifest.json"


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `source` digests what it was made from, `audio` its bytes, `before` those it replaced.

    The manifest is written before the file: between the two, `before` is what marks the file as ours.
    """

    source: str
    audio: str
    before: str | None = None


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def read(folder: Path) -> dict[str, Built]:
    """By file name relative to `folder`; empty before the first build. Raises BadValue for a broken one."""
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Built])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise BadValue(str(path), str(error), "the manifest that the voice builder wrote") from error


def write(folder: Path, files: dict[str, Built]) -> None:
    encoded = msgspec.json.encode(dict(sorted(files.items())))
    write_whole(folder / NAME, msgspec.json.format(encoded, indent=1) + b"\n")


def write_whole(path: Path, octets: bytes) -> None:
    """Replaces `path` at once, readable by all: Asterisk runs as another user and may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
