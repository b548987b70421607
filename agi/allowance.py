"""Whether a call out may cost what it costs, and for how long: asked before a leg that is paid for is tried."""

from dataclasses import dataclass

from agi.desk import Desk
from agi.outgoing import Outgoing, Reached, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """`milliseconds` it may be talked; None is for ever."""

    milliseconds: int | None


async def allow(desk: Desk, call_id: str, call: Outgoing, reached: Reached) -> Allowed | Refused:
    return Allowed(milliseconds=None)
