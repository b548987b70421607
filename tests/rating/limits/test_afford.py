from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.book import Band, Rate, Row, Tier, flat
from rating.calendar import HOLIDAY, WEEKDAYS
from rating.charge import TOKYO, rate
from rating.limits.afford import affordable, cost, dearest, free
from rating.load import open_books
from rating.party import party
from rating.usage import Plan, Service, Usage
from tests.fixtures.rows import book_of, row_of

LONGEST = Decimal(20_000)
GRAIN = Decimal("0.000001")  # what Asterisk's answered time is exact to
AT = datetime(2026, 5, 11, 10, tzinfo=TOKYO)


def usage(at: datetime = AT, answered: Decimal | None = None, month_seconds: int = 0) -> Usage:
    return Usage(
        service=Service.OUT,
        to=party("0355550100"),
        at=at,
        answered=answered,
        month_seconds=Decimal(month_seconds),
    )


prices = st.one_of(st.just(Decimal(0)), st.decimals(0, 200, places=2))
lengths = st.decimals("20", "400", places=1)
rates = st.builds(Rate, first_seconds=lengths, first_price=prices, next_seconds=lengths, next_price=prices)
days = st.frozensets(st.sampled_from([*WEEKDAYS, HOLIDAY]), min_size=1)
bands = st.builds(
    Band,
    name=st.just("band"),
    days=days,
    since=st.times(max_value=time(12)).map(lambda clock: clock.replace(microsecond=0)),
    until=st.times(min_value=time(13)).map(lambda clock: clock.replace(microsecond=0)),
    rate=rates,
)
tiers = st.builds(Tier, from_seconds=st.integers(1, 5_000).map(Decimal), rate=rates)
GOLDEN_WEEK = datetime(2026, 4, 27, tzinfo=TOKYO)
moments = st.integers(0, 14 * 86_400).map(lambda seconds: GOLDEN_WEEK + timedelta(seconds=seconds))


@st.composite
def rows(draw: st.DrawFn) -> Row:
    kind = draw(st.sampled_from(["plain", "bands", "tiers"]))
    return row_of(
        draw(rates),
        bands=tuple(draw(st.lists(bands, max_size=2))) if kind == "bands" else (),
        tiers=tuple(sorted(draw(st.lists(tiers, max_size=3)), key=lambda tier: tier.from_seconds))
        if kind == "tiers"
        else (),
        connection=draw(st.sampled_from([Decimal(0), Decimal("8.5")])),
        minimum=draw(st.sampled_from([Decimal(0), Decimal(30)])),
        cap=draw(st.sampled_from([None, None, Decimal(0), Decimal(250)])),
    )


@settings(deadline=None)
@given(row=rows(), amount=st.decimals(0, 3_000, places=2), at=moments, used=st.integers(0, 4_000))
def test_the_affordable_time_is_charged_at_most_the_amount_and_a_grain_more_is_not(
    row: Row, amount: Decimal, at: datetime, used: int
) -> None:
    book, asked = book_of(row), usage(at, month_seconds=used)
    seconds = affordable(row, asked, amount, LONGEST)

    def charged(answered: Decimal) -> Decimal:
        return rate(book, replace(asked, answered=answered)).amount

    if seconds is None:
        assert charged(LONGEST) <= amount
    elif seconds == 0:
        assert charged(seconds) > amount
    else:
        assert charged(seconds) <= amount
        assert charged(seconds + GRAIN) > amount
        assert cost(row, asked, seconds) == charged(seconds)


@settings(deadline=None)
@given(row=rows(), at=moments, waits=st.integers(0, 180), seconds=st.decimals(0, 10_000, places=1))
def test_no_hour_of_the_answer_makes_a_call_dearer_than_the_dearest_row(
    row: Row, at: datetime, waits: int, seconds: Decimal
) -> None:
    answered = usage(at + timedelta(seconds=waits))
    assert cost(row, answered, seconds) <= cost(dearest(row), usage(at), seconds)


@settings(deadline=None)
@given(row=rows(), seconds=st.decimals(0, 100_000, places=1), at=moments)
def test_a_free_row_never_costs_anything(row: Row, seconds: Decimal, at: datetime) -> None:
    if free(row):
        assert cost(row, usage(at), seconds) == 0


@pytest.mark.parametrize(
    ("amount", "seconds"),
    [("0", "0"), ("51.69", "0"), ("51.7", "60"), ("103.39", "60"), ("103.4", "120"), ("10000", "11580")],
)
def test_yen_become_minutes_as_the_price_list_has_them(amount: str, seconds: str) -> None:
    book = open_books().in_force("leased-number", AT)
    asked = Usage(
        service=Service.OUT,
        to=party("09055550123"),
        caller=party("0355550100"),
        plan=Plan.FIXED_PHONE,
        at=AT,
        answered=None,
    )
    row = book.row_for(asked)
    assert row is not None
    assert affordable(row, asked, Decimal(amount), LONGEST) == Decimal(seconds)


def test_a_free_row_and_a_capped_price_last_for_ever() -> None:
    assert affordable(row_of(flat(Decimal(0), Decimal(60))), usage(), Decimal(0), LONGEST) is None
    capped = row_of(flat(Decimal(10), Decimal(60)), cap=Decimal(100))
    assert affordable(capped, usage(), Decimal(100), LONGEST) is None
    assert affordable(capped, usage(), Decimal(99), LONGEST) == 540
