"""Random keypads against every menu with the real store: what is stored was read back and confirmed, and nothing
leaves the model.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agi.call import Call
from agi.flows.remote import MENUS
from agi.nuisance import block_last_caller
from dialplan.numbers import national
from rating.limits.holds import release
from store.engine import open_engine, reading, writing
from store.units import Store
from subscribers import forwarding as rules
from subscribers.forwarding import ENTRIES, Forwarding, ForwardMode
from subscribers.records.find import get_line
from subscribers.records.forwarding import (
    set_forward_entry,
    set_ring_seconds,
    start_forwarding,
    stop_forwarding,
    use_forward_entry,
)
from subscribers.records.nuisance import delete_all_nuisance, delete_last_nuisance, nuisance_count
from subscribers.records.remote import hashed_pin, judge, turn_remote_off, turn_remote_on
from subscribers.records.select import (
    add_select_number,
    delete_select_number,
    select_numbers,
    set_number_request,
    set_select_mode,
)
from subscribers.screening import MAX_NUISANCE, MAX_SELECT
from subscribers.targets import check_target
from tests.agi.flows.conftest import Office, called_by, sown
from tests.fakes.keypad import HANG_UP, SILENCE, Keypad
from voice.prompts import PROMPTS
from voice.spoken import number, seconds

EXAMPLES, CALLS, STEPS = 200, 10, 5
"""10,000 steps in all: each types some keys, is silent, or hangs up."""

KNOWN = frozenset(row.key for row in PROMPTS)
PIN = "482915"
OWN = "0363040001"


READ_BACK: dict[Callable[..., Any], Callable[..., tuple[str, ...]] | None] = {
    set_forward_entry: lambda entry, e164: number(national(e164)),
    use_forward_entry: lambda entry: (f"forward-entry-{entry}-use",),
    set_ring_seconds: lambda value: (seconds(value),),
    turn_remote_on: lambda pin_hash: ("remote-confirm-pin",),
    add_select_number: lambda e164: number(national(e164)),
    delete_select_number: lambda e164: number(national(e164)),
    block_last_caller: lambda at: ("nuisance-confirm-add",),
    delete_last_nuisance: lambda: ("nuisance-confirm-delete-last",),
    delete_all_nuisance: lambda: ("nuisance-confirm-delete-all",),
    set_number_request: lambda on: ("request-confirm-on" if on else "request-confirm-off",),
    # The manual has no 1 after these.
    start_forwarding: None,
    stop_forwarding: None,
    set_select_mode: None,
    turn_remote_off: None,
}
"""What must have been read back for a change, from its arguments."""

MODEL: dict[Callable[..., Any], Callable[..., Forwarding]] = {
    set_forward_entry: rules.with_entry,
    use_forward_entry: rules.with_entry_in_use,
    set_ring_seconds: rules.with_ring_seconds,
    start_forwarding: rules.started,
    stop_forwarding: rules.stopped,
}

NUMBER, OTHER = "09011112222#", "0312345678#"
ROWS = {
    "142": (
        *(f"2{NUMBER}1", f"402{OTHER}1", "4111", "4121", "11", "12", "13", "14", "0"),
        *("320#1", "80", "4314829#1", "430", f"431{PIN}#1"),
    ),
    "147": (f"2{NUMBER}1", f"9{OTHER}1", "31", "32", "30", "8"),
    "144": ("21", "31", "21", "91", "4"),
    "148": ("11", "01", "8"),
    "member": (f"1{OTHER}", f"2{OTHER}1", "0", "3", "8"),
    "east": (f"{OWN}#{PIN}#2121", f"{OWN}#{PIN}#1", f"{OWN}#{PIN}#0", f"{OWN}#9999#"),
    "west": (f"{OWN}#{PIN}#221", f"{OWN}#{PIN}#1", f"{OWN}#{PIN}#0", f"{OTHER}{PIN}#"),
}
"""The rows of services §5; the strategy cuts pieces out of them, and mixes them with any keys."""
EVERY_ROW = [(menu, [row, SILENCE, SILENCE]) for menu, rows in ROWS.items() for row in rows]


@st.composite
def torn(draw: st.DrawFn, rows: tuple[str, ...]) -> str:
    """A row with a piece missing, or a key too many."""
    whole = draw(st.sampled_from(rows))
    first = draw(st.integers(0, len(whole)))
    last = draw(st.integers(first, min(first + 2, len(whole))))
    return whole[:first] + draw(st.text("0123456789*#", max_size=1)) + whole[last:]


@st.composite
def a_call(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A menu, and what is done with each of its prompts."""
    menu = draw(st.sampled_from(sorted(ROWS)))
    rows = ROWS[menu]
    step = st.one_of(
        st.sampled_from(rows),
        torn(rows),
        st.text("0123456789*#", min_size=1, max_size=3),
        st.sampled_from(["1", "1", "*", SILENCE, HANG_UP, NUMBER, "110#", f"{OWN}#"]),
    )
    return menu, draw(st.lists(step, min_size=STEPS, max_size=STEPS))


