from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from dialplan.refusals import Refusal
from rating.ended import EndedCall, Source
from rating.last_caller import LastCaller, last_caller
from rating.ledger import CALL_FIELDS
from rating.tables import ended_calls
from rating.usage import Plan, Service
from store.engine import writing

START = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)
CALL = EndedCall(
    call_id="1",
    line_id=7,
    leased_number="+81355550199",
    plan=Plan.FIXED_PHONE,
    service=Service.INCOMING,
    from_number="+819055550100",
    to_number="+81355550199",
    started_at=START,
    answered_at=None,
    answered=None,
    ended_at=START + timedelta(seconds=66),
    outcome="NOANSWER",
    cause=19,
    source=Source.HOOK,
)


def keep(engine: Engine, *calls: EndedCall) -> None:
    rows: list[dict[str, Any]] = [
        {name: getattr(call, name) for name in CALL_FIELDS} | {"book": "leased-number", "unrated": None}
        for call in calls
    ]
    with writing(engine) as conn:
        conn.execute(insert(ended_calls), rows)


def later(minutes: int, **changes: Any) -> EndedCall:
    return replace(CALL, call_id=f"{minutes}-{changes}", started_at=START + timedelta(minutes=minutes), **changes)


def found(engine: Engine) -> LastCaller | None:
    with writing(engine) as conn:
        return last_caller(conn, 7)


def test_nobody_has_called_yet(engine: Engine) -> None:
    keep(engine, replace(CALL, line_id=8))
    assert found(engine) is None


@pytest.mark.parametrize("service", [Service.INCOMING, Service.FORWARD])
def test_the_newest_call_counts_answered_or_not_forwarded_or_not(engine: Engine, service: Service) -> None:
    keep(engine, later(2, from_number="+819055550102", service=service), later(1, from_number="+819055550101"), CALL)
    assert found(engine) == LastCaller(number="+819055550102", withheld=False)


def test_a_withheld_number_is_told_as_withheld(engine: Engine) -> None:
    keep(engine, replace(CALL, withheld=True))
    assert found(engine) == LastCaller(number="+819055550100", withheld=True)


@pytest.mark.parametrize("number", [None, "5551234567890123456", "anonymous", "110"])
def test_a_caller_who_cannot_be_recognised_again_has_no_number(engine: Engine, number: str | None) -> None:
    keep(engine, CALL, later(1, from_number=number))
    assert found(engine) == LastCaller(number=None, withheld=False)


@pytest.mark.parametrize("refusal", Refusal)
def test_who_was_turned_away_was_not_noticed(engine: Engine, refusal: Refusal) -> None:
    keep(engine, CALL, later(1, from_number="+819055550101", outcome=refusal.value))
    assert found(engine) == LastCaller(number="+819055550100", withheld=False)


@pytest.mark.parametrize("service", [Service.OUT, Service.SETTINGS])
def test_the_members_own_calls_are_nobody_calling(engine: Engine, service: Service) -> None:
    keep(engine, CALL, later(1, from_number="+819055550101", service=service))
    assert found(engine) == LastCaller(number="+819055550100", withheld=False)
