"""Real calls between the lab's own carrier and phones: every behaviour it promises, seen from both ends."""

import asyncio
import time

import pytest

from dialplan.errors import BadValue
from lab import lab
from lab.behaviour import BEHAVIOURS, REST, Act, Behaviour
from lab.call import place
from lab.ends import Ends
from lab.errors import LabError
from lab.place import ROLES, Place
from lab.story import Event, Placed
from tests.fixtures.lab import HANDSETS

pytestmark = pytest.mark.lab

CALLER = "09011112222"


def number(row: Behaviour) -> str:
    return "0500000000" + {"6X": "61", "the rest": "55"}.get(row.endings, row.endings)


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.act)
async def test_each_row_of_the_table_is_what_a_caller_meets(bare_ends: Ends, row: Behaviour) -> None:
    patience = 1.0 if row.act is Act.SILENT else 30.0
    seen = await place(bare_ends, CALLER, number(row), talk_seconds=0.3, directly=True, patience=patience)
    (leg,) = seen.legs
    assert (seen.caller.sip, leg.act, leg.number) == (row.sip, row.act, number(row))
    assert (seen.caller.answered is not None) == (row.sip == 200)
    assert leg.cause == (row.cause if row.act is not Act.SILENT else 127)  # 127: told by CANCEL, without a cause
    assert (seen.caller.ringing is not None) == (row.act in (Act.SILENT, Act.LATE))
    assert (seen.caller.announcement is not None) == (row.act is Act.ANNOUNCED)
    assert seen.caller.released_by == ("caller" if row.sip in (None, 200) else "far end")
    if row.act is Act.LATE:
        assert seen.caller.answered == pytest.approx(1.0, abs=0.5)


async def test_a_three_digit_code_is_answered_whatever_it_ends_in(bare_ends: Ends) -> None:
    seen = await place(bare_ends, CALLER, "119", talk_seconds=0.1, directly=True, patience=10)
    assert seen.legs[0].act == Act.ANSWER
    assert seen.talked == pytest.approx(0.1, abs=0.4)


async def test_the_far_end_sees_the_caller(bare_ends: Ends) -> None:
    seen = await place(bare_ends, CALLER, number(REST), talk_seconds=0.1, directly=True)
    (leg,) = seen.legs
    assert (leg.where, leg.shown, leg.asserted, leg.privacy, leg.diverted_by) == ("carrier", CALLER, CALLER, "", "")


async def test_a_withheld_caller_is_asserted_and_not_shown(bare_ends: Ends) -> None:
    seen = await place(bare_ends, CALLER, number(REST), withhold=True, talk_seconds=0.1, directly=True)
    (leg,) = seen.legs
    assert (leg.shown, leg.asserted, leg.privacy) == ("anonymous", CALLER, "id")
    assert CALLER not in leg.from_header


async def test_a_number_with_a_hash_arrives_whole(bare_ends: Ends) -> None:
    seen = await place(bare_ends, CALLER, "#1234", talk_seconds=0.1, directly=True)
    assert seen.legs[0].number == "#1234"


async def test_keys_are_heard_both_ways(bare_ends: Ends) -> None:
    far = number(REST)
    await bare_ends.keys(far, "98*#")
    try:
        # Each in its turn: four waits of half a second let the far end finish.
        seen = await place(bare_ends, CALLER, far, dtmf="wwww0123456789*#", talk_seconds=0.5, directly=True)
    finally:
        await bare_ends.keys(far, "")
    assert seen.legs[0].dtmf == "0123456789*#"
    assert seen.caller.dtmf == "98*#"


async def test_thirty_calls_at_once_keep_their_stories_apart(bare_ends: Ends) -> None:
    calls = [
        place(bare_ends, f"090111122{i:02}", number(REST), dtmf=f"{i:02}", talk_seconds=0.5, directly=True)
        for i in range(30)
    ]
    for i, seen in enumerate(await asyncio.gather(*calls)):
        assert [(leg.shown, leg.dtmf) for leg in seen.legs] == [(f"090111122{i:02}", f"{i:02}")]
    assert bare_ends.strays == []


async def test_a_handset_answers_is_busy_or_stays_silent_as_told(bare_ends: Ends) -> None:
    answered = await place(bare_ends, CALLER, "h01", talk_seconds=0.3, directly=True)
    assert answered.caller.sip == 200
    assert answered.legs[0].where == "phones"
    assert answered.caller.ringing is not None
    assert answered.caller.answered is not None
    assert 0.15 < answered.caller.answered - answered.caller.ringing < 1.5
    await bare_ends.behave("h01", Act.BUSY)
    busy = await place(bare_ends, CALLER, "h01", directly=True)
    assert (busy.caller.sip, busy.caller.cause, busy.legs[0].rang) == (486, 17, False)
    await bare_ends.behave("h01", Act.SILENT)
    silent = await place(bare_ends, CALLER, "h01", directly=True, patience=1)
    assert (silent.caller.sip, silent.caller.answered, silent.legs[0].rang) == (None, None, True)
    assert silent.legs[0].answered is None


async def test_a_handset_leaves_the_switch_and_comes_back(bare_ends: Ends, bare_lab: Place) -> None:
    def health() -> str:
        return next(part.health for part in lab.status(bare_lab) if part.name == "phones")

    for handset in HANDSETS:
        await bare_ends.register(handset.sip_user)
    assert health() == "ready, 2 of 2 handsets registered"
    await bare_ends.unregister("h02")
    assert health() == "ready, 1 of 2 handsets registered"
    await bare_ends.register("h02")
    assert health() == "ready, 2 of 2 handsets registered"


