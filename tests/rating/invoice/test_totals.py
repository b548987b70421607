from datetime import date
from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.book import FeeTax
from rating.invoice.item import Item, Section, side_of, total_of
from rating.invoice.totals import difference, totals
from rating.money import tax_on, tax_within

DAY = date(2026, 5, 1)


def item(amount: str, tax: FeeTax = FeeTax.EXCLUDED, rate: str = "0.10", key: str = "") -> Item:
    return Item(
        section=Section.USAGE,
        key=key,
        text="例",
        since=DAY,
        until=DAY,
        quantity=Decimal(1),
        unit="式",
        amount=Decimal(amount),
        tax=tax,
        rate=Decimal(0) if tax is FeeTax.NONE else Decimal(rate),
    )


def test_the_tax_is_taken_once_from_the_sum_and_not_line_by_line() -> None:
    found = totals(tuple(item("15") for _ in range(10)))
    # Line by line it would be 10 x 1 yen.
    assert [found.sums[0].base, found.sums[0].tax, found.total] == [150, 15, 165]


def test_a_fraction_of_a_yen_is_dropped_once_from_the_sum() -> None:
    found = totals((item("10.5"), item("10.4"), item("8.3")))
    assert [found.sums[0].base, found.sums[0].dropped, found.sums[0].tax] == [29, Decimal("0.2"), 2]


def test_inclusive_prices_show_the_tax_they_contain() -> None:
    found = totals((item("3300", FeeTax.INCLUDED), item("14.3", FeeTax.INCLUDED)))
    assert [found.side, found.sums[0].base, found.sums[0].tax, found.total] == [FeeTax.INCLUDED, 3314, 301, 3314]


def test_prices_with_and_without_tax_are_stated_with_it() -> None:
    found = totals((item("3300", FeeTax.INCLUDED), item("2000")))
    assert [found.sums[0].base, found.sums[0].tax, found.total] == [5500, 500, 5500]


def test_each_rate_has_its_own_sum_and_what_is_not_taxed_too() -> None:
    found = totals((item("1000"), item("999", rate="0.08"), item("20000", FeeTax.NONE)))
    assert [[one.rate, one.base, one.tax] for one in found.sums] == [
        [Decimal("0.10"), 1000, 100],
        [Decimal("0.08"), 999, 79],
        [Decimal(0), 20000, 0],
    ]
    assert found.total == 1000 + 100 + 999 + 79 + 20000


def test_a_sum_owed_to_the_member_drops_its_fraction_towards_zero() -> None:
    found = totals((item("-10.7"),))
    assert [found.sums[0].base, found.sums[0].tax, found.total] == [-10, -1, -11]


def test_an_inclusive_price_cannot_stand_on_an_invoice_without_tax() -> None:
    with pytest.raises(ValueError, match="its price includes tax"):
        totals((item("1100", FeeTax.INCLUDED, key="x"),), FeeTax.EXCLUDED)


amounts = st.decimals(-5000, 50000, places=1).map(str)
items = st.lists(
    st.builds(item, amounts, st.sampled_from(FeeTax), st.sampled_from(["0.10", "0.08"])), min_size=1, max_size=30
).map(tuple)


@given(items)
def test_the_total_is_the_sum_of_the_lines_after_one_rounding_for_each_rate(lines: tuple[Item, ...]) -> None:
    found = totals(lines)
    total = Decimal(0)
    for rate in {line.rate for line in lines}:
        exact = sum((line.amount_on(found.side) for line in lines if line.rate == rate), Decimal(0))
        base = exact.quantize(Decimal(1), rounding=ROUND_DOWN)
        assert abs(exact - base) < 1
        on_top = tax_on(base, rate) if found.side is FeeTax.EXCLUDED else Decimal(0)
        total += base + on_top
        (one,) = (one for one in found.sums if one.rate == rate)
        assert one.tax == (tax_on(base, rate) if found.side is FeeTax.EXCLUDED else tax_within(base, rate))
        assert one.base + one.dropped == exact
    assert found.total == total
    assert found.total == found.total.to_integral_value()
    assert sum((one.base + one.dropped for one in found.sums), Decimal(0)) == total_of(lines, found.side)


@given(items, items)
def test_an_invoice_and_its_correction_together_are_what_one_invoice_would_have_been(
    first: tuple[Item, ...], more: tuple[Item, ...]
) -> None:
    side = side_of((*first, *more))
    before = totals(first, side)
    correction = difference(totals((*first, *more), side), before)
    assert before.total + correction.total == totals((*first, *more), side).total
    assert before.tax + correction.tax == totals((*first, *more), side).tax
