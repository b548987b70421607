"""Every key sequence of the manual dialled for real, all keys at once, and the call after it."""

import asyncio
import traceback
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lab.call import place
from lab.ends import Ends
from lab.story import Placed
from rating.usage import Service as Kind
from subscribers.lines import Line
from tests.fixtures.service import Service
from tests.lab.menus.rows import HANDSET, REFUSED, ROWS, Case, Row, clear

pytestmark = pytest.mark.lab

ANOTHER = "0477770002"


@dataclass(frozen=True, kw_only=True)
class Told:
    case: Case
    menu: Placed
    next: Placed
    right: bool


@pytest.fixture(scope="module")
def told(menus: Service) -> dict[str, Told | str]:
    """Every row was dialled once: the lines at the same time, the rows of a line one after another."""
    return asyncio.run(_dial_all(menus))


async def _dial_all(menus: Service) -> dict[str, Told | str]:
    found: dict[str, Told | str] = {}
    rows = iter(enumerate(ROWS.items()))
    withheld = asyncio.Lock()  # the lab tells calls at one time apart by their callers
    async with Ends(menus.place) as ends:
        await asyncio.gather(*(_dial(menus, ends, withheld, line, rows, found) for line in menus.handset_lines[:16]))
    return found


async def _dial(
    menus: Service,
    ends: Ends,
    withheld: asyncio.Lock,
    line: Line,
    rows: Iterator[tuple[int, tuple[str, Row]]],
    found: dict[str, Told | str],
) -> None:
    for number, (name, row) in rows:
        mobiles = tuple(f"0905{number:03}{entry}022" for entry in (1, 2, 3, 4))
        case = Case(line=line, caller=f"0807{number:03}0002", mobiles=mobiles)  # type: ignore[arg-type]
        try:
            found[name] = await _row(menus, ends, withheld, case, row)
        except Exception:
            found[name] = traceback.format_exc()


async def _row(menus: Service, ends: Ends, withheld: asyncio.Lock, case: Case, row: Row) -> Told:
    own = "0" + case.line.number[3:]
    await asyncio.to_thread(menus.write, clear, case)
    await asyncio.to_thread(menus.write, row.prepare, case)
    if row.calls_before:
        before = len(menus.books(case.line))
        await place(ends, case.caller, own, talk_seconds=0.3)
        await menus.booked(case.line, before + 1)
    assert case.line.handset is not None
    from_ = case.line.handset.sip_user if len(row.to) == 3 else case.caller
    menu = await place(ends, from_, row.to or own, dtmf=row.keys(case), talk_seconds=row.stays)
    right = await asyncio.to_thread(menus.write, row.check, case)
    caller = ANOTHER[:-3] + case.caller[4:7] if not row.to else case.caller
    async with withheld if row.withheld else nullcontext():
        after = await place(ends, caller, own, talk_seconds=0.3, withhold=row.withheld)
    return Told(case=case, menu=menu, next=after, right=right)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_changes_what_the_table_says_and_the_next_call_behaves_so(
    told: dict[str, Told | str], name: str
) -> None:
    one, row = told[name], ROWS[name]
    assert isinstance(one, Told), one
    assert one.menu.caller.answered is not None
    assert one.menu.caller.released_by == (row.ends or one.menu.caller.released_by)
    assert one.right
    legs = [leg.number for leg in one.next.legs]
    assert one.case.line.handset is not None
    if row.then == REFUSED:
        assert (legs, one.next.caller.answered) == ([], None)
    elif row.then == HANDSET:
        assert legs == [one.case.line.handset.sip_user]
    else:
        assert legs == [one.case.mobiles[int(row.then) - 1]]


def test_a_setting_call_is_charged_from_a_registered_phone_and_free_from_the_handset(
    menus: Service, told: dict[str, Told | str]
) -> None:
    kept = [one for line in menus.handset_lines for one in menus.books(line) if one.call.service is Kind.SETTINGS]
    by_row = {one.charge.row: one.charge.amount for one in kept if one.charge is not None}
    assert by_row == {"settings": Decimal(22), "settings.handset": Decimal(0)}
    answered = [one.call.answered for one in kept if one.call.from_kind != "handset"]
    assert len(answered) == sum(not row.to for row in ROWS.values())
    assert all(seconds is not None and 1 < seconds < 60 for seconds in answered)


def test_nothing_is_charged_for_remote_access(menus: Service, told: dict[str, Told | str]) -> None:
    """The caller pays for the call to the access number; no document prices it."""
    kept = [one for line in menus.handset_lines for one in menus.books(line)]
    assert not [one for one in kept if one.call.to_number in ("+81363044141", "+81664806142")]
    assert datetime.now(UTC) > max(one.call.ended_at for one in kept)