async def test_handsets_are_handed_out_while_everything_runs(bare_ends: Ends, bare_lab: Place) -> None:
    first, second = HANDSETS
    await bare_ends.hand_out([first])
    try:
        assert [p.health for p in lab.status(bare_lab) if p.name == "phones"] == ["ready, 1 of 1 handsets registered"]
        with pytest.raises(BadValue, match="h02"):
            await bare_ends.behave("h02", Act.BUSY)
    finally:
        await bare_ends.hand_out(HANDSETS)
        await bare_ends.registered(second.sip_user)
    assert [p.health for p in lab.status(bare_lab) if p.name == "phones"] == ["ready, 2 of 2 handsets registered"]


async def test_a_handset_calls_by_its_sip_user_or_its_number(bare_ends: Ends) -> None:
    # Nobody decides here: what counts is that the switch took the call from the handset.
    for from_, by_number in (("h01", False), ("+81312345601", True)):
        seen = await place(bare_ends, from_, "09000000055", from_handset=by_number, patience=20)
        assert seen.from_ == "0312345601"
        assert seen.caller.sip != 401


async def test_a_leased_number_is_carried_back_to_the_switch_only_when_asked(bare_ends: Ends) -> None:
    leased = "0312345655"
    plain = await place(bare_ends, CALLER, leased, talk_seconds=0.1, directly=True)
    assert [leg.act for leg in plain.legs] == [Act.ANSWER]
    await bare_ends.hairpin(leased, True)
    try:
        carried = await place(bare_ends, CALLER, leased, directly=True, patience=20)
    finally:
        await bare_ends.hairpin(leased, False)
    assert [leg.act for leg in carried.legs] == ["hairpin"]
    assert carried.caller.announcement is not None  # spoken by the switch, which has nobody to decide


async def test_a_caller_notices_that_the_call_is_forwarded_elsewhere(bare_ends: Ends) -> None:
    far = "05000000060"
    await bare_ends.divert(far, "0399999999")
    try:
        seen = await place(bare_ends, CALLER, far, talk_seconds=0.1, directly=True)
    finally:
        await bare_ends.divert(far, "")
    again = await place(bare_ends, CALLER, far, talk_seconds=0.1, directly=True)
    assert seen.caller.forwarded is not None
    assert again.caller.forwarded is None


@pytest.mark.parametrize("to", ["", "0" * 65, "09 0", "1,2", "1@2", "1\r\n2", "０９０"])
async def test_what_cannot_be_dialled_is_refused_before_anything_is_sent(bare_ends: Ends, to: str) -> None:
    with pytest.raises(BadValue, match="dialled number"):
        await place(bare_ends, CALLER, to, directly=True)


async def test_a_handset_that_there_is_not_is_named(bare_ends: Ends) -> None:
    with pytest.raises(BadValue, match="h99"):
        await bare_ends.behave("h99", Act.BUSY)
    with pytest.raises(BadValue, match="0399999999"):
        await place(bare_ends, "0399999999", "09000000055", from_handset=True)


async def test_up_again_is_quick_and_starts_nothing_anew(bare_lab: Place) -> None:
    before = {part.name: part.since for part in lab.status(bare_lab)}
    began = time.monotonic()
    after = {part.name: part.since for part in await asyncio.to_thread(lab.up, bare_lab)}
    assert time.monotonic() - began < 5
    assert after == before


async def test_an_end_that_is_not_up_says_so(bare_lab: Place) -> None:
    async with Ends(bare_lab, roles=("carrier",)) as ends:
        with pytest.raises(LabError, match="phones is not up"):
            await place(ends, CALLER, "09000000055", directly=True)


@pytest.mark.parametrize("role", ROLES)
def test_every_asterisk_loads_without_a_complaint(bare_lab: Place, role: str) -> None:
    lab.restart(bare_lab, role)
    said = lab.logs(bare_lab, role, 10_000)
    started = said[said.rindex("modules will be loaded") :]
    assert [line for line in started.splitlines() if "WARNING[1]" in line or "ERROR[" in line] == []


async def test_charges_are_asked_for_when_the_call_is_over(bare_ends: Ends) -> None:
    async def charges(seen: Placed) -> list[dict[str, object]]:
        assert all(leg.ended is not None for leg in seen.legs)
        return [{"yen": "11", "to": seen.to}]

    seen = await place(bare_ends, CALLER, number(REST), talk_seconds=0.1, directly=True, charges=charges)
    assert seen.charges == ({"yen": "11", "to": number(REST)},)


async def test_a_carrier_that_dies_during_a_call_is_named(bare_lab: Place) -> None:
    async with Ends(bare_lab) as ends:
        running = asyncio.create_task(place(ends, CALLER, number(REST), talk_seconds=600))
        answered = asyncio.Event()
        told = ends._told

        def listen(role: str, event: Event) -> None:
            told(role, event)
            if role == "carrier" and event["Event"] == "DialState":
                answered.set()

        ends._told = listen  # type: ignore[method-assign]
        async with asyncio.timeout(10):
            await answered.wait()
        await asyncio.to_thread(lab.restart, bare_lab, "carrier", crash=True)
        with pytest.raises(LabError, match="carrier"):
            await running
