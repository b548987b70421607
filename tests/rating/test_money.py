from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from rating.money import TaxedSum, plain, tax_on, tax_rate, tax_within, taxed, yen


@pytest.mark.parametrize(
    ("written", "amount"), [("8.0", "8"), ("¥1,000", "1000"), (" 14.3 ", "14.3"), (22, "22"), (Decimal("0.1"), "0.1")]
)
def test_a_price_is_read_as_written(written: object, amount: str) -> None:
    assert yen(written) == Decimal(amount)


@pytest.mark.parametrize("wrong", [14.3, True, None, "", "x", "NaN", "Infinity", Decimal("sNaN"), "1.2.3"])
def test_a_float_and_what_is_no_finite_number_are_refused(wrong: object) -> None:
    with pytest.raises(BadValue, match="amount in yen"):
        yen(wrong)


@pytest.mark.parametrize(
    ("day", "rate"),
    [((2019, 9, 30), "0.08"), ((2019, 10, 1), "0.10"), ((2014, 3, 31), "0.05"), ((2014, 4, 1), "0.08")],
)
def test_the_tax_rate_is_that_of_the_day(day: tuple[int, int, int], rate: str) -> None:
    assert tax_rate(date(*day)) == Decimal(rate)


def test_before_the_tax_there_is_no_rate() -> None:
    with pytest.raises(BadValue, match="found '1989-03-31', expected on or after 1989-04-01"):
        tax_rate(date(1989, 3, 31))


def test_a_fraction_of_a_yen_of_tax_is_dropped() -> None:
    assert tax_on(Decimal("19.9"), Decimal("0.10")) == 1
    assert tax_within(Decimal("14.3"), Decimal("0.10")) == 1
    assert tax_within(Decimal(11), Decimal("0.10")) == 1
    assert tax_on(Decimal("-19.9"), Decimal("0.10")) == -1


def test_tax_is_rounded_once_for_each_rate() -> None:
    ten, eight = Decimal("0.10"), Decimal("0.08")
    lines = [(Decimal("5.5"), ten), (Decimal("5.5"), ten), (Decimal(100), eight)]
    sums = taxed(lines)
    assert sums == (
        TaxedSum(rate=ten, net=Decimal("11.0"), tax=Decimal(1)),
        TaxedSum(rate=eight, net=Decimal(100), tax=Decimal(8)),
    )
    assert sums[0].gross == 12


@given(st.decimals(0, 10**9, places=3))
def test_plain_writes_the_same_number_without_exponent_or_trailing_zeros(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert "." not in text or text[-1] not in "0."
