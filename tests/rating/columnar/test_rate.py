"""Columns against rating.charge.rate, the standard: whatever the book and the calls, row, units and yen agree."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialplan.errors import BadValue
from rating.book import Band, PriceBook, Rate, Row, Tier, flat
from rating.calendar import HOLIDAY, WEEKDAYS
from rating.charge import TOKYO
from rating.columnar.calls import columns
from rating.columnar.rate import rate_columns
from rating.ended import EndedCall
from rating.load import open_books
from rating.money import Tax
from rating.party import KINDS
from rating.usage import Plan, Service
from tests.fixtures.columns import Rated, as_csv, by_columns, ended, one_by_one

BOOKS = open_books()
NOON = datetime(2026, 5, 11, 3, 0, tzinfo=UTC)
MINUTE = Decimal(60)


def row(name: str, price: Rate, **other: object) -> Row:
    given: dict[str, object] = {"near": "", "far": "fixed", "group": "", "variant": "", "prefixes": (), "plan": None}
    given |= {"connection": Decimal(0), "minimum": Decimal(0), "cap": None, "services": frozenset(Service)}
    return Row(id=name, name=name, rate=price, cites="test", **(given | other))  # type: ignore[arg-type]


def book(*rows: Row, effective: date = date(2026, 1, 1), **other: object) -> PriceBook:
    return PriceBook(
        id="test",
        effective=effective,
        title="t",
        document="d",
        tax=Tax.EXCLUDED,
        rows=rows,
        **other,  # type: ignore[arg-type]
    )


def agree(versions: list[PriceBook], calls: list[EndedCall]) -> dict[tuple[int, datetime], Rated]:
    standard = one_by_one(versions, calls)
    assert by_columns(versions, [as_csv(calls)]) == standard
    return standard


@pytest.mark.parametrize("seconds", ["0", "0.000001", "59.999999", "60", "60.000001", "180", "180.000001", "86399.5"])
@pytest.mark.parametrize("book_id", BOOKS.ids())
def test_every_row_of_every_packaged_book_at_the_edges_of_its_units(book_id: str, seconds: str) -> None:
    versions = list(BOOKS.versions(book_id))
    calls = [
        _call(index * 1_000 + place, one, service, number, seconds)
        for version in versions
        for index, one in enumerate(version.rows)
        for service in sorted(one.services)
        for place, number in enumerate(
            [prefix.ljust(11, "5") for prefix in one.prefixes] or ["81355550100", "819055550100", "815055550100"]
        )
    ]
    rated = agree(versions, calls)
    assert sum(one is not None for one in rated.values()) >= 0.5 * len(rated)


def _call(line: int, one: Row, service: Service, number: str, seconds: str) -> EndedCall:
    far, near = (f"+{number}", one.far), ("+81355550199", one.near or "fixed")
    caller, called = (far, near) if service is Service.FREEPHONE else (near, far)
    return ended(
        line,
        called[0],
        # Each service at its own moment, so that line and moment tell the calls apart.
        NOON + timedelta(minutes=list(Service).index(service)),
        seconds,
        service=service,
        caller=caller[0],
        plan=one.plan,
        from_kind=caller[1],
        to_kind=called[1],
        variant=one.variant,
    )


@pytest.mark.parametrize(
    "number",
    [
        *("+18085550123", "+12125550123", "+34928123456", "+34911234567", "+351291123456", "+351211234567"),
        *("+672312345", "+390669812345", "+390612345678", "+881612345678", "+882161234567", "+870761234567"),
        *("+16715550123", "+441534123456", "+447911123456", "+74951234567", "+77011234567", "+8108012345678"),
        *("117", "110", "104", "#1234", "20010", "0033010441234567890", 'garbage,"quoted"', "", "+81", "x" * 40),
        *("+810312345678", "+81312345678", "+8131234567", "+819012345678", "+81901234567", "+815012345678"),
        *("+812012345678", "+81120555010", "+81570000000", "+81990123456", "09012345678", "０３-1234-5678"),
    ],
)
def test_numbers_inside_others_and_numbers_that_are_none(number: str) -> None:
    for book_id in BOOKS.ids():
        calls = [
            ended(line, number, NOON, "61.5", plan=plan, service=service, caller=caller)
            for line, (plan, service, caller) in enumerate(
                (plan, service, caller)
                for plan in (None, *Plan)
                for service in Service
                for caller in (None, "+819012345678", "+81355550100", number[:40])
            )
        ]
        agree(list(BOOKS.versions(book_id)), calls)


def test_each_number_block_and_unpriced_prefix_decides_as_in_the_book() -> None:
    rows = (
        row("any", flat(Decimal(1), MINUTE), far="mobile"),
        row("a", flat(Decimal(2), MINUTE), far="mobile", group="A"),
        row("b", flat(Decimal(3), MINUTE), far="mobile", group="B"),
        row("america", flat(Decimal(5), MINUTE), far="international", prefixes=("1",)),
        row("hawaii", flat(Decimal(6), MINUTE), far="international", prefixes=("1808",)),
    )
    blocks = {"819070": "A", "8190703": "B", "81907033445566": "A", "8180": "B"}
    priced = book(*rows, blocks=blocks, default_groups={"mobile": "C"}, unpriced={"1809": "an island"})
    numbers = ["+819070345566", "+819070334455", "+819071234567", "+818012345678", "+817012345678"]
    numbers += ["+18085550123", "+18095550123", "+12125550123", "+819070312345"]
    rated = agree([priced], [ended(line, number, NOON, "61") for line, number in enumerate(numbers)])
    assert [one and one[0] for one in rated.values()] == [
        *("b", "b", "any", "b", "any", "hawaii", None, "america", "b"),
    ]


def test_the_version_of_the_day_in_japan_charges_and_none_before_the_first() -> None:
    versions = [
        book(row("old", flat(Decimal(1), MINUTE)), effective=date(2026, 5, 1)),
        book(row("new", flat(Decimal(2), MINUTE)), effective=date(2026, 5, 11)),
    ]
    first = datetime(2026, 5, 1, tzinfo=TOKYO).astimezone(UTC)
    change = datetime(2026, 5, 11, tzinfo=TOKYO).astimezone(UTC)
    moments = [first - timedelta(microseconds=1), first, change - timedelta(microseconds=1), change]
    rated = agree(versions, [ended(1, "+81355550100", at, "600") for at in moments])
    assert [one and one[0] for one in rated.values()] == [None, "old", "old", "new"]


@pytest.mark.parametrize("seconds", [None, "-1"])
def test_what_was_not_answered_and_what_a_stepped_clock_made_negative_have_no_charge(seconds: str | None) -> None:
    calls = [ended(1, "+81355550100", NOON, seconds)]
    assert by_columns([book(row("only", flat(Decimal(1), MINUTE)))], [as_csv(calls)]) == {(1, NOON): None}


def test_the_handsets_own_incoming_calls_have_no_charge() -> None:
    assert agree(
        [book(row("only", flat(Decimal(1), MINUTE)))],
        [ended(1, "+81355550100", NOON, "5", service=Service.INCOMING)],
    ) == {(1, NOON): None}


def test_sums_beyond_any_machine_word_stay_exact() -> None:
    dear = row("dear", flat(Decimal("999999999.999999"), Decimal("0.001")), connection=Decimal("0.000001"))
    rated = agree([book(dear)], [ended(1, "+81355550100", NOON, "9999999999.999999")])
    assert rated[(1, NOON)] == ("dear", 10**13, Decimal("9999999999999990000000.000001"))


@pytest.mark.parametrize("wrong", [flat(Decimal("0.0000001"), MINUTE), flat(Decimal(1), Decimal("0.0000001"))])
def test_a_price_finer_than_the_ledger_keeps_is_refused(wrong: Rate) -> None:
    with columns() as found:
        found.take(as_csv([ended(1, "+81355550100", NOON, "1")]))
        with pytest.raises(BadValue, match="at most 6 decimals"):
            rate_columns(found, [book(row("fine", wrong))])


def test_a_call_longer_than_a_month_on_a_banded_row_is_left_to_the_standard() -> None:
    night = Band(name="night", days=frozenset(WEEKDAYS), since=time(22), until=time(0), rate=flat(Decimal(1), MINUTE))
    banded = book(row("banded", flat(Decimal(3), MINUTE), bands=(night,), cap=Decimal(10**6)))
    agree([banded], [ended(1, "+81355550100", NOON, str(40 * 86_400)), ended(2, "+81355550100", NOON, "600")])


lengths = st.sampled_from([Decimal(text) for text in ("0.001", "0.5", "1", "7", "30", "60", "180", "3600", "90.125")])
amounts = st.decimals(0, 1000, places=6)
rates = st.builds(Rate, first_seconds=lengths, first_price=amounts, next_seconds=lengths, next_price=amounts)
slow = st.sampled_from([Decimal(7), Decimal(30), Decimal("90.125"), Decimal(3600)])
slow_rates = st.builds(Rate, first_seconds=slow, first_price=amounts, next_seconds=slow, next_price=amounts)


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    """Not overlapping, on any days, holidays or not."""
    hours = sorted(draw(st.sets(st.integers(0, 24 * 60 - 1), min_size=2, max_size=6)))
    found = []
    for since, until in zip(hours, [*hours[1:], 0], strict=True):
        days = draw(st.frozensets(st.sampled_from((*WEEKDAYS, HOLIDAY)), max_size=8))
        if days:
            clocks = [time(*divmod(minutes, 60)) for minutes in (since, until)]
            found.append(Band(name=str(since), days=days, since=clocks[0], until=clocks[1], rate=draw(slow_rates)))
    return tuple(found)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    steps = sorted(draw(st.sets(st.integers(1, 20_000), min_size=1, max_size=4)))
    return tuple(Tier(from_seconds=Decimal(step), rate=draw(slow_rates)) for step in steps)


@st.composite
def shapes(draw: st.DrawFn) -> Row:
    kind = draw(st.sampled_from(["flat", "bands", "tiers"]))
    cap = draw(st.none() | st.decimals(500, 5000, places=3))
    return row(
        kind,
        draw(rates if kind == "flat" else slow_rates),
        bands=draw(bands()) if kind == "bands" else (),
        tiers=draw(tiers()) if kind == "tiers" else (),
        connection=draw(amounts),
        minimum=draw(st.decimals(0, 500, places=3)),
        cap=cap,
    )


near_edges = st.builds(
    lambda whole, around: max(Decimal(0), whole + around),
    st.sampled_from([Decimal(text) for text in ("0", "7", "30", "60", "180", "3600", "7200")]),
    st.sampled_from([Decimal(text) for text in ("-1", "-0.000001", "0", "0.000001", "1", "17.5")]),
)
moments = st.builds(
    lambda days, minutes, micros: (
        datetime(2026, 4, 28, tzinfo=UTC) + timedelta(days=days, minutes=minutes, microseconds=micros)
    ),
    st.integers(0, 10),  # over the golden week, with its holidays and a substitute
    st.integers(0, 24 * 60),
    st.sampled_from([-1, 0, 1, 30_000_000]),
)
usages = st.lists(
    st.tuples(st.integers(1, 2), moments, near_edges | st.decimals(0, 40_000, places=6)),
    min_size=1,
    max_size=12,
    unique_by=lambda call: call[1],
)


@given(shaped=shapes(), used=usages)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bands_tiers_units_minimum_and_cap_on_any_calls(
    shaped: Row, used: list[tuple[int, datetime, Decimal]]
) -> None:
    agree([book(shaped)], [ended(line, "+81355550100", at, str(seconds)) for line, at, seconds in used])


prefixes = st.text("018", min_size=1, max_size=4)


@st.composite
def keyed(draw: st.DrawFn) -> Row:
    """A row that is found, or not, by everything a row can be found by."""
    return row(
        f"r{draw(st.integers(0, 10**9))}",
        flat(Decimal(draw(st.integers(1, 9))), MINUTE),
        services=draw(st.frozensets(st.sampled_from(Service), min_size=1)),
        plan=draw(st.sampled_from([None, *Plan])),
        near=draw(st.sampled_from(["", "mobile", "fixed", "handset"])),
        far=draw(st.sampled_from(["fixed", "mobile", "international", "invalid"])),
        group=draw(st.sampled_from(["", "A"])),
        variant=draw(st.sampled_from(["", "v"])),
        prefixes=tuple(draw(st.lists(prefixes, max_size=3, unique=True))),
    )


@given(
    rows=st.lists(keyed(), min_size=1, max_size=8, unique_by=lambda one: one.id),
    blocks=st.dictionaries(prefixes, st.sampled_from(["A", "B"]), max_size=3),
    unpriced=st.dictionaries(prefixes, st.just("hole"), max_size=2),
    calls=st.lists(
        st.tuples(
            st.sampled_from(
                ["+18085550123", "+81312345678", "+81801234567", "+818012345678", "+810312345678", "118"]
            ),
            st.sampled_from([None, "", "+819012345678", "+18085550123", "+81312345678"]),
            st.sampled_from(Service),
            st.sampled_from([None, *Plan]),
            st.sampled_from([None, *sorted(KINDS)]),
            st.sampled_from([None, None, *sorted(KINDS)]),
            st.sampled_from(["", "v", 'a "quoted", v']),
        ),
        min_size=1,
        max_size=20,
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_rows_blocks_and_holes_find_the_same_row(
    rows: list[Row],
    blocks: dict[str, str],
    unpriced: dict[str, str],
    calls: list[tuple[str, str | None, Service, Plan | None, str | None, str | None, str]],
) -> None:
    priced = book(*rows, blocks=blocks, unpriced=unpriced, default_groups={"mobile": "A"})
    agree(
        [priced],
        [
            ended(
                line,
                to,
                NOON,
                "61",
                caller=caller,
                service=service,
                plan=plan,
                from_kind=from_kind,
                to_kind=to_kind,
                variant=variant,
            )
            for line, (to, caller, service, plan, from_kind, to_kind, variant) in enumerate(calls)
        ],
    )
