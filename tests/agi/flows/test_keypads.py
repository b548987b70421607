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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agi.call import Call
from agi.flows.remote import MENUS
from agi.nuisance import block_last_caller
from dialplan.numbers import national
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
from tests.agi.flows.conftest import Office, sown
from tests.fakes.keypad import HANG_UP, SILENCE, Keypad
from voice.prompts import PROMPTS
from voice.spoken import number, seconds

EXAMPLES, STEPS = 200, 50
"""10,000 steps: each types a few keys, is silent, or hangs up."""

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

keys = st.one_of(
    st.text("0123456789*#", min_size=1, max_size=3),
    st.sampled_from(["1", "1", "1", "0", "2", "3", "4", "8", "9", "*", "#"]),
    st.sampled_from(["09011112222#", "0312345678#", "110#", f"{OWN}#", "20#", "7#", "4829#", f"{OWN}#{PIN}#"]),
    st.sampled_from(["2", "40", "41", "43", "431", "80", "81", "21", "11", "14", "31", "91"]),
    st.sampled_from([SILENCE, SILENCE, HANG_UP]),
)
menus = st.sampled_from(["142", "142", "147", "144", "148", "member", "east", "west"])


@dataclass
class Watched:
    """What was confirmed, and what was written, in order."""

    confirmed: list[tuple[str, ...]] = field(default_factory=list)
    changes: list[tuple[Callable[..., Any], tuple[Any, ...], int]] = field(default_factory=list)


class WatchedStore(Store):
    watched: Watched

    async def write(self, fn: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        done = await super().write(fn, *args, **kw)
        if fn is not judge:  # counts wrong PINs, and changes no setting
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


@pytest.fixture(scope="session")
def sown_database(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(_sqlite_template, tmp_path_factory.mktemp("keypads") / "sown.db"))
    engine = open_engine(f"sqlite:///{path}")
    with writing(engine) as conn:
        sown(conn)
        turn_remote_on(conn, 1, hashed_pin(PIN))
    engine.dispose()
    return path


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dialled=st.lists(menus, min_size=STEPS, max_size=STEPS), steps=st.lists(keys, min_size=STEPS, max_size=STEPS))
def test_no_keypad_brings_about_what_was_not_confirmed(
    dialled: list[str], steps: list[str], watched: Watched, sown_database: Path, tmp_path: Path
) -> None:
    for old in tmp_path.glob("case.db*"):
        old.unlink()
    path = shutil.copy(sown_database, tmp_path / "case.db")
    watched.confirmed.clear()
    watched.changes.clear()
    asyncio.run(_run(dialled, steps, watched, f"sqlite:///{path}"))


async def _run(dialled: list[str], steps: list[str], watched: Watched, url: str) -> None:
    engine = open_engine(url)
    store = WatchedStore(engine)
    store.watched = watched
    with reading(engine) as conn:
        line = get_line(conn, 1)
    office = Office(engine=engine, store=store, line=line)
    script = list(steps)
    try:
        for menu in dialled:
            if not script:
                break
            before, changes = office.now_set(), len(watched.changes)
            confirmed = len(watched.confirmed)
            keypad = await _call(office, menu)("", tuple(script))
            script = list(keypad.script)
            assert keypad.hung_up
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
