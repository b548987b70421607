"""Files that commands write for others."""

from pathlib import Path

BOM = "\ufeff"
"""Without it a spreadsheet in Japan takes UTF-8 for Shift_JIS."""


def put(path: Path, content: bytes) -> Path:
    """Whole or not at all: the bytes get their name when they are all there."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    return beside.replace(path)
