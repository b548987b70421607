from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.installations import Installation
from subscribers.lines import Line, Plan
from subscribers.records.installations import get_installation, located, set_installation
from subscribers.records.lines import end_line, suspend_line
from subscribers.records.phones import lend_handset

LineIn = Callable[..., Line]
HERE = {"postcode": "1000001", "address": "東京都千代田区千代田1-1", "building": "例ビル3F"}


def test_the_newest_address_is_on_record(engine: Engine, line_in: LineIn, now: datetime) -> None:
    with writing(engine) as conn:
        line_id = line_in(conn).id
        assert get_installation(conn, line_id) is None
        set_installation(conn, line_id, **HERE, at=now)
        moved = set_installation(
            conn,
            line_id,
            postcode="530-0001",
            address="大阪府大阪市北区梅田1",
            building="",
            at=now + timedelta(days=1),
        )
        with pytest.raises(BadValue, match="postcode"):
            set_installation(conn, line_id, postcode="1", address="東京都", building="", at=now)
        with pytest.raises(BadValue, match="the id of a line"):
            set_installation(conn, 99, **HERE, at=now)
    with reading(engine) as conn:
        assert get_installation(conn, line_id) == moved
        assert moved.changed_at == now + timedelta(days=1)


def test_every_line_with_a_handset_is_located_or_missing_until_it_ends(
    engine: Engine, line_in: LineIn, now: datetime
) -> None:
    with writing(engine) as conn:
        known, missing, gone = (
            line_in(conn, number=f"03-6304-000{n}", plan=Plan.FIXED_PHONE, additional=[f"03-6304-001{n}"])
            for n in (1, 2, 3)
        )
        line_in(conn, number="03-6304-0004")
        future = line_in(conn, number="03-6304-0005", plan=Plan.FIXED_PHONE, starts_at=now + timedelta(days=9))
        other = line_in(conn, number="03-6304-0006", plan=Plan.FIXED_PHONE, contract_id=gone.contract_id)
        for line in (known, missing, gone, future):
            lend_handset(conn, line.id, sip_user=f"h{line.id}", sealed_password="sealed")
        for line in (known, gone, other):
            set_installation(conn, line.id, **HERE, at=now)
        suspend_line(conn, known.id, now)
        end_line(conn, gone.id, now, now)
    with reading(engine) as conn:
        found = located(conn, now)
    where = Installation(postcode="100-0001", address=HERE["address"], building=HERE["building"], changed_at=now)
    assert [(one.found.line.id, one.installation) for one in found] == [
        (known.id, where),
        (missing.id, None),
        (future.id, None),
    ]
