"""144, key 2: the caller before this moment, from the ledger onto the line's nuisance block."""

from datetime import datetime

from sqlalchemy import Connection

from dialplan.errors import BadValue
from rating.last_caller import last_caller
from subscribers.lines import Line
from subscribers.records.nuisance import add_nuisance


class NoCaller(BadValue):
    """Nobody has called, or the network did not tell the number."""


def block_last_caller(conn: Connection, line_id: int, at: datetime) -> Line:
    """Raises NoCaller, AlreadyListed or ListFull (subscribers.screening)."""
    last = last_caller(conn, line_id)
    if last is None or last.number is None:
        raise NoCaller("last caller", "none with a number", "an ended call whose number the network told")
    return add_nuisance(conn, line_id, last.number, withheld=last.withheld, at=at)
