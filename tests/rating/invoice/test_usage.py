from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rating.book import FeeTax, flat
from rating.books_in_force import Books
from rating.charge import Charge, rate
from rating.invoice.account import BilledLine, Subscription
from rating.invoice.usage import BilledCall, allowance, usage
from rating.load import open_books
from rating.money import Tax
from rating.usage import Party, Service, Usage

from .conftest import LINE, MAY

AT = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)
ACE = replace(
    LINE,
    subscriptions=(
        Subscription(id=1, line_id=7, book="phone-only", fee="monthly.ace", quantity=1, since=date(2026, 5, 1)),
    ),
)
BOOKS = open_books()


def call(call_id: str, seconds: int, minutes: int = 0, to: str = "mobile", book: str = "phone-only") -> BilledCall:
    at = AT + timedelta(minutes=minutes)
    digits = {"mobile": "819055550123", "fixed": "81312345678"}[to]
    used = Usage(
        service=Service.OUT, to=Party(to, digits), at=at, answered=Decimal(seconds), caller=Party("fixed", "")
    )
    charge = rate(BOOKS.in_force(book, at), used)
    return BilledCall(
        call_id=call_id, line_id=7, number=LINE.number, answered_at=at, answered=Decimal(seconds), charge=charge
    )


def amounts(line: BilledLine, calls: list[BilledCall], books: Books = BOOKS) -> list[tuple[str, Decimal, Decimal]]:
    return [(item.text, item.quantity, item.amount) for item in usage(MAY, [line], calls, books)]


def test_calls_are_summed_by_line_and_row_and_keep_their_sen() -> None:
    calls = [call("a", 60), call("b", 61, 1), call("c", 181, 2, "fixed")]
    assert [[quantity, amount] for _, quantity, amount in amounts(LINE, calls)] == [[1, 16], [2, 48]]


def test_the_included_amount_is_used_in_call_order_and_the_rest_is_charged() -> None:
    calls = [call(str(number), 60 * 6, number) for number in range(6)]  # 6 x 96 yen
    *_, included = usage(MAY, [ACE], calls, BOOKS)
    assert [included.text, included.amount, included.tax] == ["基本料金に含まれる通話料", -480, FeeTax.EXCLUDED]


def test_an_amount_not_used_up_lapses() -> None:
    *_, included = usage(MAY, [ACE], [call("a", 60)], BOOKS)
    assert included.amount == -16


def test_parallel_calls_on_one_included_amount_use_it_once() -> None:
    calls = [call("b", 60 * 20), call("a", 60 * 20)]  # both answered at the same moment, 320 yen each
    for order in (calls, calls[::-1]):
        items = usage(MAY, [ACE], order, BOOKS)
        assert sum(item.amount for item in items) == 640 - 480


def test_the_included_amount_pays_only_calls_on_its_own_side_of_tax() -> None:
    inclusive = call("a", 60, to="mobile", book="phone-only")
    other = replace(inclusive, call_id="b", charge=replace(inclusive.charge, tax=Tax.INCLUDED, book="leased-number"))
    items = usage(MAY, [ACE], [inclusive, other], BOOKS)
    assert [item.amount for item in items if item.key.startswith("included:")] == [-16]


def test_the_included_amount_belongs_to_its_months() -> None:
    assert allowance(ACE, date(2026, 4, 1), BOOKS) == {}
    assert allowance(ACE, MAY, BOOKS) == {Tax.EXCLUDED: 480}
    assert allowance(LINE, MAY, BOOKS) == {}


def test_calls_on_both_sides_of_a_price_change_are_two_lines() -> None:
    (old,) = BOOKS.versions("phone-only")
    dearer = tuple(
        replace(row, rate=flat(Decimal(17), Decimal(60))) if row.far == "mobile" else row for row in old.rows
    )
    new = replace(old, effective=date(2026, 5, 12), rows=dearer)
    books = Books([old, new, *BOOKS.versions("leased-number")])
    before = call("a", 60)
    later = AT + timedelta(days=1)
    used = Usage(
        service=Service.OUT,
        to=Party("mobile", "819055550123"),
        at=later,
        answered=Decimal(60),
        caller=Party("fixed", ""),
    )
    after = replace(before, call_id="b", answered_at=later, charge=rate(books.in_force("phone-only", later), used))
    assert [amount for _, _, amount in amounts(LINE, [before, after], books)] == [16, 17]


def test_a_row_no_longer_at_hand_is_named_by_its_id() -> None:
    gone = replace(call("a", 60).charge, book="gone", row="mobile-x")
    (item,) = usage(MAY, [], [replace(call("a", 60), charge=gone)], BOOKS)
    assert item.text == "通話料 mobile-x"


@given(
    st.lists(st.tuples(st.integers(0, 40), st.decimals(0, 300, places=1)), min_size=1, max_size=25),
    st.randoms(use_true_random=False),
)
def test_the_lines_are_the_sum_of_the_calls_less_what_is_included_in_any_order(
    calls: list[tuple[int, Decimal]], random: object
) -> None:
    base = call("x", 60)
    made = [
        replace(
            base,
            call_id=str(index),
            answered_at=AT + timedelta(minutes=minute),
            charge=_of(base.charge, Decimal(str(amount))),
        )
        for index, (minute, amount) in enumerate(calls)
    ]
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    items = usage(MAY, [ACE], made, BOOKS)
    assert items == usage(MAY, [ACE], shuffled, BOOKS)
    exact = sum((one.charge.amount for one in made), Decimal(0))
    assert sum((item.amount for item in items), Decimal(0)) == max(exact - 480, Decimal(0))


def _of(charge: Charge, amount: Decimal) -> Charge:
    return replace(charge, amount=amount)
