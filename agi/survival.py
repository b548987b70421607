"""The copy of each line's decision that Asterisk keeps, for when nobody is there to decide.

It is the Route of an ordinary call at this moment, made by the very function that decides: one rule, two places
to read its answer.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from agi.flows.forwarding import facts
from agi.incoming import decide
from dialplan.numbers import national
from dialplan.route import encode
from dialplan.trunks import Trunk
from subscribers.records.find import changed_since, lines_for_survival, turning
from subscribers.states import LineForCall


def all_copies(conn: Connection, at: datetime, trunk: Trunk) -> tuple[dict[str, str], int]:
    """National number → Route, for every number that is somebody's; and the revision they are up to date with."""
    found = list(lines_for_survival(conn))
    return _copies(conn, found, at, trunk), max((one.line.revision for one in found), default=0)


def fresh_copies(
    conn: Connection, revision: int, after: datetime, at: datetime, trunk: Trunk
) -> tuple[dict[str, str], int]:
    """The same for the lines changed after `revision`, or started, suspended or ended by a date since `after`."""
    changed, latest = changed_since(conn, revision)
    return _copies(conn, [*changed, *turning(conn, after, at)], at, trunk), latest


def _copies(conn: Connection, found: Iterable[LineForCall], at: datetime, trunk: Trunk) -> dict[str, str]:
    return {
        national(number): encode(decide(facts(conn, number, one, at, trunk)).route)
        for one in found
        for number in one.line.numbers
    }
