"""Asterisk's own call records, read where the last reading stopped, for calls that the hook missed."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agi.ended import Ended, from_record
from dialplan.errors import BadValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a file was read; another inode under the same name is a new file (logrotate)."""

    inode: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    records: tuple[Ended, ...]
    problems: tuple[str, ...]
    position: Position


def read(file: Path, since: Position | None = None) -> Reading:
    """Whole lines only: one still being written is left for the next reading. A missing file has no records.

    A bad line is a problem with its file and byte, never an exception.
    """
    try:
        inode = file.stat().st_ino
        with file.open("rb") as stream:
            start = since.offset if since is not None and since.inode == inode else 0
            stream.seek(start)
            data = stream.read()
    except FileNotFoundError:
        return Reading(records=(), problems=(), position=Position())
    whole = data[: data.rfind(b"\n") + 1]
    records, problems = parse(whole, str(file), start)
    return Reading(
        records=tuple(records),
        problems=tuple(problems),
        position=Position(inode=inode, offset=start + len(whole)),
    )


def parse(data: bytes, name: str, start: int = 0) -> tuple[list[Ended], list[str]]:
    records: list[Ended] = []
    problems: list[str] = []
    at = start
    for line in data.splitlines(keepends=True):
        try:
            [row] = csv.reader(io.StringIO(line.decode("utf-8")), strict=True)
            records.append(from_record(row))
        except (BadValue, ValueError, csv.Error) as wrong:
            problems.append(f"{name}: byte {at}: {wrong}")
        at += len(line)
    return records, problems


def one_per_call(records: Iterable[Ended]) -> dict[str, Ended]:
    """Asterisk writes a record for each leg tried: the answered one is the call's, else the last one."""
    calls: dict[str, Ended] = {}
    for record in records:
        known = calls.get(record.call_id)
        if known is None or known.answered is None:
            calls[record.call_id] = record
    return calls
