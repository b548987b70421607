from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rating.ended import EndedCall, Source
from rating.ledger import record
from rating.load import open_books
from rating.usage import Plan, Service
from store.engine import open_engine, writing
from tests.fixtures.homes import Home, Said

START = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)
FORWARDED = EndedCall(
    call_id="sw1-1778461200.1",
    line_id=1,
    leased_number="+81312345678",
    plan=Plan.FIXED_PHONE,
    service=Service.FORWARD,
    from_number="+819055550100",
    to_number="+819055550123",
    started_at=START,
    answered_at=START + timedelta(seconds=5),
    answered=Decimal("61.25"),
    ended_at=START + timedelta(seconds=66),
    outcome="ANSWER",
    cause=16,
    source=Source.HOOK,
)
WITHHELD = replace(
    FORWARDED,
    call_id="sw1-1778461300.2",
    line_id=2,
    leased_number="+81473456789",
    plan=Plan.IN_OUT,
    withheld=True,
    started_at=START + timedelta(days=1),
)
# A price for this does not exist in the book; the reason names the number that has none, the caller's.
UNRATED = replace(WITHHELD, call_id="sw1-1778461400.3", service=Service.FREEPHONE)


@pytest.fixture
def with_calls(home: Home) -> Home:
    books = open_books()
    engine = open_engine(f"sqlite:///{home.folder}/denwaban.db")
    with writing(engine) as conn:
        for call in (FORWARDED, WITHHELD, UNRATED):
            record(conn, call, books, "leased-number")
    engine.dispose()
    return home


def test_a_call_is_shown_with_its_charge_line_by_line(with_calls: Home) -> None:
    call = with_calls.json("calls", "show", FORWARDED.call_id)
    assert (call["from"], call["to"], call["answered"]) == ("+819055550100", "+819055550123", "61.25")
    assert call["started_at"] == "2026-05-11T10:00:00+09:00"
    charge = call["charge"]
    assert (charge["amount"], charge["units"], charge["book"], charge["tax"]) == (
        "59.4",
        2,
        "leased-number",
        "included",
    )
    assert charge["effective"] == "2025-01-10"
    said = with_calls.done("calls", "show", FORWARDED.call_id).out
    for line in charge["explanation"]:
        assert line in said
    assert "59.4 yen, tax included" in said
    assert "090-5555-0100" in said


def test_calls_are_listed_newest_first_and_by_line_and_time(with_calls: Home) -> None:
    def ids(*filters: object) -> list[str]:
        return [call["call"] for call in with_calls.json("calls", "list", *filters)["calls"]]

    assert ids() == [UNRATED.call_id, WITHHELD.call_id, FORWARDED.call_id]
    assert ids("--line", "03-1234-5678") == [FORWARDED.call_id]
    assert ids("--line", 2, "--limit", 1) == [UNRATED.call_id]
    assert ids("--unrated") == [UNRATED.call_id]
    assert ids("--since", "2026-05-12") == [UNRATED.call_id, WITHHELD.call_id]
    # 10:00 in Japan is when the first one began; a time without a zone is Japan's.
    assert ids("--until", "2026-05-11T10:00") == []
    assert ids("--until", "2026-05-11T01:00:01Z") == [FORWARDED.call_id]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "arguments", [("list", "--line", 2), ("show", WITHHELD.call_id), ("show", UNRATED.call_id), ("list", "--unrated")]
)
def test_a_withheld_caller_is_never_shown_as_a_number(
    with_calls: Home, arguments: tuple[object, ...], as_json: bool
) -> None:
    said = with_calls.done("calls", *arguments, *(["--json"] if as_json else [])).out
    assert "withheld" in said
    assert "55550100" not in said.replace("-", "")
    assert "55550123" in said.replace("-", "")


def test_an_unrated_call_gives_its_reason(with_calls: Home) -> None:
    call = with_calls.json("calls", "show", UNRATED.call_id)
    assert call["charge"] is None
    assert "no price for withheld number" in call["unrated"]
    assert "unrated" in with_calls.done("calls", "list", "--unrated").out


def test_reconciliation_charges_once_what_the_hook_missed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    records = home.folder / "records.csv"
    records.write_text(
        '"sw1-1778461200.1","09055550100","","route","0312345678","PJSIP/09055550123@carrier,180","ANSWERED",'
        '"1778461205.000000","1778461266.250000","61.250000"\n'
        "not a record\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("DENWABAN_SWITCH__RECORDS", str(records))
    first = home.json("calls", "reconcile")
    assert (first["read"], first["kept"], first["charged"], first["known"]) == (1, 1, 1, 0)
    assert len(first["problems"]) == 1
    assert home.json("calls", "show", "sw1-1778461200.1")["charge"]["amount"] == "59.4"
    said = home.done("calls", "reconcile").out
    assert "1 calls read, 0 were missing and are kept now (0 charged), 1 known" in said
    assert "records.csv: byte" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("show", "sw1-1.1"), "call: found 'sw1-1.1', expected the identity of an ended call"),
        (("list", "--line", "03-9999-9999"), "line: found '03-9999-9999'"),
        (("list", "--since", "yesterday"), "--since: found 'yesterday', expected a date or time"),
        (("list", "--limit", 0), "limit: found 0, expected 1 or more"),
    ],
)
def test_what_cannot_be_looked_up(
    refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("calls", *arguments).err
