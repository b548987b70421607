from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, IntegrityError

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice import archive
from rating.invoice.account import Subscription
from rating.invoice.document import Kind
from rating.invoice.entries import (
    add_one_off,
    add_outage,
    add_payment,
    add_subscription,
    end_subscription,
    one_offs_of,
    remove_one_off,
    subscriptions_of,
)
from rating.invoice.issue import Paper, check_over, issue_correction, issue_first, issue_month
from rating.invoice.item import Section
from rating.invoice.oneoff import by_fee, other
from rating.invoice.tables import invoice_lines
from rating.ledger import rate_pending
from store.engine import reading, writing

from .conftest import ACCOUNT, MAY, OLD_ACCOUNT, Run, call_at

NOW = datetime(2026, 6, 1, 9, tzinfo=TOKYO)
TENTH = datetime(2026, 5, 10, 12, tzinfo=TOKYO)
Keep = Callable[..., None]


def test_a_month_has_fees_and_calls_and_comes_back_as_it_was_issued(engine: Engine, run: Run, keep: Keep) -> None:
    keep(call_at("a", TENTH, 61), call_at("b", TENTH + timedelta(days=1)))
    outcome = run()
    assert outcome.fresh
    assert outcome.invoice is not None
    invoice = outcome.invoice
    assert (invoice.number, invoice.kind, invoice.addressee) == ("202605-00003", Kind.MONTHLY, "株式会社例")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 6, 1), date(2026, 6, 30))
    assert [(item.section, item.amount) for item in invoice.items] == [
        (Section.BASIC, 3300),
        (Section.BASIC, 3300),
        (Section.USAGE, Decimal("89.1")),  # 3 x 29.7
        (Section.ONE_OFF, 2750),
    ]
    (one,) = invoice.totals.sums
    assert [one.base, one.dropped, one.tax, invoice.total] == [9439, Decimal("0.1"), 858, 9439]
    with reading(engine) as conn:
        assert archive.get(conn, invoice.number) == invoice


def test_running_a_month_again_gives_the_same_invoice(engine: Engine, run: Run, keep: Keep) -> None:
    keep(call_at("a", TENTH))
    first = run()
    again = run(replace(ACCOUNT, name="改名した会社"), today=date(2026, 6, 20))
    assert not again.fresh
    assert again.invoice == first.invoice
    with reading(engine) as conn:
        assert len(archive.find(conn)) == 1


def test_two_runs_at_once_issue_one_invoice(engine: Engine, paper: Paper, keep: Keep) -> None:
    keep(call_at("a", TENTH))
    together, ends = Barrier(2), list[bool]()

    def issue() -> None:
        together.wait()
        with writing(engine) as conn:
            ends.append(issue_month(conn, ACCOUNT, MAY, paper).fresh)

    threads = [Thread(target=issue) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == [False, True]
    with reading(engine) as conn:
        (invoice,) = archive.find(conn)
    assert len(invoice.items) == 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE invoices SET total = '1'",
        "DELETE FROM invoices",
        "UPDATE invoice_lines SET amount = '1' WHERE position = 1",
        "DELETE FROM invoice_lines WHERE position = 1",
        "INSERT INTO invoice_lines SELECT invoice, 99, section, key, text, since, until, quantity, unit, amount, tax,"
        " rate, line_id, number FROM invoice_lines WHERE position = 1",
    ],
)
def test_the_database_itself_refuses_to_change_an_issued_invoice(engine: Engine, run: Run, change: str) -> None:
    issued = run().invoice
    with pytest.raises(DatabaseError, match="issued invoices are never changed"), writing(engine) as conn:
        conn.exec_driver_sql(change)
    with reading(engine) as conn:
        assert archive.find(conn) == [issued]


def test_lines_without_their_invoice_are_not_kept(engine: Engine, run: Run) -> None:
    run()
    with reading(engine) as conn:
        line = dict(conn.execute(invoice_lines.select().limit(1)).one()._mapping)

    def write() -> None:
        with writing(engine) as conn:
            conn.execute(invoice_lines.insert().values(line | {"invoice": "nobody's"}))

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        write()


