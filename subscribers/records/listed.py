"""Which of a line's lists callers are on: of one caller for a call, of all for the survival copy."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, exists, literal, select, union_all

from subscribers.screening import Listed
from subscribers.tables import allow_entries, nuisance_entries, select_entries

_TABLES = {"nuisance": nuisance_entries, "allowed": allow_entries, "selected": select_entries}


def _has(table: Table) -> Select[tuple[bool]]:
    """The key of each table leads with line and number: one look into an index, however long the list."""
    return select(exists().where(table.c.line_id == bindparam("line_id"), table.c.number == bindparam("caller")))


_ONE = select(*(_has(table).scalar_subquery().label(name) for name, table in _TABLES.items()))
_ALL = union_all(*(select(table.c.line_id, table.c.number, literal(name)) for name, table in _TABLES.items()))
_OF_LINE = union_all(
    *(
        select(table.c.line_id, table.c.number, literal(name)).where(table.c.line_id == bindparam("line_id"))
        for name, table in _TABLES.items()
    )
)


def listed(conn: Connection, line_id: int, caller: str) -> Listed:
    """The lists that have this E.164 number, in one SELECT."""
    nuisance, allowed, selected = conn.execute(_ONE, {"line_id": line_id, "caller": caller}).one()
    return Listed(nuisance=bool(nuisance), allowed=bool(allowed), selected=bool(selected))


def listed_callers(conn: Connection, line_id: int) -> dict[str, Listed]:
    """Every caller on any list of the line."""
    return _gathered(conn.execute(_OF_LINE, {"line_id": line_id})).get(line_id, {})


def all_listed_callers(conn: Connection) -> dict[int, dict[str, Listed]]:
    """The same by line, of every line that has any."""
    return _gathered(conn.execute(_ALL))


def _gathered(rows: Iterable[Any]) -> dict[int, dict[str, Listed]]:
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line_id, number, name in rows:
        found[line_id][number].add(name)
    return {
        line_id: {number: Listed(**dict.fromkeys(names, True)) for number, names in of_line.items()}
        for line_id, of_line in found.items()
    }
