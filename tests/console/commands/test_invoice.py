import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.desk import Desk
from rating.ended import EndedCall, Source
from rating.ledger import record
from rating.load import open_books
from rating.usage import Plan, Service
from store.engine import open_engine, writing
from tests.fixtures.homes import Home, Said

ISSUER = """
[issuer]
name = "例示ビジネスサポート株式会社"
registration = "T1234567890123"
address = "東京都港区西新橋2-11-6"
bank = "例示銀行 西新橋支店\\n普通 1234567"
"""
FEBRUARY = datetime(2026, 2, 10, 3, 0, tzinfo=UTC)


@pytest.fixture
def billing(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The furnished home with an issuer, on 2 March 2026: February is over."""
    with home.settings.open("a", encoding="utf-8") as file:
        file.write(ISSUER)
    at(monkeypatch, datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    return home


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(Desk, "now", lambda _: moment)


def put(home: Home, call_id: str, seconds: int = 61, *, withheld: bool = False, to: str = "+819055550123") -> None:
    """A call forwarded from line 1."""
    engine = open_engine(f"sqlite:///{home.folder}/denwaban.db")
    answered = FEBRUARY + timedelta(minutes=len(call_id))
    call = EndedCall(
        call_id=call_id,
        line_id=1,
        leased_number="+81312345678",
        plan=Plan.FIXED_PHONE,
        service=Service.FORWARD,
        from_number="+819011112222",
        to_number=to,
        started_at=answered,
        answered_at=answered,
        answered=Decimal(seconds),
        ended_at=answered + timedelta(seconds=seconds),
        outcome="ANSWER",
        cause=16,
        source=Source.HOOK,
        withheld=withheld,
    )
    with writing(engine) as conn:
        record(conn, call, open_books(), "leased-number")
    engine.dispose()


def test_a_month_is_run_shown_and_listed(billing: Home) -> None:
    put(billing, "a")
    run = billing.json("invoice", "run", "2026-02")
    assert run["month"] == "2026-02"
    assert [(one["member"], one["invoice"], one["total"], one["issued"]) for one in run["invoices"]] == [
        (1, "202602-00001", "9409", True),  # 2,750 + 2 x 3,300 + 59.4
        (2, "202602-00002", "7150", True),
    ]
    shown = billing.json("invoice", "show", "202602-00001")
    assert (shown["addressee"], shown["issuer"]["registration"]) == ("株式会社例", "T1234567890123")
    assert (shown["due_on"], shown["prices"], shown["owed"]) == ("2026-03-31", "tax-included", "9409")
    assert shown["sums"] == [{"rate": "0.1", "base": "9409", "tax": "855", "dropped": "0.4"}]
    listed = billing.json("invoice", "list", "--month", "2026-02")["invoices"]
    assert [one["number"] for one in listed] == ["202602-00001", "202602-00002"]


def test_a_month_run_again_changes_nothing(billing: Home) -> None:
    put(billing, "a")
    billing.done("invoice", "run", "2026-02")
    before = billing.everything()
    again = billing.json("invoice", "run", "2026-02")
    assert [one["issued"] for one in again["invoices"]] == [False, False]
    assert billing.everything() == before
    assert "invoices issued: 0" in billing.done("invoice", "run", "2026-02", "--member", 1).out


def test_a_late_call_is_named_and_corrected(billing: Home) -> None:
    billing.done("invoice", "run", "2026-02")
    put(billing, "late")
    assert "denwaban invoice correct 202602-00001" in billing.done("invoice", "run", "2026-02").out
    made = billing.json("invoice", "correct", "202602-00001", "--reason", "遅れて届いた通話")["correction"]
    assert (made["number"], made["corrects"], made["total"]) == ("202602-00001-C1", "202602-00001", "59")
    assert billing.json("invoice", "correct", "202602-00001") == {"correction": None}
    assert billing.json("invoice", "show", "202602-00001")["corrections"] == ["202602-00001-C1"]


def test_a_correction_by_hand_gives_back_and_lowers_what_is_owed(billing: Home) -> None:
    billing.done("invoice", "run", "2026-02")
    by_hand = ("--text", "お詫び", "--amount", "-350", "--reason", "お詫び")
    assert billing.json("invoice", "correct", "202602-00001", *by_hand)["correction"]["total"] == "-350"
    assert billing.json("invoice", "show", "202602-00001")["owed"] == "9000"
    assert billing.json("invoice", "show", "202602-00001-C1")["owed"] == "0"


def test_a_payment_is_recorded_and_a_late_one_costs_interest(billing: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    billing.done("invoice", "run", "2026-02")
    at(monkeypatch, datetime(2026, 5, 2, 1, 0, tzinfo=UTC))
    paid = billing.json("invoice", "paid", "202602-00001", "--on", "2026-04-30")
    assert (paid["amount"], paid["owed"]) == ("9350", "0")
    billing.done("invoice", "run", "2026-04")
    lines = billing.json("invoice", "show", "202604-00001")["lines"]
    assert [one["amount"] for one in lines if one["section"] == "interest"] == ["107"]  # 9,350 x 14.5 % x 29 / 365


def test_the_first_bill_comes_before_the_start(billing: Home) -> None:
    billing.done("member", "add", "新規株式会社", "--kind", "rental-office", "--capacity", 1)
    billing.done("line", "add", "03-2222-3333", "--member", 3, "--plan", "in-out", "--starts", "2026-04")
    first = billing.json("invoice", "first", "03-2222-3333")
    assert (first["kind"], first["total"], first["due_on"]) == ("first", "7150", "2026-03-31")
    assert billing.json("invoice", "first", "03-2222-3333") == first


def test_items_are_entered_listed_taken_back_and_billed(billing: Home) -> None:
    billing.done("invoice", "item", "add", "--line", "03-1234-5678", "--fee", "change", "--on", "2026-02-03")
    billing.done("invoice", "item", "add", "--member", 1, "--fee", "visit", "--on", "2026-02-03")
    billing.done("invoice", "item", "add", "--member", 1, "--evaded", "1000", "--on", "2026-02-03")
    work = ("--work", "open.office.visit", "--done-at", "2026-02-07T23:00", "--book", "reseller")
    assert len(billing.json("invoice", "item", "add", "--member", 1, *work, "--on", "2026-02-07")["items"]) == 3
    billing.done("invoice", "item", "remove", 2)
    billing.done("invoice", "run", "2026-02")
    lines = billing.json("invoice", "show", "202602-00001")["lines"]
    entered = {one["key"]: one["amount"] for one in lines if one["key"].startswith("item:")}
    assert sum(map(Decimal, entered.values())) == Decimal("1.1") * (2000 + 2000 + 34_400)
    listed = billing.json("invoice", "item", "list")["items"]
    assert [one["billed"] for one in listed] == [True] * 5


def test_subscriptions_and_outages_reach_the_invoice(billing: Home) -> None:
    ace = ("--fee", "monthly.in-out", "--from", "2026-02")
    made = billing.json("invoice", "subscription", "add", "--line", 1, *ace)
    assert (made["fee"], made["until"]) == ("monthly.in-out", None)
    billing.done("invoice", "subscription", "end", made["id"], "--until", "2026-02")
    assert billing.json("invoice", "subscription", "list")["subscriptions"][0]["until"] == "2026-02"
    times = ("--known", "2026-02-03T09:00", "--restored", "2026-02-05T10:00")
    assert billing.json("invoice", "outage", "add", "--line", 1, *times)["credited_spans"] == 2
    billing.done("invoice", "run", "2026-02", "--member", 1)
    lines = billing.json("invoice", "show", "202602-00001")["lines"]
    amounts = {one["section"]: one["amount"] for one in lines}
    assert (amounts["basic"], amounts["credit"]) == ("3300", "-392")  # 5,500 x 2 / 28
    assert sum(one["amount"] == "2200" for one in lines) == 1


def test_exports_are_written_in_three_formats(billing: Home, tmp_path: Path) -> None:
    put(billing, "a", withheld=True)
    billing.done("invoice", "run", "2026-02")
    for kind in ("pdf", "csv", "json"):
        billing.done("invoice", "export", "202602-00001", "--to", tmp_path, "--format", kind, "--itemised")
    assert (tmp_path / "202602-00001.pdf").read_bytes().startswith(b"%PDF-")
    rows = list(csv.reader(io.StringIO((tmp_path / "202602-00001.csv").read_text("utf-8-sig"))))
    assert rows[-1][6:] == ["ご請求金額（税込）", "", "", "", "", "9409", ""]
    calls = list(csv.reader(io.StringIO((tmp_path / "202602-00001-calls.csv").read_text("utf-8-sig"))))
    assert calls[1][4:7] == ["非通知", "090-5555-0123", "61"]
    shape = json.loads((tmp_path / "202602-00001.json").read_text("utf-8"))
    assert [one["from"] for one in shape["calls"]] == ["非通知"]
    assert not any(b"1111" in path.read_bytes() for path in tmp_path.glob("*.[cj]s*"))
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {".pdf", ".csv", ".json"}


def test_a_whole_month_is_exported_at_once(billing: Home, tmp_path: Path) -> None:
    billing.done("invoice", "run", "2026-02")
    files = billing.json("invoice", "export", "--month", "2026-02", "--to", tmp_path, "--format", "json")["files"]
    assert [Path(one).name for one in files] == ["202602-00001.json", "202602-00002.json"]


def test_calls_that_are_not_those_billed_are_not_itemised(billing: Home, tmp_path: Path) -> None:
    billing.done("invoice", "run", "2026-02")
    put(billing, "late")
    said = billing.run("invoice", "export", "202602-00001", "--to", tmp_path, "--format", "csv", "--itemised")
    assert said.status == 2
    assert "denwaban invoice correct 202602-00001" in said.err
    assert list(tmp_path.glob("*.csv")) == []
    billing.done("invoice", "correct", "202602-00001")
    billing.done("invoice", "export", "202602-00001", "--to", tmp_path, "--format", "csv", "--itemised")


def test_people_see_the_invoice_in_japanese(billing: Home) -> None:
    billing.done("invoice", "run", "2026-02")
    said = billing.done("invoice", "show", "202602-00001").out
    for words in (
        "株式会社例 御中",
        "月額基本料金（固定電話サービス）",
        "10%対象（税込）",
        "うち消費税（10%）",
        "¥9,350",
    ):
        assert words in said
    assert "202602-00001" in billing.done("invoice", "list").out


def test_without_an_issuer_nothing_is_issued(home: Home, refused: Callable[..., Said]) -> None:
    assert "setting issuer: found None, expected a table [issuer]" in refused("invoice", "run", "2026-02").err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "2026-03"), "month of the invoice: found '2026-03'"),
        (("run", "March"), "month of the invoice: found 'March'"),
        (("run", "2026-02", "--member", "9"), "member: found 9"),
        (("show", "x"), "invoice: found 'x'"),
        (("paid", "x", "--on", "2027-01-01"), "day of payment: found '2027-01-01'"),
        (("export",), "invoices to export: found None, expected either a number or --month"),
        (("item", "add", "--member", "1"), "item: found None, expected one of --fee"),
        (("item", "add", "--fee", "change"), "member: found None"),
        (("item", "add", "--line", "1", "--member", "2", "--fee", "change"), "member: found 2, expected 1"),
        (("item", "add", "--member", "1", "--text", "例"), "amount: found None"),
        (("item", "add", "--member", "1", "--evaded", "many"), "evaded amount: found 'many'"),
        (("item", "add", "--member", "1", "--work", "x"), "time of the works: found None"),
        (("item", "remove", "5"), "item: found 5"),
        (("correct", "x", "--text", "例"), "line by hand: found '例'"),
        (("outage", "add", "--line", "1", "--known", "2026-02-03", "--restored", "2026-02-03"), "end of the outage"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_trace(
    billing: Home, refused: Callable[..., Said], words: tuple[str, ...], says: str
) -> None:
    assert says in refused("invoice", *words).err