def test_a_month_that_is_not_over_has_no_invoice() -> None:
    over = datetime(2026, 6, 1, tzinfo=TOKYO)
    with pytest.raises(BadValue, match="month of the invoice: found '2026-05'"):
        check_over(MAY, over - timedelta(seconds=1))
    check_over(MAY, over)


def test_a_call_of_the_last_second_belongs_to_its_month_and_the_next_second_to_the_next(run: Run, keep: Keep) -> None:
    end = datetime(2026, 6, 1, tzinfo=TOKYO)
    keep(call_at("last", end - timedelta(seconds=1), 3600), call_at("first", end))
    may, june = run(OLD_ACCOUNT), run(OLD_ACCOUNT, date(2026, 6, 1), date(2026, 7, 1))
    used = [
        [[item.quantity, item.amount] for item in one.invoice.items if item.section is Section.USAGE]
        for one in (may, june)
        if one.invoice is not None
    ]
    assert used == [[[1, Decimal("1782.0")]], [[1, Decimal("29.7")]]]  # 60 units, 1 unit


def test_a_member_with_unpriced_calls_is_held_back_until_they_have_a_price(
    engine: Engine, books: Books, run: Run, keep: Keep
) -> None:
    keep(call_at("a", TENTH), priced=False)
    held = run()
    assert held.invoice is None
    assert "1 answered calls have no charge yet" in str(held.held)
    with writing(engine) as conn:
        rate_pending(conn, books)
    assert run().fresh


def test_a_member_may_be_billed_without_unpriced_calls_which_then_take_a_correction(
    engine: Engine, books: Books, paper: Paper, run: Run, keep: Keep
) -> None:
    keep(call_at("a", TENTH), priced=False)
    issued = run(leave_unrated=True)
    assert issued.invoice is not None
    assert not run().changed
    with writing(engine) as conn:
        rate_pending(conn, books)
    assert run().changed
    with writing(engine) as conn:
        made = issue_correction(conn, ACCOUNT, issued.invoice.number, paper, "遅れて届いた通話")
    assert made is not None
    assert made.total == 29  # of 29.7
    assert not run().changed


def test_a_member_without_anything_to_bill_gets_no_invoice(run: Run) -> None:
    outcome = run(replace(ACCOUNT, lines=()))
    assert (outcome.invoice, outcome.held) == (None, None)


def test_a_member_whose_line_has_no_fee_is_held_back_with_the_reason(run: Run) -> None:
    nameless = replace(ACCOUNT, lines=(replace(ACCOUNT.lines[0], book="reseller"),))
    assert "monthly fee of line 7" in str(run(nameless).held)


def test_a_late_call_makes_a_correction_and_never_an_edit(engine: Engine, paper: Paper, run: Run, keep: Keep) -> None:
    keep(call_at("a", TENTH))
    issued = run().invoice
    assert issued is not None
    keep(call_at("late", TENTH + timedelta(hours=1), 120))
    assert run().changed
    with writing(engine) as conn:
        first = issue_correction(conn, ACCOUNT, issued.number, paper, "遅延通話")
        again = issue_correction(conn, ACCOUNT, issued.number, paper, "遅延通話")
    assert again is None
    assert first is not None
    assert (first.number, first.corrects, first.reason) == ("202605-00003-C1", issued.number, "遅延通話")
    assert [[item.quantity, item.amount] for item in first.items] == [[1, Decimal("59.4")]]
    # 9,379.7 became 9,439.1: together the two papers drop the fraction once.
    assert [issued.total, first.total] == [9379, 60]
    with reading(engine) as conn:
        assert archive.get(conn, issued.number) == issued
    keep(call_at("later", TENTH + timedelta(hours=2)))
    with writing(engine) as conn:
        second = issue_correction(conn, ACCOUNT, issued.number, paper, "遅延通話")
    assert second is not None
    assert [second.number, second.total] == ["202605-00003-C2", 29]
    with reading(engine) as conn:
        assert archive.total_before(conn, first) == 9379
        assert archive.total_before(conn, second) == 9379 + 60


