from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice.account import Subscription
from rating.invoice.outage import Outage, check_outage, outage_credits, spans

from .conftest import LINE, OLD_LINE

KNOWN = datetime(2026, 6, 10, 9, 30, tzinfo=TOKYO)


def outage(length: timedelta, known: datetime = KNOWN) -> Outage:
    return Outage(id=4, line_id=7, known_at=known, restored_at=known + length)


@pytest.mark.parametrize(
    ("hours", "days", "yen"),
    [(23.99, 0, 0), (24, 1, 110), (47.9, 1, 110), (48, 2, 220), (240, 10, 1100)],
)
def test_only_whole_spans_of_24_hours_are_credited(books: Books, hours: float, days: int, yen: int) -> None:
    found = outage_credits(outage(timedelta(hours=hours)), OLD_LINE, books)
    assert sum(item.quantity for item in found) == days
    assert sum(-item.amount for item in found) == yen  # 3,300 / 30 days


def test_a_month_of_31_days_has_a_smaller_day_and_its_fraction_is_dropped(books: Books) -> None:
    (item,) = outage_credits(outage(timedelta(days=2), KNOWN.replace(month=5)), OLD_LINE, books)
    assert item.amount == -212  # 3,300 x 2 / 31 = 212.9…
    assert (item.tax, item.rate) == (FeeTax.INCLUDED, Decimal("0.10"))
    assert item.text == "利用不能による減額（5月 24時間×2）"


def test_spans_over_a_month_end_count_for_the_month_in_japan_in_which_they_begin() -> None:
    found = spans(outage(timedelta(days=3), datetime(2026, 6, 29, 23, 0, tzinfo=TOKYO)))
    assert found == {date(2026, 6, 1): 2, date(2026, 7, 1): 1}


def test_options_of_the_line_are_credited_with_its_basic_fee(books: Books) -> None:
    option = Subscription(
        id=1, line_id=7, book="leased-number", fee="monthly.in-out", quantity=1, since=date(2025, 4, 1)
    )
    line = replace(OLD_LINE, subscriptions=(option,))
    (item,) = outage_credits(outage(timedelta(days=3)), line, books)
    assert item.amount == -(3300 + 2200) * 3 // 30


def test_a_line_not_in_service_has_nothing_to_credit(books: Books) -> None:
    later = replace(LINE, starts_at=datetime(2026, 7, 1, tzinfo=TOKYO))
    assert outage_credits(outage(timedelta(days=3)), later, books) == []


def test_an_outage_that_ends_before_it_was_known_is_refused() -> None:
    with pytest.raises(BadValue, match="end of the outage"):
        check_outage(KNOWN, KNOWN)