@dataclass
class Watched:
    """What was confirmed, and what was written, in order."""

    confirmed: list[tuple[str, ...]] = field(default_factory=list)
    changes: list[tuple[Callable[..., Any], tuple[Any, ...], int]] = field(default_factory=list)


class WatchedStore(Store):
    watched: Watched

    async def write(self, fn: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        done = await super().write(fn, *args, **kw)
        if fn not in (judge, release):  # counts wrong PINs, gives yen back: neither changes a setting
            self.watched.changes.append((fn, args[1:], len(self.watched.confirmed)))
        return done


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    confirm = Call.confirm

    async def watch(self: Call, *prompts: str) -> None:
        await confirm(self, *prompts)
        watched.confirmed.append(prompts)

    monkeypatch.setattr(Call, "confirm", watch)
    return watched


@pytest.fixture
def sown_database(_sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("store.secrets._LOG_N", 4)  # how slow a PIN's hash is, is another test's subject
    path = Path(shutil.copy(_sqlite_template, tmp_path / "sown.db"))
    engine = open_engine(f"sqlite:///{path}")
    with writing(engine) as conn:
        called_by(conn, sown(conn), "+819011112222")
        turn_remote_on(conn, 1, hashed_pin(PIN))
        for entry in (1, 2):
            set_forward_entry(conn, 1, entry, f"0901111333{entry}")
        add_select_number(conn, 1, "0312345678")
    engine.dispose()
    return path


def test_no_keypad_brings_about_what_was_not_confirmed(watched: Watched, sown_database: Path, tmp_path: Path) -> None:
    reached: set[Callable[..., Any]] = set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(st.lists(a_call(), min_size=CALLS, max_size=CALLS))
    @example(EVERY_ROW)
    def run(calls: list[tuple[str, list[str]]]) -> None:
        for old in tmp_path.glob("case.db*"):
            old.unlink()
        path = shutil.copy(sown_database, tmp_path / "case.db")
        watched.confirmed.clear()
        watched.changes.clear()
        asyncio.run(_run(calls, watched, f"sqlite:///{path}"))
        reached.update(fn for fn, *_ in watched.changes)

    run()
    assert reached == set(READ_BACK), "every kind of change was brought about, or nothing is proven of it"


async def _run(calls: list[tuple[str, list[str]]], watched: Watched, url: str) -> None:
    engine = open_engine(url)
    store = WatchedStore(engine)
    store.watched = watched
    with reading(engine) as conn:
        line = get_line(conn, 1)
    office = Office(engine=engine, store=store, line=line)
    try:
        for menu, script in calls:
            before, changes, confirmed = office.now_set(), len(watched.changes), len(watched.confirmed)
            keypad = await _call(office, menu)("", tuple(script))
            assert keypad.hung_up or keypad.went_on
            assert set(keypad.heard) <= KNOWN
            _check(office, before.forwarding, watched, changes, confirmed)
    finally:
        await store.close()
        engine.dispose()


def _call(office: Office, menu: str) -> Callable[[str, tuple[str, ...]], Awaitable[Keypad]]:
    if menu == "member":
        return office.member
    if menu in MENUS:
        return partial(office.remote, menu)
    return partial(office.dial, menu)


def _check(office: Office, before: Forwarding, watched: Watched, since: int, confirmed: int) -> None:
    expected = before
    for fn, args, after in watched.changes[since:]:
        read_back = READ_BACK[fn]
        if read_back is not None:
            assert after > confirmed, f"{fn.__name__} without a confirmation in its call"
            said = " ".join(watched.confirmed[after - 1])
            assert " ".join(read_back(*args)) in said
        if fn in MODEL:
            expected = MODEL[fn](expected, *args)
    assert len(watched.changes) - since <= 1, "a call makes one change"
    line = office.now_set()
    assert line.forwarding == expected
    assert line.forwarding.mode is ForwardMode.OFF or line.forwarding.target is not None
    assert len(line.forwarding.entries) == ENTRIES
    for target in line.forwarding.entries:
        assert target is None or check_target(national(target), line) == target
    assert len(office.read(select_numbers, line.id)) <= MAX_SELECT
    assert office.read(nuisance_count, line.id) <= MAX_NUISANCE
