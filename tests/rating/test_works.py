from datetime import datetime
from decimal import Decimal

import pytest

from dialplan.errors import BadValue
from rating.charge import TOKYO
from rating.load import open_books
from rating.works import VisitHour, price_works

BOOKS = open_books()
(RESELLER,) = BOOKS.versions("reseller")
VISIT = "open.office.visit"  # 20,000


def total(works: list[str], *when: int, named: bool = False, hour: VisitHour | None = None) -> Decimal:
    at = datetime(*when, tzinfo=TOKYO)  # type: ignore[misc,arg-type]
    lines = price_works(RESELLER, works, at, named_holiday=named, visit_hour=hour)
    return sum((line.amount for line in lines), Decimal(0))


@pytest.mark.parametrize(
    ("when", "yen", "why"),
    [
        ((2026, 5, 11, 8, 30), 20_000, "a working day"),
        ((2026, 5, 11, 16, 59), 20_000, "the last minute of the day"),
        ((2026, 5, 11, 17, 0), 25_700, "evening: 19,000 x 1.3 + 1,000"),
        ((2026, 5, 11, 21, 59), 25_700, "evening"),
        ((2026, 5, 11, 22, 0), 31_400, "night: 19,000 x 1.6 + 1,000"),
        ((2026, 5, 11, 8, 29), 31_400, "night"),
        ((2026, 5, 9, 10, 0), 23_000, "a Saturday: + 3,000"),
        ((2026, 5, 6, 10, 0), 23_000, "a substitute holiday: + 3,000"),
        ((2026, 5, 9, 18, 0), 28_700, "a Saturday evening"),
        ((2026, 12, 29, 8, 30), 25_700, "year end by day: as an evening"),
        ((2026, 12, 29, 8, 29), 31_400, "year end before 8:30: night"),
        ((2026, 12, 28, 10, 0), 20_000, "the day before the year end"),
        ((2027, 1, 3, 10, 0), 28_700, "year end, and a Sunday"),
    ],
)
def test_works_cost_by_hour_and_day(when: tuple[int, ...], yen: int, why: str) -> None:
    assert total([VISIT], *when) == yen, why


def test_a_named_date_and_a_named_hour_are_items_of_their_own() -> None:
    assert total([VISIT], 2026, 5, 9, 10, 0, named=True) == 20_000 + 3_000 + 3_500
    assert total([VISIT], 2026, 5, 11, 10, 0, hour=VisitHour.DAY) == 32_000
    assert total([VISIT], 2026, 5, 11, 18, 0, hour=VisitHour.EVENING) == 25_700 + 19_000
    assert total([VISIT], 2026, 5, 11, 22, 0, hour=VisitHour.NIGHT) == 31_400 + 29_000


def test_each_started_29000_beyond_the_first_of_works_other_than_the_basic_adds_3500() -> None:
    noon = (2026, 5, 11, 12, 0)
    nine = "tv.work.alone"  # 9,000
    assert total([VISIT, nine], *noon) == 29_000
    assert total([VISIT, nine, "work.basic.visit"], *noon) == 34_000
    assert total([VISIT, nine, "work.function"], *noon) == 30_000 + 3_500
    assert total([VISIT, VISIT, nine, nine], *noon) == 58_000 + 3_500
    assert total([VISIT, VISIT, nine, nine, "work.function"], *noon) == 59_000 + 7_000


def test_a_work_without_a_price_or_unknown_and_a_book_without_rules_are_refused() -> None:
    noon = datetime(2026, 5, 11, 12, 0, tzinfo=TOKYO)
    with pytest.raises(BadValue, match="priced case by case"):
        price_works(RESELLER, ["work.special-wiring"], noon)
    with pytest.raises(BadValue, match="work: found 'nothing', expected a work in reseller 2015-09-25"):
        price_works(RESELLER, ["nothing"], noon)
    with pytest.raises(BadValue, match="expected one with rules for works"):
        price_works(BOOKS.versions("leased-number")[0], [VISIT], noon)
