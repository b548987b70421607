import csv
import io
from dataclasses import replace
from decimal import Decimal

from rating.books_in_force import Books
from rating.charge import rate
from rating.ended import usage_of
from rating.invoice.calls import ChargedCall
from rating.invoice.export import as_csv, calls_csv, invoice_shape
from rating.invoice.itemised import itemise

from .conftest import CALL, Run


def charged(books: Books, **other: object) -> ChargedCall:
    call = replace(CALL, **other)  # type: ignore[arg-type]
    return ChargedCall(call=call, charge=rate(books.in_force("leased-number", call.started_at), usage_of(call)))


def test_the_csv_adds_up_to_the_total(run: Run) -> None:
    invoice = run().invoice
    assert invoice is not None
    head, *rows = csv.reader(io.StringIO(as_csv(invoice)))
    amount, section = head.index("金額"), head.index("区分")
    assert {len(row) for row in rows} == {len(head)}
    lines = [Decimal(row[amount]) for row in rows if row[section] != "合計"]
    assert sum(lines) == invoice.exact
    assert Decimal(rows[-1][amount]) == invoice.total


def test_the_json_holds_what_the_paper_holds(run: Run) -> None:
    invoice = run().invoice
    assert invoice is not None
    shape = invoice_shape(invoice)
    assert shape["issuer"]["registration"] == "T1234567890123"
    assert len(shape["lines"]) == len(invoice.items)
    assert sum(one["amount"] for one in shape["lines"]) == invoice.exact
    assert (shape["tax"], shape["total"]) == (invoice.totals.tax, invoice.total)


def test_a_name_that_a_spreadsheet_would_run_stays_text(run: Run) -> None:
    invoice = run().invoice
    assert invoice is not None
    for name in ("=1+1", "+81", "-cmd", "@SUM(A1)"):
        row = next(csv.reader(io.StringIO(as_csv(replace(invoice, addressee=name)).split("\r\n")[1])))
        assert row[1] == f"'{name}"


def test_a_withheld_caller_is_never_shown_and_an_unknown_one_said_so(books: Books, run: Run) -> None:
    invoice = run().invoice
    assert invoice is not None
    lines = itemise(
        [
            charged(books, call_id="a", withheld=True),
            charged(books, call_id="b", from_number=None),
            charged(books, call_id="c"),
        ],
        books,
    )
    assert [line.caller for line in lines] == ["非通知", "表示圏外", "090-5555-0100"]
    text = calls_csv(invoice, lines[:1])
    assert "0100" not in text
    assert "非通知" in text
