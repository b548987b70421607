from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.numbers import NumberClass, dialled
from provisioning.makers.dialling import OPEN_RULES, RULES, grouped
from provisioning.setup import CODES
from tests.provisioning.makers.parse.digitmap import Sent, dial, dial_now

PLAN = dial_now(RULES)
OPEN = dial_now(OPEN_RULES)


def test_codes_that_differ_in_their_last_digit_are_one_rule() -> None:
    assert grouped(("110", "104", "118", "119")) == ("11[089]", "104")


def test_of_all_three_digit_numbers_the_codes_are_sent_at_once_and_no_other() -> None:
    three = ["".join(digits) for digits in product("0123456789", repeat=3)]
    assert {number for number in three if dial(PLAN, number) is Sent.NOW} == set(CODES)


@pytest.mark.parametrize("prefix", ["", "184", "186"])
@given(rest=st.text("0123456789", min_size=0, max_size=12))
def test_a_number_is_sent_at_once_where_the_plan_of_japan_says_that_it_is_whole(prefix: str, rest: str) -> None:
    """Fixed numbers by their length: a phone need not know which area codes there are."""
    number = prefix + "0" + rest
    kind = dialled(number).kind
    if dial(PLAN, number) is Sent.NOW:
        assert kind not in (NumberClass.INTERNATIONAL, NumberClass.CARRIER_PREFIX, NumberClass.ON_NET)
    elif kind is not NumberClass.INVALID:
        assert kind in (NumberClass.INTERNATIONAL, NumberClass.CARRIER_PREFIX)


@given(st.text("0123456789#", max_size=14))
def test_no_whole_number_begins_another(keys: str) -> None:
    whole = [length for length in range(len(keys) + 1) if dial(PLAN, keys[:length]) is Sent.NOW]
    assert len(whole) <= 1


@pytest.mark.parametrize("keyed", ["001", "0101", "1860101", "184001", "200"])
def test_numbers_of_any_length_begin_with_an_open_rule_and_are_not_whole(keyed: str) -> None:
    assert dial(OPEN, keyed) is Sent.NOW
    assert dial(PLAN, keyed) is Sent.NEVER
