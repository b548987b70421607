"""Rows with bands, tiers, minimum, cap and unequal units, which no packaged book has."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.book import Band, PriceBook, Rate, Row, Tier, flat
from rating.calendar import HOLIDAY, WEEKDAYS, day_name
from rating.charge import TOKYO, Charge, rate
from rating.money import Tax
from rating.party import party
from rating.usage import Service, Usage

MINUTE = Decimal(60)
DAY, NIGHT, REST = (flat(Decimal(price), MINUTE) for price in ("10", "4", "2"))
NIGHT_BANDS = (
    Band(name="night", days=frozenset(WEEKDAYS), since=time(22), until=time(0), rate=NIGHT),
    Band(name="small hours", days=frozenset(WEEKDAYS), since=time(0), until=time(8), rate=NIGHT),
    Band(name="holiday", days=frozenset([HOLIDAY]), since=time(0), until=time(0), rate=REST),
)


def book(
    price: Rate = DAY,
    *,
    bands: tuple[Band, ...] = (),
    tiers: tuple[Tier, ...] = (),
    connection: int = 0,
    minimum: int = 0,
    cap: int | None = None,
) -> PriceBook:
    row = Row(
        id="only",
        name="only",
        services=frozenset(Service),
        plan=None,
        near="",
        far="fixed",
        group="",
        variant="",
        prefixes=(),
        connection=Decimal(connection),
        rate=price,
        minimum=Decimal(minimum),
        cap=None if cap is None else Decimal(cap),
        cites="test",
        bands=bands,
        tiers=tiers,
    )
    return PriceBook(id="test", effective=date(2026, 1, 1), title="t", document="d", tax=Tax.EXCLUDED, rows=(row,))


def charge(book: PriceBook, at: datetime, seconds: int | Decimal, month_seconds: int = 0) -> Charge:
    return rate(
        book,
        Usage(
            service=Service.OUT,
            to=party("0355550100"),
            at=at,
            answered=Decimal(seconds),
            month_seconds=Decimal(month_seconds),
        ),
    )


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=TOKYO)  # type: ignore[misc,arg-type]


def test_each_unit_is_paid_at_the_band_in_which_it_starts() -> None:
    banded = book(bands=NIGHT_BANDS)
    # Units start at 21:58:30, 21:59:30, 22:00:30: the second runs into the night and is paid by day.
    over = charge(banded, local(2026, 5, 11, 21, 58, 30), 180)
    assert (over.units, over.amount) == (3, Decimal(24))
    assert "other hours: 2 units x 10" in over.explanation
    assert "night: 1 units x 4" in over.explanation
    assert charge(banded, local(2026, 5, 11, 21, 59, 59), 60).amount == 10
    assert charge(banded, local(2026, 5, 11, 22, 0, 0), 60).amount == 4
    assert charge(banded, local(2026, 5, 12, 7, 59, 0), 120).amount == 14


def test_bands_are_of_japan_wherever_the_time_was_written() -> None:
    assert charge(book(bands=NIGHT_BANDS), datetime(2026, 5, 11, 13, 0, tzinfo=UTC), 60).amount == 4


def test_on_a_holiday_the_holiday_band_holds_and_from_midnight_the_next_day() -> None:
    banded = book(bands=NIGHT_BANDS)
    # 2026-05-06 is the substitute for 憲法記念日, which falls on a Sunday.
    assert day_name(date(2026, 5, 6)) == HOLIDAY
    assert charge(banded, local(2026, 5, 6, 12, 0), 60).amount == 2
    assert charge(banded, local(2026, 5, 6, 23, 59), 120).amount == 2 + 4


def test_without_a_holiday_band_a_holiday_is_its_weekday() -> None:
    wednesday = Band(name="wed", days=frozenset(["wed"]), since=time(0), until=time(0), rate=NIGHT)
    assert charge(book(bands=(wednesday,)), local(2026, 5, 6, 12, 0), 60).amount == 4


def test_the_first_unit_may_differ() -> None:
    price = Rate(
        first_seconds=Decimal(180), first_price=Decimal(9), next_seconds=Decimal(30), next_price=Decimal("1.5")
    )
    for seconds, units, amount in [(1, 1, "9"), (180, 1, "9"), (181, 2, "10.5"), (210, 2, "10.5"), (211, 3, "12")]:
        found = charge(book(price), local(2026, 5, 11, 12, 0), seconds)
        assert (found.units, found.amount) == (units, Decimal(amount))


def test_connection_fee_minimum_and_cap_bound_the_call() -> None:
    noon = local(2026, 5, 11, 12, 0)
    bounded = book(connection=3, minimum=20, cap=50)
    assert [charge(bounded, noon, seconds).amount for seconds in (1, 61, 240, 241, 6000)] == [20, 23, 43, 50, 50]
    assert charge(bounded, noon, 6000).explanation[-1] == "capped at 50"
    assert charge(bounded, noon, 1).explanation[-1] == "minimum charge 20"


def test_a_unit_is_paid_at_the_tier_in_which_it_starts() -> None:
    tiers = (Tier(from_seconds=Decimal(3600), rate=NIGHT), Tier(from_seconds=Decimal(7200), rate=REST))
    tiered, noon = book(tiers=tiers), local(2026, 5, 11, 12, 0)
    assert charge(tiered, noon, 120, month_seconds=0).amount == 20
    assert charge(tiered, noon, 120, month_seconds=3540).amount == 14
    assert charge(tiered, noon, 60, month_seconds=3600).amount == 4
    assert charge(tiered, noon, 60, month_seconds=8000).amount == 2


@pytest.mark.parametrize("seconds", [59, 60])
def test_the_last_second_of_a_unit_and_of_a_month_stays_in_its_unit(seconds: int) -> None:
    assert charge(book(), local(2026, 5, 31, 23, 59, 0), seconds).amount == 10


@given(
    st.integers(0, 365 * 24 * 3600),
    st.integers(0, 20_000),
    st.integers(0, 20_000),
    st.booleans(),
)
def test_more_seconds_never_cost_less_over_bands_tiers_and_cap(
    into_year: int, seconds: int, more: int, by_tiers: bool
) -> None:
    tiers = (Tier(from_seconds=Decimal(3600), rate=REST),)
    priced = book(tiers=tiers, cap=500) if by_tiers else book(bands=NIGHT_BANDS, connection=5, cap=900)
    start = local(2026, 1, 1) + timedelta(seconds=into_year)
    assert charge(priced, start, seconds).amount <= charge(priced, start, seconds + more).amount