def test_a_line_by_hand_corrects_what_the_ledger_cannot_know(engine: Engine, paper: Paper, run: Run) -> None:
    issued = run().invoice
    assert issued is not None
    with writing(engine) as conn:
        by_hand = other("お詫びの値引き", Decimal(-1100), FeeTax.INCLUDED, MAY)
        made = issue_correction(conn, ACCOUNT, issued.number, paper, "お詫び", by_hand)
        assert made is not None
        assert [made.total, made.totals.tax] == [-1100, -100]
        assert archive.owed(conn, issued) == issued.total - 1100
    with writing(engine) as conn, pytest.raises(BadValue, match=r"correct 202605-00003 again"):
        issue_correction(conn, ACCOUNT, made.number, paper, "再")
    with writing(engine) as conn, pytest.raises(BadValue, match="reason"):
        issue_correction(conn, ACCOUNT, issued.number, paper, " ")


def test_the_first_bill_comes_before_the_service_and_only_once(engine: Engine, paper: Paper, run: Run) -> None:
    early = replace(paper, today=date(2026, 4, 10))
    with writing(engine) as conn:
        first = issue_first(conn, ACCOUNT, 7, early, date(2026, 4, 30))
        again = issue_first(conn, ACCOUNT, 7, replace(early, today=date(2026, 4, 20)), date(2026, 4, 30))
    assert again == first
    assert [first.number, first.kind, first.total] == ["202604-00003-F7", Kind.FIRST, 2750 + 2 * 3300]
    april = run(ACCOUNT, date(2026, 4, 1), date(2026, 5, 1)).invoice
    assert april is not None
    assert [[f"{item.since:%Y-%m}", item.amount] for item in april.items] == [["2026-07", 3300]]


def test_a_first_bill_after_the_monthly_one_is_refused(engine: Engine, paper: Paper, run: Run) -> None:
    run()
    with writing(engine) as conn, pytest.raises(BadValue, match="billed already"):
        issue_first(conn, ACCOUNT, 7, paper, date(2026, 6, 30))


def test_an_invoice_issued_late_is_not_due_before_it_was_seen(run: Run) -> None:
    invoice = run(today=date(2026, 9, 3)).invoice
    assert invoice is not None
    assert invoice.due_on == date(2026, 9, 30)


def test_entered_items_are_billed_once_and_then_not_to_be_removed(engine: Engine, books: Books, run: Run) -> None:
    book = books.in_force("leased-number", NOW)
    with writing(engine) as conn:
        add_one_off(conn, 3, by_fee(book, "change", date(2026, 5, 20)), NOW, line_id=7)
        wrong = add_one_off(conn, 3, by_fee(book, "visit", date(2026, 5, 20)), NOW)
        add_one_off(conn, 3, by_fee(book, "change", date(2026, 6, 2)), NOW)
        add_one_off(conn, 4, by_fee(book, "change", date(2026, 5, 2)), NOW)
        remove_one_off(conn, wrong.id)
    may = run(OLD_ACCOUNT).invoice
    june = run(OLD_ACCOUNT, date(2026, 6, 1), date(2026, 7, 1)).invoice
    assert may is not None
    assert june is not None
    for invoice, key in ((may, "item:1"), (june, "item:3")):
        (item,) = (item for item in invoice.items if item.key.startswith("item:"))
        assert [item.key, item.amount, item.amount_on(invoice.side)] == [key, 2000, 2200]
    assert may.items[-1].number == "+81355550199"
    with writing(engine) as conn:
        assert [one.billed for one in one_offs_of(conn, 3)] == [True, True]
        with pytest.raises(BadValue, match="not on an invoice yet"):
            remove_one_off(conn, 1)
        with pytest.raises(BadValue, match="the id of an entered item"):
            remove_one_off(conn, wrong.id)


