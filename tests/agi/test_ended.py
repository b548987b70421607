"""An ended call told by the hook and by Asterisk's own record comes to the same."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.ended import RECORD_COLUMNS, Ended, from_hook, from_record, started_at, target_of
from agi.fastagi_wire import Environment
from agi.paid import Why
from dialplan.errors import BadValue

NOW = datetime(2026, 11, 20, 12, 0, 2, tzinfo=UTC)
ID = "sw1-1795209624.12"
ROW = [
    ID,
    "09011112222",
    "",
    "route",
    "0312345678",
    "PJSIP/09033334444@carrier,180",
    "ANSWERED",
    "1795209625.000250",
    "1795209626.500500",
    "1.500250",
]


def hook(*arguments: str, **values: str) -> Ended:
    given = {
        "agi_uniqueid": ID,
        "agi_channel": "PJSIP/carrier-1",
        "agi_callerid": "09011112222",
        "agi_callingpres": "0",
        "agi_extension": "0312345678",
        **values,
    }
    given |= {f"agi_arg_{number}": text for number, text in enumerate(arguments, 1)}
    return from_hook(Environment(values=given), NOW)


ANSWERED = ("1", "PJSIP/09033334444@carrier", "ANSWER", "1795209625.000250", "1.500250", "16", "", "")


def test_hook_and_record_agree_on_everything_a_charge_depends_on() -> None:
    by_hook, by_record = hook(*ANSWERED), from_record(ROW)
    for name in (
        "call_id",
        "dialled",
        "caller",
        "withheld",
        "target",
        "outcome",
        "started_at",
        "answered_at",
        "answered",
    ):
        assert getattr(by_hook, name) == getattr(by_record, name), name
    assert by_hook.answered == Decimal("1.500250")
    assert by_hook.started_at == datetime.fromtimestamp(1795209624, UTC)


def test_a_withheld_caller_is_known_as_such_by_both() -> None:
    assert hook(*ANSWERED, agi_callingpres="32").withheld
    assert from_record([*ROW[:2], "withheld", *ROW[3:]]).withheld
    assert not hook(*ANSWERED).withheld


def test_an_unanswered_call_has_no_answered_seconds_but_one_answered_for_nothing_has() -> None:
    unanswered = hook("1", "PJSIP/09033334444@carrier", "NOANSWER", "0.000000", "0.000000", "19", "", "")
    assert (unanswered.answered, unanswered.answered_at) == (None, None)
    assert from_record([*ROW[:9], "0.000000"]).answered == Decimal(0)


@pytest.mark.parametrize(
    ("dial", "target"),
    [
        ("PJSIP/09033334444@carrier", "09033334444"),
        ("Local/0312345679@on-switch/n", "0312345679"),
        ("PJSIP/carrier/sip:119@192.0.2.1:5060", "119"),
        ("PJSIP/h12", None),
        ("", None),
    ],
)
def test_only_a_forwarded_leg_has_a_number_that_is_paid_for(dial: str, target: str | None) -> None:
    assert target_of(dial) == target


@pytest.mark.parametrize("wrong", ["", "1", "sw1-x.1", "1795209624.12", "sw1-1795209624.12\n"])
def test_an_identity_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(BadValue, match="call identity"):
        started_at(wrong)


@pytest.mark.parametrize(
    ("position", "wrong", "thing"),
    [
        (3, "yesterday", "answer"),
        (3, "-1", "answer"),
        (4, "NaN", "answered"),
        (4, "1e99", "answered"),
        (6, "??", "refusal"),
    ],
)
def test_a_malformed_hook_is_refused_by_name(position: int, wrong: str, thing: str) -> None:
    arguments = [*ANSWERED]
    arguments[position] = wrong
    with pytest.raises(BadValue, match=thing):
        hook(*arguments)
    with pytest.raises(BadValue, match="hangup hook"):
        hook(*ANSWERED, "one more")


@given(st.lists(st.text(max_size=20), max_size=9))
def test_any_hook_arguments_make_a_call_or_a_clear_error(arguments: list[str]) -> None:
    with suppress(BadValue):
        assert hook(*arguments).call_id == ID


@given(st.lists(st.text(max_size=20), min_size=RECORD_COLUMNS, max_size=RECORD_COLUMNS))
def test_any_record_makes_a_call_or_a_clear_error(row: list[str]) -> None:
    with suppress(BadValue):
        assert from_record(row).call_id == row[0]


@pytest.mark.parametrize(
    ("word", "why", "withheld"),
    [
        ("out:09033334444::::", Why.OUT, False),
        ("out:09033334444:+819011112222::withheld:x", Why.OUT, True),
        ("emergency", Why.EMERGENCY, False),
        ("through", Why.THROUGH, False),
    ],
)
def test_hook_and_record_agree_on_what_a_call_was(word: str, why: Why, withheld: bool) -> None:
    by_hook, by_record = hook(*ANSWERED[:-1], word), from_record([*ROW[:2], word, *ROW[3:]])
    assert by_hook.paid == by_record.paid
    assert (by_hook.paid.why, by_hook.paid.withheld) == (why, withheld)


def test_a_word_that_nobody_writes_is_a_clear_error() -> None:
    with pytest.raises(BadValue, match="what the call was"):
        hook(*ANSWERED[:-1], "gift")
