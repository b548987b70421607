from dataclasses import replace
from datetime import date, datetime

import pytest

from dialplan.errors import BadValue
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice.account import Account, Subscription
from rating.invoice.item import Item, Section
from rating.invoice.recurring import first_bill, recurring

from .conftest import ACCOUNT, LINE

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def said(items: list[Item]) -> list[tuple[str, str, int]]:
    return [(item.key.split(":")[0], f"{item.since:%Y-%m}", int(item.amount)) for item in items]


def billed(items: list[Item]) -> dict[str, Item]:
    return {item.key: item for item in items}


def test_the_first_bill_is_the_initial_fee_and_two_whole_months(books: Books) -> None:
    items = recurring(ACCOUNT, MAY, books, {})
    assert said(items) == [("initial", "2026-05", 2750), ("basic", "2026-05", 3300), ("basic", "2026-06", 3300)]
    assert [item.section for item in items] == [Section.ONE_OFF, Section.BASIC, Section.BASIC]


def test_a_service_that_starts_late_in_the_month_pays_the_whole_month(books: Books) -> None:
    late = replace(ACCOUNT, lines=(replace(LINE, starts_at=datetime(2026, 5, 29, 10, tzinfo=TOKYO)),))
    assert said(recurring(late, MAY, books, {})) == [
        ("initial", "2026-05", 2750),
        ("basic", "2026-05", 3300),
        ("basic", "2026-06", 3300),
    ]


def test_a_rental_office_pays_at_the_end_of_a_month_for_the_month_after_next(books: Books) -> None:
    paid = billed(first_bill(LINE, books, {}))
    # The invoice of April is due at the end of May, which is when July is due; that of May is due with August.
    assert said(recurring(ACCOUNT, APRIL, books, paid)) == [("basic", "2026-07", 3300)]
    paid |= billed(recurring(ACCOUNT, APRIL, books, paid))
    assert said(recurring(ACCOUNT, MAY, books, paid)) == [("basic", "2026-08", 3300)]


def test_another_member_pays_at_the_end_of_a_month_for_the_next_one(books: Books) -> None:
    account = replace(ACCOUNT, months_ahead=1)
    paid = billed(first_bill(LINE, books, {}))
    assert recurring(account, MARCH, books, paid) == []
    assert said(recurring(account, MAY, books, paid)) == [("basic", "2026-07", 3300)]


def test_months_missed_by_a_late_first_bill_are_caught_up(books: Books) -> None:
    paid = billed(recurring(ACCOUNT, MAY, books, {}))
    assert said(recurring(ACCOUNT, JUNE, books, paid)) == [
        ("basic", "2026-07", 3300),
        ("basic", "2026-08", 3300),
        ("basic", "2026-09", 3300),
    ]


def test_what_was_billed_elsewhere_is_not_billed_again(books: Books) -> None:
    old = replace(LINE, starts_at=datetime(2019, 4, 1, tzinfo=TOKYO), billed_from=JUNE)
    assert said(recurring(replace(ACCOUNT, lines=(old,)), MARCH, books, {})) == [("basic", "2026-06", 3300)]
    new = replace(LINE, billed_from=MAY)
    assert said(first_bill(new, books, {})) == said(first_bill(LINE, books, {}))


def test_a_line_that_starts_later_is_not_billed_yet(books: Books) -> None:
    later = replace(ACCOUNT, lines=(replace(LINE, starts_at=datetime(2027, 1, 4, 10, tzinfo=TOKYO)),))
    assert recurring(later, MAY, books, {}) == []


def test_a_line_is_paid_for_up_to_its_last_month_and_more_comes_back(books: Books) -> None:
    paid = billed(recurring(ACCOUNT, MAY, books, {}))
    paid |= billed(recurring(ACCOUNT, JUNE, books, paid))
    ended = replace(ACCOUNT, lines=(replace(LINE, ends_at=datetime(2026, 7, 31, 15, tzinfo=TOKYO)),))
    items = recurring(ended, date(2026, 7, 1), books, paid)
    assert said(items) == [("basic", "2026-08", -3300), ("basic", "2026-09", -3300)]
    assert all("返金" in item.text for item in items)


def test_a_subscription_is_paid_in_advance_and_returned_like_the_basic_fee(books: Books) -> None:
    fax = Subscription(id=1, line_id=7, book="phone-only", fee="fax-mail.ace", quantity=2, since=date(2026, 6, 1))
    line = replace(LINE, subscriptions=(fax,))
    paid = billed(first_bill(LINE, books, {}))
    assert said(first_bill(line, books, {}))[-1] == ("basic", "2026-06", 200)
    items = recurring(replace(ACCOUNT, lines=(line,)), APRIL, books, paid)
    assert said(items) == [("basic", "2026-06", 200), ("basic", "2026-07", 3300), ("basic", "2026-07", 200)]
    stopped = replace(line, subscriptions=(replace(fax, until=date(2026, 6, 1)),))
    back = recurring(replace(ACCOUNT, lines=(stopped,)), APRIL, books, paid | billed(items))
    assert said(back) == [("basic", "2026-07", -200)]


def test_a_line_without_any_monthly_fee_is_refused(books: Books) -> None:
    account = Account(member_id=1, name="例", months_ahead=1, lines=(replace(LINE, book="reseller"),))
    with pytest.raises(BadValue, match=r"monthly fee of line 7 for 2026-05.*monthly\.fixed-phone"):
        recurring(account, MAY, books, {})


def test_an_unknown_subscription_names_what_the_book_lacks(books: Books) -> None:
    wrong = Subscription(id=1, line_id=7, book="phone-only", fee="contract.new", quantity=1, since=MAY)
    with pytest.raises(BadValue, match=r"monthly fee: found 'contract\.new'"):
        first_bill(replace(LINE, subscriptions=(wrong,)), books, {})
