"""What the carrier's far ends do, by the number dialled: the one table that dialplan and documentation come from."""

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    ANSWER = "answer"
    LATE = "late"
    BUSY = "busy"
    SILENT = "silent"
    REJECTED = "rejected"
    UNALLOCATED = "unallocated"
    CONGESTION = "congestion"
    ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """`endings` are the last two digits it goes by, as Asterisk writes a pattern; `cause` is Q.850.

    `sip` is the final answer to the INVITE, or None where the caller gives up first.
    """

    endings: str
    act: Act
    cause: int
    sip: int | None
    text: str


REST = Behaviour(endings="the rest", act=Act.ANSWER, cause=16, sip=200, text="answers at once")

BEHAVIOURS = (
    Behaviour(endings="01", act=Act.UNALLOCATED, cause=1, sip=404, text="is not in use"),
    Behaviour(endings="17", act=Act.BUSY, cause=17, sip=486, text="is busy"),
    Behaviour(endings="19", act=Act.SILENT, cause=19, sip=None, text="rings and never answers"),
    Behaviour(
        endings="20",
        act=Act.ANNOUNCED,
        cause=20,
        sip=480,
        text="announces for a second, unanswered, and releases",
    ),
    Behaviour(endings="21", act=Act.REJECTED, cause=21, sip=403, text="rejects the call"),
    Behaviour(endings="34", act=Act.CONGESTION, cause=34, sip=503, text="has no free circuit"),
    Behaviour(
        endings="6X", act=Act.LATE, cause=16, sip=200, text="rings, and answers after as many seconds as X says"
    ),
    REST,
)

SHORTEST = 4
"""Numbers shorter than this answer at once whatever they end in: 119 is an emergency call, not a silent phone."""


def of(number: str) -> Behaviour:
    """What the carrier does with `number`, written nationally or with +."""
    if len(number) >= SHORTEST:
        last = number[-2:]
        for row in BEHAVIOURS:
            if row.endings == last or (row.act is Act.LATE and last[0] == "6" and last[1].isdecimal()):
                return row
    return REST


def delay(number: str) -> int:
    """Seconds that a number of the kind `late` rings."""
    return int(number[-1])


def table() -> str:
    """The documentation, as Markdown."""
    rows = ["| number ends in | the far end | SIP | Q.850 |", "| --- | --- | --- | --- |"]
    rows += [f"| {row.endings} | {row.text} | {row.sip or '–'} | {row.cause} |" for row in BEHAVIOURS]
    return "\n".join([*rows, "", f"Numbers of fewer than {SHORTEST} digits answer at once.", ""])
