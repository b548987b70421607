"""Calls that the hook missed, found in Asterisk's own records and charged, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from agi.ended import Ended
from agi.ledger import Tariff, keep
from agi.records import Position, one_per_call, read
from rating.ended import Source
from store.engine import writing

SETTLING = timedelta(seconds=5)
"""A call's records are written leg by leg: until the last is this old, one may still be missing."""

_TOGETHER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    read      calls found in the records
    kept      calls that were in nobody's books before and are now (`charged` of them cost something)
    known     calls the hook or an earlier reconciliation had already kept
    foreign   calls to a number that is nobody's line
    problems  records that cannot be read, each with its file and place
    """

    read: int = 0
    kept: int = 0
    charged: int = 0
    known: int = 0
    foreign: int = 0
    problems: tuple[str, ...] = ()


def keep_all(conn: Connection, calls: Sequence[Ended], tariff: Tariff) -> Report:
    """In the caller's transaction."""
    kept = charged = known = foreign = 0
    for ended in calls:
        found = keep(conn, ended, Source.CDR, tariff)
        if found is None:
            foreign += 1
        elif not found.first:
            known += 1
        else:
            kept += 1
            charged += found.charge is not None
    return Report(read=len(calls), kept=kept, charged=charged, known=known, foreign=foreign)


def settled(records: Iterable[Ended], now: datetime) -> tuple[list[Ended], list[Ended]]:
    """One record for each call that is over for good, and the records to look at again later."""
    young = {record.call_id for record in records if record.ended_at > now - SETTLING}
    waiting = [record for record in records if record.call_id in young]
    return list(one_per_call(r for r in records if r.call_id not in young).values()), waiting


def reconcile_once(engine: Engine, file: Path, tariff: Tariff, now: datetime) -> Report:
    """Everything in the file and its rotated predecessors (`denwaban.csv.1`, …), for `denwaban calls reconcile`.

    May run beside a serving application: who comes second changes nothing. Raises StoreBusy.
    """
    records: list[Ended] = []
    problems: list[str] = []
    for source in sorted(file.parent.glob(f"{file.name}*")):
        reading = read(source)
        records += reading.records
        problems += reading.problems
    calls, _ = settled(records, now)
    total = Report(problems=tuple(problems))
    for at in range(0, len(calls), _TOGETHER):
        with writing(engine) as conn:
            total = add(total, keep_all(conn, calls[at : at + _TOGETHER], tariff))
    return total


def add(one: Report, other: Report) -> Report:
    return Report(
        read=one.read + other.read,
        kept=one.kept + other.kept,
        charged=one.charged + other.charged,
        known=one.known + other.known,
        foreign=one.foreign + other.foreign,
        problems=one.problems + other.problems,
    )


class Reconciler:
    """The same for a running application: reads on from where it stopped."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = Position()
        self._waiting: list[Ended] = []

    def next(self, now: datetime) -> tuple[list[Ended], tuple[str, ...]]:
        """The calls that have settled since, and the records that cannot be read."""
        reading = read(self._file, self._position)
        self._position = reading.position
        calls, self._waiting = settled([*self._waiting, *reading.records], now)
        return calls, reading.problems
