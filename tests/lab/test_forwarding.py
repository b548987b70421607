"""Forwarding, by real calls: four modes and off, against a handset that answers, is busy, is silent, or is away."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import pytest

from lab.behaviour import Act
from lab.ends import Ends
from lab.story import Placed
from rating.ended import Recorded
from subscribers.forwarding import ForwardMode
from subscribers.lines import Line
from tests.fixtures.service import Service

pytestmark = pytest.mark.lab

AWAY = "unregistered"
HANDSETS = (Act.ANSWER, Act.BUSY, Act.SILENT, AWAY)
GIVES_UP = 8.0
"""Seconds after which the caller gives up: longer than the 5 s that no-answer forwarding rings."""

HANDSET, FORWARD, BOTH, BUSY, UNANSWERED, NOBODY = "handset", "forward", "both", "busy", "unanswered", "nobody"
EXPECTED = {
    ForwardMode.OFF: (HANDSET, BUSY, UNANSWERED, NOBODY),
    ForwardMode.UNCONDITIONAL: (FORWARD, FORWARD, FORWARD, FORWARD),
    ForwardMode.NO_ANSWER: (HANDSET, BUSY, BOTH, FORWARD),
    ForwardMode.BUSY: (HANDSET, BOTH, UNANSWERED, NOBODY),
    ForwardMode.NO_ANSWER_OR_BUSY: (HANDSET, BOTH, BOTH, FORWARD),
}
REASONS = {Act.BUSY: "user-busy", Act.SILENT: "no-answer", AWAY: "unavailable"}
CASES = [(mode, handset) for mode in EXPECTED for handset in HANDSETS]


@dataclass(frozen=True, kw_only=True)
class Told:
    caller: str
    mobile: str
    line: Line
    placed: Placed
    recorded: Recorded


@pytest.fixture(scope="module")
def told() -> dict[tuple[ForwardMode, str], Told]:
    return {}


@pytest.fixture
async def cases(
    service: Service, ends: Ends, told: dict[tuple[ForwardMode, str], Told]
) -> dict[tuple[ForwardMode, str], Told]:
    """All twenty calls, placed at once, the first time they are asked for."""
    if not told:

        async def one(mode: ForwardMode, handset: str) -> None:
            case = CASES.index((mode, handset))
            caller, mobile = f"0903333{case:04}", f"09011{case:04}50"  # its own, so that ends tell the calls apart
            line = service.with_handset(mobile, mode=mode)
            assert line.handset is not None
            if handset == AWAY:
                await ends.unregister(line.handset.sip_user)
            else:
                await ends.behave(line.handset.sip_user, Act(handset))
            rings_on = EXPECTED[mode][HANDSETS.index(handset)] == UNANSWERED
            placed = await service.call(ends, caller, line, patience=GIVES_UP if rings_on else 30.0)
            (recorded,) = await service.booked(line)
            told[mode, handset] = Told(caller=caller, mobile=mobile, line=line, placed=placed, recorded=recorded)

        await asyncio.gather(*(one(mode, handset) for mode, handset in CASES))
    return told


@pytest.mark.parametrize(("mode", "handset"), CASES)
async def test_the_right_leg_rings_and_the_right_amount_is_charged(
    cases: dict[tuple[ForwardMode, str], Told], mode: ForwardMode, handset: str
) -> None:
    case, expected = cases[mode, handset], EXPECTED[mode][HANDSETS.index(handset)]
    placed, line, mobile = case.placed, case.line, case.mobile
    assert line.handset is not None
    reached = [leg.number for leg in placed.legs]
    assert (
        reached
        == {
            HANDSET: [line.handset.sip_user],
            FORWARD: [mobile],
            BOTH: [line.handset.sip_user, mobile],
            BUSY: [line.handset.sip_user],
            UNANSWERED: [line.handset.sip_user],
            NOBODY: [],
        }[expected]
    )
    if expected in (FORWARD, BOTH):
        forwarded = placed.legs[-1]
        reason = "unconditional" if mode is ForwardMode.UNCONDITIONAL else REASONS[handset]
        assert (forwarded.shown, forwarded.diverted_by) == (case.caller, "0" + line.number[3:])
        assert f"reason={reason}" in forwarded.diversion
        assert case.recorded.charge is not None
        assert (case.recorded.charge.amount, case.recorded.charge.row) == (
            Decimal("29.7"),
            "forward-mobile.fixed-phone",
        )
        assert placed.caller.answered is not None
    else:
        assert case.recorded.charge is None
        assert case.recorded.unrated is None
    if expected == BOTH and handset == Act.SILENT:
        assert placed.caller.answered == pytest.approx(5.0, abs=1.5)
    if expected == HANDSET:
        assert placed.legs[0].shown == case.caller
        assert case.recorded.call.outcome == "ANSWER"
    if expected == BUSY:
        assert (placed.caller.sip, placed.caller.cause) == (486, 17)
    if expected == UNANSWERED:
        assert placed.caller.released_by == "caller"
        assert placed.caller.ended == pytest.approx(GIVES_UP, abs=1.5)
    if expected == NOBODY:
        assert (placed.caller.sip, case.recorded.call.cause) == (480, 20)
        assert placed.caller.announcement is not None
