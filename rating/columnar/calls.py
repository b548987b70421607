"""The columns themselves: a month of ended calls in an in-memory DuckDB that spills to disk rather than grow."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from rating.book import PriceBook
from rating.columnar.numbers import WHOLE, head_length
from rating.party import party

FIELDS = (
    *("line_id", "service", "plan", "from_number", "from_kind", "to_number", "to_kind", "variant"),
    *("instant", "answered", "charged", "charged_units", "charged_row", "charged_tax", "unrated"),
)
"""Of one line of CSV, without a header: empty for none; `instant` in UTC, the answer's or the start's, as
2026-05-01 09:00:00.250000."""

_TABLES = """
CREATE TABLE numbers (id INTEGER, key VARCHAR, kind VARCHAR, digits VARCHAR);
CREATE TABLE shapes (
    id INTEGER, service VARCHAR, plan VARCHAR, near_kind VARCHAR, far_kind VARCHAR, variant VARCHAR,
    charged_row VARCHAR, charged_tax VARCHAR, unrated BOOLEAN
);
CREATE TABLE calls (
    line_id INTEGER, shape INTEGER, far INTEGER, instant BIGINT, answered BIGINT, charged DECIMAL(18, 6),
    charged_units BIGINT
);
"""
# The far end sets the price: the number called or, for freephone, the caller.
_STAGE = """
CREATE OR REPLACE TEMP TABLE staged AS
WITH read AS (
    SELECT line_id, service, plan, variant, charged_row, charged_tax, unrated, epoch_us(instant) AS instant,
        (answered::DECIMAL(38, 6) * 1000000)::BIGINT AS answered, charged, charged_units,
        CASE WHEN service = 'freephone' THEN from_number ELSE to_number END AS far_number,
        CASE WHEN service = 'freephone' THEN from_kind ELSE to_kind END AS far_kind,
        CASE WHEN service = 'freephone' THEN to_number ELSE from_number END AS near_number,
        CASE WHEN service = 'freephone' THEN to_kind ELSE from_kind END AS near_kind
    FROM read_csv($file, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
        columns = {
            'line_id': 'INTEGER', 'service': 'VARCHAR', 'plan': 'VARCHAR', 'from_number': 'VARCHAR',
            'from_kind': 'VARCHAR', 'to_number': 'VARCHAR', 'to_kind': 'VARCHAR', 'variant': 'VARCHAR',
            'instant': 'TIMESTAMP', 'answered': 'DECIMAL(18, 6)', 'charged': 'DECIMAL(18, 6)',
            'charged_units': 'BIGINT', 'charged_row': 'VARCHAR', 'charged_tax': 'VARCHAR', 'unrated': 'BOOLEAN'
        })
)
SELECT * REPLACE (coalesce(plan, '') AS plan, coalesce(variant, '') AS variant, coalesce(far_kind, '') AS far_kind,
        coalesce(near_kind, '') AS near_kind, coalesce(charged_row, '') AS charged_row,
        coalesce(charged_tax, '') AS charged_tax),
    CASE WHEN regexp_full_match(far_number, $whole) THEN far_number[:$head] || '|' || length(far_number)
        ELSE coalesce(far_number, '') END AS far_key,
    CASE WHEN near_kind <> '' THEN ''
        WHEN regexp_full_match(near_number, $whole) THEN near_number[:$head] || '|' || length(near_number)
        ELSE coalesce(near_number, '') END AS near_key
FROM read
"""
_NEW_NUMBERS = """
WITH seen AS (
    SELECT far_key AS key, any_value(far_number) AS number FROM staged GROUP BY 1
    UNION ALL SELECT near_key, any_value(near_number) FROM staged GROUP BY 1
)
SELECT key, any_value(number) FROM seen ANTI JOIN numbers USING (key) WHERE key <> '' GROUP BY key
"""
_ADD_NUMBERS = "INSERT INTO numbers SELECT unnest($ids), unnest($keys), unnest($kinds), unnest($digits)"
_DESCRIBED = """
CREATE OR REPLACE TEMP TABLE described AS
SELECT staged.*, far.id AS far,
    CASE WHEN staged.near_kind <> '' THEN staged.near_kind ELSE near.kind END AS near
FROM staged
JOIN numbers AS far ON far.key = staged.far_key
JOIN numbers AS near ON near.key = staged.near_key
"""
_ADD_SHAPES = """
INSERT INTO shapes
SELECT (SELECT count(*) FROM shapes) + row_number() OVER (), *
FROM (
    SELECT DISTINCT service, plan, near AS near_kind, far_kind, variant, charged_row, charged_tax, unrated
    FROM described
    EXCEPT SELECT service, plan, near_kind, far_kind, variant, charged_row, charged_tax, unrated FROM shapes
)
"""
_ADD_CALLS = """
INSERT INTO calls
SELECT line_id, shapes.id, far, instant, answered, charged, charged_units
FROM described AS d JOIN shapes ON shapes.service = d.service AND shapes.plan = d.plan AND shapes.near_kind = d.near
    AND shapes.far_kind = d.far_kind AND shapes.variant = d.variant AND shapes.charged_row = d.charged_row
    AND shapes.charged_tax = d.charged_tax AND shapes.unrated = d.unrated
"""


class Columns:
    """Calls as columns. To be used by one thread at a time; calls are numbered by their rowid."""

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path, head: int) -> None:
        self.db, self._folder, self._head = db, folder, head
        self._numbers = 0
        db.execute(_TABLES)
        self._add([("", "", "")])

    def take(self, csv: bytes) -> None:
        """Adds calls, one line of CSV with FIELDS each. Raises duckdb.Error for a line that is none."""
        file = self._folder / "calls.csv"
        file.write_bytes(csv)
        self.db.execute(_STAGE, {"file": str(file), "whole": WHOLE, "head": self._head})
        file.unlink()
        self._add([(key, *_read(number)) for key, number in self.db.execute(_NEW_NUMBERS).fetchall()])
        self.db.execute(_DESCRIBED)
        self.db.execute(_ADD_SHAPES)
        self.db.execute(_ADD_CALLS)

    def rows(self, query: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return self.db.execute(query, values or {}).fetchall()

    def _add(self, found: list[tuple[str, str, str]]) -> None:
        if not found:
            return
        keys, kinds, digits = (list(column) for column in zip(*found, strict=True))
        ids = list(range(self._numbers, self._numbers + len(found)))
        self._numbers += len(found)
        self.db.execute(_ADD_NUMBERS, {"ids": ids, "keys": keys, "kinds": kinds, "digits": digits})


def _read(number: str) -> tuple[str, str]:
    found = party(number)
    return found.kind, found.digits


@contextmanager
def columns(books: Iterable[PriceBook] = (), *, threads: int = 2, memory: str = "2GB") -> Iterator[Columns]:
    """Empty columns for calls that will be rated under `books`; beyond `memory` the engine spills to a folder of
    its own, which is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="denwaban-columns-") as name:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": f"{name}/spill",
        }
        # Nothing is fetched or loaded from anywhere: the engine is what was installed.
        config["autoinstall_known_extensions"] = config["autoload_known_extensions"] = False
        with duckdb.connect(":memory:", config=config) as db:
            yield Columns(db, Path(name), head_length(books))
