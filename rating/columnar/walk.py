"""Rows with bands or tiers: a call walks along the stretches of its row, as many units at a time as start in one."""

from rating.columnar.calls import Columns

# Along the clock for bands; for tiers along what the line has used under the row in the month.
_START = """
CREATE OR REPLACE TEMP TABLE walk AS
SELECT call, shape, charged, id AS price, answered AS rest, 0::BIGINT AS units, 0::DECIMAL(38, 6) AS amount,
    CASE WHEN tiered THEN coalesce(sum(answered) OVER (
        PARTITION BY line_id, id ORDER BY instant, call ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)::BIGINT ELSE instant END AS place
FROM priced
WHERE stepped AND instant >= $since AND instant < $until AND (tiered OR answered <= $longest)
"""
_FIRST_UNIT = """
CREATE OR REPLACE TEMP TABLE walk AS
SELECT call, shape, charged, walk.price, rest - first_us AS rest, 1::BIGINT AS units,
    first_yen::DECIMAL(38, 6) AS amount, place + first_us AS place
FROM walk ASOF JOIN spans ON walk.price = spans.price AND walk.place >= spans.since
"""
_STRETCH = """
CREATE OR REPLACE TEMP TABLE walk AS
SELECT call, shape, charged, price, rest - more * next_us AS rest, units + more AS units,
    amount + more * next_yen AS amount, place + more * next_us AS place
FROM (
    SELECT walk.*, next_us, next_yen,
        least((rest + next_us - 1) // next_us, (until - place + next_us - 1) // next_us) AS more
    FROM walk ASOF JOIN spans ON walk.price = spans.price AND walk.place >= spans.since
    WHERE rest > 0
)
"""
_ARRIVED = """
INSERT INTO rated
SELECT call, shape, charged, price, units, least(greatest(amount + connection, minimum), cap)
FROM walk JOIN prices ON prices.id = walk.price
WHERE rest <= 0
"""
_STILL = "SELECT count(*) FROM walk WHERE rest > 0"


def walk(columns: Columns, since: int, until: int, longest: int) -> None:
    """Adds the calls of [since, until) on such rows to `rated`; those on banded rows above `longest` are left out.

    All three in microseconds. `priced`, `prices` and `spans` must be there.
    """
    columns.db.execute(_START, {"since": since, "until": until, "longest": longest})
    columns.db.execute(_FIRST_UNIT)
    columns.db.execute(_ARRIVED)
    while columns.rows(_STILL)[0][0]:
        columns.db.execute(_STRETCH)
        columns.db.execute(_ARRIVED)
