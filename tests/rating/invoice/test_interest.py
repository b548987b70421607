from datetime import date
from decimal import Decimal

import pytest

from rating.book import FeeTax
from rating.invoice.interest import Payment, interest, late, late_days

DUE = date(2026, 6, 30)


def paid(number: int, on: date, amount: int) -> Payment:
    return Payment(id=number, invoice="x", paid_on=on, amount=Decimal(amount))


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2026, 6, 30), 0),
        (date(2026, 7, 1), 0),  # from the day after the due date to the day before payment: no day between
        (date(2026, 7, 2), 1),
        (date(2026, 7, 31), 30),
        (date(2026, 1, 1), 0),
    ],
)
def test_days_count_from_the_day_after_the_due_date_to_the_day_before_payment(on: date, days: int) -> None:
    assert late_days(DUE, on) == days


def test_a_year_has_365_days_also_when_it_has_366() -> None:
    assert late_days(date(2027, 12, 31), date(2029, 1, 1)) == 366  # 2028 is a leap year
    assert interest(Decimal(100_000), 365) == 14_500
    assert interest(Decimal(100_000), 366) == 14_539  # 14,539.7…


def test_the_fraction_of_a_yen_is_dropped() -> None:
    assert interest(Decimal(12_000), 19) == 90  # 90.57…


def test_interest_is_not_taxed_and_says_how_it_came_about() -> None:
    (line,) = late("202605-00001", Decimal(12_000), DUE, [paid(5, date(2026, 7, 20), 12_000)])
    assert [line.key, line.amount, line.tax, line.rate] == ["interest:5", 90, FeeTax.NONE, 0]
    assert line.text == "延滞利息 請求書202605-00001（12,000円×年14.5%×19日）"


def test_each_part_bears_interest_up_to_its_own_day_and_no_more_than_is_owed() -> None:
    payments = [
        paid(1, date(2026, 6, 30), 2_000),
        paid(2, date(2026, 7, 20), 4_000),
        paid(3, date(2026, 8, 1), 90_000),
    ]
    lines = late("x", Decimal(12_000), DUE, payments)
    assert [(line.key, line.amount) for line in lines] == [
        ("interest:2", interest(Decimal(4_000), 19)),
        ("interest:3", interest(Decimal(6_000), 31)),
    ]


def test_nothing_is_due_on_time() -> None:
    assert late("x", Decimal(12_000), DUE, [paid(1, DUE, 12_000)]) == []
