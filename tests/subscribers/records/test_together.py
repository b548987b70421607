"""Two connections that want the same thing at the same time."""

from collections.abc import Callable
from datetime import date, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine

from dialplan.errors import BadValue
from store.engine import reading, writing
from subscribers.lines import Line, Plan
from subscribers.members import Member, MemberKind
from subscribers.records.find import changed_since, list_lines
from subscribers.records.forwarding import set_ring_seconds
from subscribers.records.lines import add_line
from subscribers.records.members import add_contract

MemberIn = Callable[..., Member]
LineIn = Callable[..., Line]


def _both(engine: Engine, contracts: list[int], numbers: list[str], now: datetime) -> list[str]:
    """Adds two lines in two threads, each in a transaction of its own; returns how each went."""
    ready, outcomes = Barrier(2), list[str]()

    def add(contract: int, number: str) -> None:
        ready.wait()
        try:
            with writing(engine) as conn:
                add_line(conn, contract_id=contract, number=number, plan=Plan.IN_OUT, starts_at=now, at=now)
        except BadValue as refused:
            outcomes.append(refused.thing)
        else:
            outcomes.append("added")

    threads = [Thread(target=add, args=pair) for pair in zip(contracts, numbers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_one_number_is_leased_to_one_of_them(engine: Engine, member_in: MemberIn, now: datetime) -> None:
    with writing(engine) as conn:
        contracts = [add_contract(conn, member_in(conn).id, date(2026, 11, 1)).id for _ in range(2)]
    assert _both(engine, contracts, ["03-6304-0001"] * 2, now) == ["added", "leased number"]
    with reading(engine) as conn:
        assert len(list_lines(conn)) == 1


@pytest.mark.parametrize("kind", [MemberKind.VIRTUAL_OFFICE, MemberKind.COWORKING])
def test_a_member_of_one_line_gets_one(kind: MemberKind, engine: Engine, member_in: MemberIn, now: datetime) -> None:
    with writing(engine) as conn:
        member = member_in(conn, kind)
        contracts = [add_contract(conn, member.id, date(2026, 11, 1)).id for _ in range(2)]
    outcomes = _both(engine, contracts, ["03-6304-0001", "03-6304-0002"], now)
    assert outcomes == ["added", "lines of the member"]
    with reading(engine) as conn:
        assert len(list_lines(conn)) == 1


def test_no_change_is_missed_by_one_who_asks_again_and_again(engine: Engine, line_in: LineIn) -> None:
    """Revisions become visible in their order: a reader that saw 7 never has to look for a late 6."""
    with writing(engine) as conn:
        lines = [line_in(conn, number=f"03-6304-000{n}") for n in range(4)]
    per_line = 15

    def change(line: Line) -> None:
        for n in range(per_line):
            with writing(engine) as conn:
                set_ring_seconds(conn, line.id, 5 + n)

    with reading(engine) as conn:
        _, seq = changed_since(conn, 0)
    threads = [Thread(target=change, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    known, running = dict[int, int](), True
    while running:
        running = any(thread.is_alive() for thread in threads)
        with reading(engine) as conn:
            found, seq = changed_since(conn, seq)
        known |= {one.line.id: one.line.forwarding.ring_seconds for one in found}
    assert known == {line.id: 4 + per_line for line in lines}
