from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from rating.book import PriceBook, Row
from rating.charge import TOKYO, NoPrice, rate
from rating.load import open_books
from rating.party import HANDSET, party
from rating.usage import Party, Plan, Service, Usage

AT = datetime(2026, 5, 11, 10, 0, tzinfo=TOKYO)
BOOKS = open_books()
FIXED, MOBILE = "0355550100", "09055550100"


def usage(
    service: Service,
    to: str,
    seconds: str | None,
    *,
    plan: Plan | None = None,
    caller: str | None = None,
    at: datetime = AT,
) -> Usage:
    return Usage(
        service=service,
        to=party(to),
        caller=party(caller) if caller else None,
        plan=plan,
        at=at,
        answered=None if seconds is None else Decimal(seconds),
    )


@pytest.mark.parametrize(
    ("seconds", "units", "amount"),
    [
        ("0", 1, "14.3"),
        ("0.4", 1, "14.3"),
        ("180", 1, "14.3"),
        ("180.001", 2, "28.6"),
        ("361", 3, "42.9"),
    ],
)
def test_started_units_are_paid_whole(seconds: str, units: int, amount: str) -> None:
    book = BOOKS.in_force("leased-number", AT)
    charge = rate(book, usage(Service.FORWARD, FIXED, seconds, plan=Plan.FIXED_PHONE))
    assert (charge.units, charge.amount) == (units, Decimal(amount))


def test_a_charge_names_its_row_its_book_and_its_arithmetic() -> None:
    book = BOOKS.in_force("leased-number", AT)
    charge = rate(book, usage(Service.OUT, FIXED, "61", plan=Plan.IN_OUT, caller=MOBILE))
    assert (charge.row, charge.book, charge.effective, charge.tax) == (
        "out-mobile-fixed.in-out",
        "leased-number",
        book.effective,
        "included",
    )
    assert "000" in charge.explanation[0]
    assert "61 s = 2 x 60 s x 51.7 = 103.4" in charge.explanation[1]


def test_an_unanswered_call_costs_nothing() -> None:
    charge = rate(BOOKS.in_force("leased-number", AT), usage(Service.FORWARD, FIXED, None, plan=Plan.IN_OUT))
    assert (charge.amount, charge.units, charge.row) == (Decimal(0), 0, "unanswered")


def test_the_lent_handset_sets_for_free_and_calls_as_a_fixed_phone() -> None:
    book = BOOKS.in_force("leased-number", AT)

    def from_handset(service: Service, to: str) -> Decimal:
        handset = Party(HANDSET, "81355550199")
        return rate(
            book,
            Usage(
                service=service,
                to=party(to),
                caller=handset,
                plan=Plan.FIXED_PHONE,
                at=AT,
                answered=Decimal(61),
            ),
        ).amount

    assert from_handset(Service.SETTINGS, "0355550199") == 0
    assert from_handset(Service.OUT, FIXED) == Decimal(66)
    from_mobile = usage(Service.SETTINGS, "0355550199", "61", plan=Plan.FIXED_PHONE, caller=MOBILE)
    assert rate(book, from_mobile).amount == Decimal(44)


@pytest.mark.parametrize("number", ["05055550100", "0570000000", "0101212555100", "0120555010", "999", "x" * 70])
def test_a_number_without_a_row_is_refused_by_name_and_never_free(number: str) -> None:
    book = BOOKS.in_force("leased-number", AT)
    with pytest.raises(NoPrice, match=r"leased-number 2025-01-10 has no price for .*class "):
        rate(book, usage(Service.FORWARD, number, "10", plan=Plan.IN_OUT))


def test_the_in_out_plan_has_no_price_from_a_fixed_phone() -> None:
    with pytest.raises(NoPrice, match="class fixed, service out, plan in-out, other end fixed"):
        rate(
            BOOKS.in_force("leased-number", AT),
            usage(Service.OUT, FIXED, "10", plan=Plan.IN_OUT, caller="0665550100"),
        )


def test_no_book_holds_before_its_first_day_in_japan() -> None:
    first = datetime(2025, 1, 10, 0, 0, tzinfo=TOKYO)
    assert BOOKS.in_force("leased-number", first).effective == first.date()
    with pytest.raises(NoPrice, match="none in force on 2025-01-09"):
        BOOKS.in_force("leased-number", first.replace(day=9, hour=23, minute=59))
    with pytest.raises(NoPrice, match="found 'none', expected one of"):
        BOOKS.in_force("none", first)


def test_inexact_and_impossible_usage_is_refused() -> None:
    for wrong in (1.5, Decimal("-0.1"), Decimal("NaN")):
        with pytest.raises(BadValue, match="answered seconds"):
            Usage(service=Service.OUT, to=party(FIXED), at=AT, answered=wrong)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="time of the call"):
        Usage(service=Service.OUT, to=party(FIXED), at=AT.replace(tzinfo=None), answered=None)


@given(
    first=st.decimals(0, 100_000, places=3),
    more=st.decimals(0, 100_000, places=3),
    to=st.sampled_from([FIXED, MOBILE]),
    plan=st.sampled_from(Plan),
)
def test_more_seconds_never_cost_less(first: Decimal, more: Decimal, to: str, plan: Plan) -> None:
    book = BOOKS.in_force("leased-number", AT)
    short, long = (rate(book, usage(Service.FORWARD, to, str(s), plan=plan)) for s in (first, first + more))
    assert short.amount <= long.amount
    assert short.units <= long.units


PRICED = [(book, row) for book in BOOKS for row in book.rows]


@given(
    which=st.sampled_from(PRICED),
    first=st.decimals(0, 100_000, places=3),
    more=st.decimals(0, 100_000, places=3),
)
def test_more_seconds_never_cost_less_under_any_row_of_any_book(
    which: tuple[PriceBook, Row], first: Decimal, more: Decimal
) -> None:
    book, row = which
    far = Party(row.far, (row.prefixes or ("81355550100",))[0], row.group)
    near = Party(row.near or "fixed", "81355550100")
    service = min(row.services)

    def cost(seconds: Decimal) -> Decimal:
        inbound = service is Service.FREEPHONE
        used = Usage(
            service=service,
            plan=row.plan,
            caller=far if inbound else near,
            to=near if inbound else far,
            variant=row.variant,
            at=AT,
            answered=seconds,
        )
        charge = rate(book, used)
        # The document has the United Kingdom twice: its first row answers for both.
        assert charge.row == row.id or row.id == "intl.great-britain"
        return charge.amount

    assert cost(first) <= cost(first + more)
