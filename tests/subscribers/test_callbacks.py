"""How a callback comes along: every step from every state, and what may be asked for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.ended import started_at
from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled
from subscribers.callbacks import (
    IN_FLIGHT,
    PAUSES,
    TRIES,
    AskedBy,
    Callback,
    CallbackState,
    answered,
    called,
    check_number,
    given_up,
    identities,
    leg_of,
    made_by,
    over,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ASKED = Callback(
    id=12,
    line_id=1,
    phone="+819011110001",
    number=None,
    asked_by=AskedBy.PHONE,
    asked_at=NOW,
    state=CallbackState.PENDING,
    tries=0,
    due_at=NOW,
)


def test_a_phone_that_answers_is_connected_and_ends_with_its_call() -> None:
    calling = called(ASKED, "sw1CB-1.121", NOW)
    assert (calling.state, calling.tries, calling.due_at, calling.channel) == ("calling", 1, None, "sw1CB-1.121")
    connected = answered(calling, NOW + timedelta(seconds=4))
    assert (connected.state, connected.connected_at) == ("connected", NOW + timedelta(seconds=4))
    ended = over(connected, NOW + timedelta(seconds=9), "ANSWER")
    assert (ended.state, ended.ended_at, ended.reason) == ("ended", NOW + timedelta(seconds=9), None)


def test_a_phone_that_does_not_answer_is_called_three_times_with_growing_pauses() -> None:
    job, at, pauses = ASKED, NOW, []
    while job.state is CallbackState.PENDING:
        assert job.due_at is not None
        at = job.due_at
        job = over(called(job, "c", at), at, "BUSY")
        pauses.append(job.due_at and job.due_at - at)
    assert pauses == [*PAUSES, None]
    assert PAUSES[0] < PAUSES[1]
    assert (job.state, job.tries, job.reason, job.ended_at) == ("failed", TRIES, "BUSY", at)


def test_an_answer_takes_away_the_reason_of_the_try_before() -> None:
    again = called(over(called(ASKED, "c", NOW), NOW, "BUSY"), "d", NOW)
    assert answered(again, NOW).reason is None


@pytest.mark.parametrize("state", CallbackState)
def test_a_step_that_does_not_follow_is_refused(state: CallbackState) -> None:
    job = replace(ASKED, state=state)
    steps: dict[CallbackState, Callable[[], object]] = {
        CallbackState.PENDING: lambda: called(job, "c", NOW),
        CallbackState.CALLING: lambda: answered(job, NOW),
    }
    for only, step in steps.items():
        if state is not only:
            with pytest.raises(BadValue, match="callback 12"):
                step()
    if state not in (CallbackState.CALLING, CallbackState.CONNECTED):
        with pytest.raises(BadValue, match="callback 12"):
            over(job, NOW, "")
    if state not in IN_FLIGHT:
        with pytest.raises(BadValue, match="callback 12"):
            given_up(job, NOW, "")


def test_identities_have_the_form_of_every_calls_and_differ_at_every_try() -> None:
    found = set()
    for tries in range(TRIES):
        for job_id in (1, 12):
            pair = identities("sw1", replace(ASKED, id=job_id, tries=tries), NOW)
            assert [started_at(one) for one in pair] == [NOW, NOW]
            assert pair[0].startswith(made_by("sw1"))
            assert leg_of(pair[0]) == pair[1]
            found |= {*pair}
    assert len(found) == 2 * 2 * TRIES


def test_another_switchs_calls_are_not_taken_for_this_ones() -> None:
    theirs, _ = identities("sw1c", ASKED, NOW)
    assert not theirs.startswith(made_by("sw1"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (None, None),
        ("03-1234-5678", "0312345678"),
        ("184 090 1111 2222", "18409011112222"),
        ("１８６０３１２３４５６７８", "1860312345678"),
        ("+81 3 1234 5678", "0312345678"),
        ("#1234", "#1234"),
    ],
)
def test_a_number_is_kept_as_it_is_dialled(text: str | None, kept: str | None) -> None:
    assert check_number(text) == kept


@pytest.mark.parametrize("text", ["110", "184119", "118#", "", "031234", "何か", "184"])
def test_an_emergency_number_and_what_is_no_number_are_refused(text: str) -> None:
    with pytest.raises(BadValue, match="number to connect"):
        check_number(text)


@given(st.text(max_size=40))
def test_whatever_is_kept_means_what_was_asked_for(text: str) -> None:
    try:
        kept = check_number(text)
    except BadValue:
        return
    assert kept is not None
    assert (dialled(kept).digits, dialled(kept).presentation) == (dialled(text).digits, dialled(text).presentation)
    assert dialled(kept).kind is not NumberClass.EMERGENCY
