"""The copy of each line's decisions that Asterisk keeps, for when nobody is there to decide.

They are the Routes of ordinary calls at this moment, made by the very function that decides: one rule, two places to
read its answer. A line has one for any caller; one for callers who withhold their number, and one for each caller on
its lists, where they are treated otherwise. The dialplan only looks them up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from agi.caller import SOMEBODY, WITHHELD, Caller
from agi.flows.forwarding import facts
from agi.incoming import Incoming, decide
from dialplan.numbers import national
from dialplan.route import encode
from dialplan.trunks import Trunk
from subscribers.records.find import changed_since, lines_for_survival, turning
from subscribers.records.listed import all_listed_callers, listed_callers
from subscribers.screening import Listed
from subscribers.states import LineForCall

Copies = dict[str, dict[str, str]]
"""National leased number → who calls (see agi.manager.ROUTES) → Route."""

_ANY, _WITHHELD = "any", "withheld"


def all_copies(conn: Connection, at: datetime, trunks: tuple[Trunk, ...]) -> tuple[Copies, int]:
    """Of every number that is somebody's; and the revision they are up to date with."""
    on_lists = all_listed_callers(conn)
    copies: Copies = {}
    latest = 0
    for one in lines_for_survival(conn):
        _add(copies, conn, one, on_lists.get(one.line.id, {}), at, trunks)
        latest = max(latest, one.line.revision)
    return copies, latest


def fresh_copies(
    conn: Connection, revision: int, after: datetime, at: datetime, trunks: tuple[Trunk, ...]
) -> tuple[Copies, int]:
    """The same for the lines changed after `revision`, or started, suspended or ended by a date since `after`."""
    changed, latest = changed_since(conn, revision)
    copies: Copies = {}
    for one in [*changed, *turning(conn, after, at)]:
        on_lists = listed_callers(conn, one.line.id) if one.line.screening.has_lists else {}
        _add(copies, conn, one, on_lists, at, trunks)
    return copies, latest


def _add(
    copies: Copies,
    conn: Connection,
    found: LineForCall,
    on_lists: Mapping[str, Listed],
    at: datetime,
    trunks: tuple[Trunk, ...],
) -> None:
    for number in found.line.numbers:
        copies[national(number)] = _of_number(facts(conn, number, found, at, trunks), on_lists)


def _of_number(call: Incoming, on_lists: Mapping[str, Listed]) -> dict[str, str]:
    """Most lines make no difference between callers, and need one copy."""
    routes = {_ANY: _route(call, SOMEBODY)}
    withheld = _route(call, WITHHELD)
    if withheld != routes[_ANY]:
        routes[_WITHHELD] = withheld
    for number, lists in on_lists.items():
        for caller, others, mark in _ways_to_call(number):
            route = _route(replace(call, listed=lists), caller)
            if route != routes.get(others, routes[_ANY]):
                routes[mark + national(number)] = route
    return routes


def _ways_to_call(number: str) -> Iterable[tuple[Caller, str, str]]:
    yield Caller(number=number), _ANY, ""
    yield Caller(number=number, withheld=True), _WITHHELD, "-"


def _route(call: Incoming, caller: Caller) -> str:
    """Nobody vouches for a caller here: a menu needs the application anyway."""
    return encode(decide(replace(call, caller=caller)).route)
