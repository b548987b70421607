from datetime import date, datetime
from decimal import Decimal

import pytest

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice.item import Section
from rating.invoice.oneoff import as_item, by_fee, by_works, evasion, other
from rating.invoice.totals import totals

DAY = date(2026, 5, 20)
AT = datetime(2026, 5, 20, 12, tzinfo=TOKYO)


def test_changes_cost_2000_each_and_a_visit_35000_before_tax(books: Books) -> None:
    book = books.in_force("leased-number", AT)
    changes, visit = by_fee(book, "change", DAY, quantity=3), by_fee(book, "visit", DAY)
    assert [changes.amount, changes.tax, visit.amount, visit.tax] == [6000, FeeTax.EXCLUDED, 35000, FeeTax.EXCLUDED]
    assert "000 利用約款 第5条4" in changes.cites


def test_damage_is_charged_up_to_the_most_that_the_document_allows(books: Books) -> None:
    book = books.in_force("phone-only", AT)
    assert by_fee(book, "damage.office-adapter", DAY, amount=Decimal(58_000)).amount == 58_000
    with pytest.raises(BadValue, match="at most 58000 for damage"):
        by_fee(book, "damage.office-adapter", DAY, amount=Decimal(58_001))
    with pytest.raises(BadValue, match="at most 12000"):
        by_fee(book, "damage.router", DAY)


def test_a_fixed_price_cannot_be_haggled(books: Books) -> None:
    with pytest.raises(BadValue, match="none: change costs 2000"):
        by_fee(books.in_force("leased-number", AT), "change", DAY, amount=Decimal(1000))


@pytest.mark.parametrize(("fee", "yen"), [("termination.company", 20_000), ("termination.person.ace", 3_850)])
def test_early_termination_is_not_taxed(books: Books, fee: str, yen: int) -> None:
    book = books.in_force("phone-only", AT)
    item = as_item(by_fee(book, fee, DAY, opened_on=date(2024, 5, 1)), "item:1")
    assert [item.amount, item.tax, item.rate] == [yen, FeeTax.NONE, 0]
    assert totals((item,)).total == yen


def test_early_termination_ends_with_the_third_year(books: Books) -> None:
    book = books.in_force("phone-only", AT)
    last = by_fee(book, "termination.company", date(2027, 4, 30), opened_on=date(2024, 5, 1))
    assert last.amount == 20_000
    with pytest.raises(BadValue, match="a day before 2027-05-01"):
        by_fee(book, "termination.company", date(2027, 5, 1), opened_on=date(2024, 5, 1))
    with pytest.raises(BadValue, match="a day before 2027-03-01"):
        by_fee(book, "termination.company", date(2027, 3, 1), opened_on=date(2024, 2, 29))
    with pytest.raises(BadValue, match="contract"):
        by_fee(book, "termination.company", DAY)


def test_a_monthly_fee_is_not_charged_once(books: Books) -> None:
    with pytest.raises(BadValue, match=r"fee: found 'monthly\.in-out'"):
        by_fee(books.in_force("leased-number", AT), "monthly.in-out", DAY)


def test_works_on_a_saturday_night_follow_the_rules_for_hours_and_days(books: Books) -> None:
    book = books.in_force("reseller", AT)
    lines = by_works(book, ["open.office.visit"], datetime(2026, 5, 9, 23, 0, tzinfo=TOKYO))
    # (20,000 - 1,000) x 1.6 + 1,000, and 3,000 for the Saturday.
    assert sum(line.amount for line in lines) == 34_400
    assert {line.tax for line in lines} == {FeeTax.EXCLUDED}


def test_evasion_costs_twice_the_amount_without_tax_and_tax_on_top() -> None:
    surcharge = evasion(Decimal("1234.5"), DAY)
    assert [surcharge.section, surcharge.amount] == [Section.SURCHARGE, 2469]
    assert totals((as_item(surcharge, "item:1"),)).total == 2469 + 246
    with pytest.raises(BadValue, match="evaded amount"):
        evasion(Decimal(0), DAY)


def test_anything_else_needs_words_and_whole_yen() -> None:
    assert other(" 返金 ", Decimal(-500), FeeTax.NONE, DAY).text == "返金"
    with pytest.raises(BadValue, match="text of the item"):
        other(" ", Decimal(500), FeeTax.NONE, DAY)
    for wrong in (Decimal("0.5"), Decimal(0)):
        with pytest.raises(BadValue, match="whole yen"):
            other("例", wrong, FeeTax.NONE, DAY)