def test_an_outage_is_credited_once_on_the_invoice_of_the_month_it_ended(engine: Engine, run: Run) -> None:
    known = datetime(2026, 5, 29, 12, tzinfo=TOKYO)
    with writing(engine) as conn:
        add_outage(conn, 7, known, known + timedelta(days=4, hours=3))
    may = run(OLD_ACCOUNT).invoice
    june = run(OLD_ACCOUNT, date(2026, 6, 1), date(2026, 7, 1)).invoice
    july = run(OLD_ACCOUNT, date(2026, 7, 1), date(2026, 8, 1)).invoice
    credited = [
        [item.amount for item in one.items if item.section is Section.CREDIT]
        for one in (may, june, july)
        if one is not None
    ]
    assert credited == [[], [-319, -110], []]  # 3 x 3,300 / 31 and 1 x 3,300 / 30


def test_a_late_payment_brings_its_interest_once_and_none_on_interest(engine: Engine, run: Run) -> None:
    issued = run(OLD_ACCOUNT, today=date(2026, 6, 1)).invoice
    assert issued is not None
    with writing(engine) as conn:
        add_payment(conn, issued.number, date(2026, 7, 31), None, NOW)
        assert archive.owed(conn, issued) == 0
    assert issued.due_on == date(2026, 6, 30)
    june = run(OLD_ACCOUNT, date(2026, 6, 1), date(2026, 7, 1)).invoice
    july = run(OLD_ACCOUNT, date(2026, 7, 1), date(2026, 8, 1)).invoice
    august = run(OLD_ACCOUNT, date(2026, 8, 1), date(2026, 9, 1)).invoice
    assert july is not None
    found = [
        [item for item in one.items if item.section is Section.INTEREST]
        for one in (june, july, august)
        if one is not None
    ]
    assert [len(one) for one in found] == [0, 1, 0]
    expected = int(issued.total * Decimal("0.145") * 30 / 365)
    assert found[1][0].amount == expected
    assert july.principal == july.total - expected


def test_more_than_is_owed_cannot_be_paid(engine: Engine, run: Run) -> None:
    issued = run().invoice
    assert issued is not None
    with writing(engine) as conn:
        add_payment(conn, issued.number, date(2026, 6, 10), Decimal(1000), NOW)
        for wrong in (issued.total, Decimal(0), Decimal(-5), Decimal("0.5")):
            with pytest.raises(BadValue, match=f"at most {issued.total - 1000}"):
                add_payment(conn, issued.number, date(2026, 6, 11), wrong, NOW)
        with pytest.raises(BadValue, match="day of payment"):
            add_payment(conn, issued.number, date(2026, 5, 31), None, NOW)
        with pytest.raises(BadValue, match="the number of an issued invoice"):
            add_payment(conn, "nobody's", date(2026, 6, 11), None, NOW)


def test_subscriptions_are_kept_and_ended(engine: Engine, books: Books) -> None:
    wanted = Subscription(id=0, line_id=7, book="phone-only", fee="monthly.ace", quantity=1, since=MAY)
    with writing(engine) as conn:
        made = add_subscription(conn, wanted, books)
        assert subscriptions_of(conn, [7, 8]) == {7: (made,)}
        ended = end_subscription(conn, made.id, date(2026, 7, 1))
        assert subscriptions_of(conn, [7]) == {7: (ended,)}
        with pytest.raises(BadValue, match="last month"):
            end_subscription(conn, made.id, date(2026, 4, 1))
        with pytest.raises(BadValue, match="the id of a subscription"):
            end_subscription(conn, 99, date(2026, 7, 1))
        with pytest.raises(BadValue, match="monthly fee"):
            add_subscription(conn, replace(wanted, fee="change"), books)
