from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from rating.charge import TOKYO
from rating.included import Due, use_included

AT = datetime(2026, 5, 11, 10, 0, tzinfo=TOKYO)


def due(call_id: str, minutes: int, amount: str) -> Due:
    return Due(call_id=call_id, answered_at=AT + timedelta(minutes=minutes), amount=Decimal(amount))


def test_calls_use_the_included_amount_in_call_order_and_the_last_in_part() -> None:
    covered = use_included(Decimal(480), [due("b", 2, "400"), due("a", 1, "100"), due("c", 3, "8")])
    assert [one.call_id for one in covered] == ["a", "b", "c"]
    assert [one.covered for one in covered] == [100, 380, 0]
    assert [one.owed for one in covered] == [0, 20, 8]


def test_parallel_calls_do_not_both_use_the_same_yen() -> None:
    calls = [due("b", 1, "300"), due("a", 1, "300")]
    assert use_included(Decimal(480), calls) == use_included(Decimal(480), calls[::-1])
    assert [one.covered for one in use_included(Decimal(480), calls)] == [300, 180]


def test_a_negative_allowance_is_refused() -> None:
    with pytest.raises(BadValue, match="included amount: found '-1'"):
        use_included(Decimal(-1), [])


@given(
    st.lists(st.tuples(st.integers(0, 50), st.decimals(0, 500, places=1)), max_size=30),
    st.decimals(0, 1000, places=1),
    st.randoms(),
)
def test_any_order_of_loading_covers_the_same_and_never_more_than_allowed(
    calls: list[tuple[int, Decimal]], allowance: Decimal, random: object
) -> None:
    dues = [due(str(index), minute, str(amount)) for index, (minute, amount) in enumerate(calls)]
    shuffled = list(dues)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    covered = use_included(allowance, dues)
    assert covered == use_included(allowance, shuffled)
    total = sum((one.amount for one in covered), Decimal(0))
    assert sum((one.covered for one in covered), Decimal(0)) == min(allowance, total)
