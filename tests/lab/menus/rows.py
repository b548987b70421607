"""The rows of services §5, as keys to dial, what they must change, and what the next call must do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, delete

from dialplan.numbers import normalise
from subscribers.forwarding import ForwardMode
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.forwarding import (
    set_forward_entry,
    set_ring_seconds,
    start_forwarding,
    stop_forwarding,
    use_forward_entry,
)
from subscribers.records.nuisance import add_nuisance, delete_all_nuisance, is_nuisance, nuisance_count
from subscribers.records.phones import register_phone
from subscribers.records.remote import hashed_pin, remote_access_on, turn_remote_off, turn_remote_on
from subscribers.records.select import (
    add_select_number,
    delete_select_number,
    select_numbers,
    set_number_request,
    set_select_mode,
)
from subscribers.screening import SelectMode
from subscribers.tables import registered_phones

PIN = "48291537"
EAST, WEST = "0363044141", "0664806142"
HANDSET, REFUSED = "the handset", "nobody"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Numbers that no other row uses: `mobiles` are forwarded to, `caller` calls the line before and afterwards."""

    line: Line
    caller: str
    mobiles: tuple[str, str, str, str]


Prepare = Callable[[Connection, Case], object]
Check = Callable[[Connection, Case], bool]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`to` is a code, an access number, or empty for the line's own number from a registered phone.

    The caller `stays` that many seconds after the keys; `ends` is who must hang up, where that matters.

    `then` is who gets the next call of `caller`: the handset, a mobile by its place in the list, or nobody.
    """

    to: str
    keys: Callable[[Case], str]
    check: Check
    prepare: Prepare = field(default=lambda conn, case: None)
    then: int | str = HANDSET
    withheld: bool = False
    calls_before: bool = False
    stays: float = 1.5
    ends: str = ""


def clear(conn: Connection, case: Case) -> None:
    """The line as it was lent; four mobiles are in its forward list."""
    line_id = case.line.id
    for entry, mobile in enumerate(case.mobiles, 1):
        set_forward_entry(conn, line_id, entry, mobile)
    use_forward_entry(conn, line_id, 1)
    start_forwarding(conn, line_id, ALL)
    stop_forwarding(conn, line_id)
    set_ring_seconds(conn, line_id, 20)
    for number in select_numbers(conn, line_id):
        delete_select_number(conn, line_id, number)
    set_select_mode(conn, line_id, SelectMode.OFF)
    set_number_request(conn, line_id, False)
    delete_all_nuisance(conn, line_id)
    turn_remote_off(conn, line_id)
    conn.execute(delete(registered_phones).where(registered_phones.c.line_id == line_id))


def empty(conn: Connection, case: Case) -> None:
    for entry in (1, 2, 3, 4):
        set_forward_entry(conn, case.line.id, entry, None)


def running(mode: ForwardMode) -> Prepare:
    return lambda conn, case: start_forwarding(conn, case.line.id, mode)


def remote(conn: Connection, case: Case) -> None:
    turn_remote_on(conn, case.line.id, hashed_pin(PIN))


def both(*steps: Prepare) -> Prepare:
    def prepare(conn: Connection, case: Case) -> None:
        for step in steps:
            step(conn, case)

    return prepare


def mode_is(mode: ForwardMode) -> Check:
    return lambda conn, case: get_line(conn, case.line.id).forwarding.mode is mode


def in_use(entry: int) -> Check:
    return lambda conn, case: get_line(conn, case.line.id).forwarding.entry_in_use == entry


def entry_is(entry: int) -> Check:
    def check(conn: Connection, case: Case) -> bool:
        expected = tuple(normalise(case.mobiles[0]) if one == entry else None for one in (1, 2, 3, 4))
        return get_line(conn, case.line.id).forwarding.entries == expected

    return check


def unchanged(conn: Connection, case: Case) -> bool:
    """But for what the row prepared, whose revision it is."""
    found = get_line(conn, case.line.id)
    return found.forwarding.entries == tuple(normalise(mobile) for mobile in case.mobiles)


def selected(conn: Connection, case: Case) -> bool:
    return select_numbers(conn, case.line.id) == (normalise(case.caller),)


def keyed(keys: str) -> Callable[[Case], str]:
    return lambda case: keys


def national_of(case: Case) -> str:
    return "0" + case.line.number[3:]


def phone_of(conn: Connection, case: Case) -> None:
    """The caller's number is a registered phone of the line."""
    register_phone(conn, case.line.id, case.caller)


def blocked(*callers: Callable[[Case], str]) -> Prepare:
    def prepare(conn: Connection, case: Case) -> None:
        for caller in callers:
            add_nuisance(conn, case.line.id, normalise(caller(case)), withheld=False, at=datetime.now(UTC))

    return prepare


def somebody(_: Case) -> str:
    return "09077770002"


def the_caller(case: Case) -> str:
    return case.caller


def with_pin(order: str, keys: str, **more: object) -> Row:
    return Row(to=order, keys=lambda case: f"{national_of(case)}#{PIN}#{keys}", **more)  # type: ignore[arg-type]


OFF, ALL = ForwardMode.OFF, ForwardMode.UNCONDITIONAL

ROWS: Mapping[str, Row] = {
    "148 silence": Row(to="148", keys=keyed(""), check=unchanged, stays=110, ends="far end"),
    # 142
    "142 register": Row(to="142", prepare=empty, keys=lambda case: f"2{case.mobiles[0]}#1", check=entry_is(1)),
    **{
        f"142 register list entry {entry}": Row(
            to="142",
            prepare=empty,
            keys=lambda case, entry=entry: f"40{entry}{case.mobiles[0]}#1",  # type: ignore[misc]
            check=entry_is(entry),
        )
        for entry in (1, 2, 3, 4)
    },
    **{
        f"142 choose list entry {entry}": Row(
            to="142", prepare=running(ALL), keys=keyed(f"41{entry}1"), check=in_use(entry), then=entry
        )
        for entry in (1, 2, 3, 4)
    },
    "142 start unconditional": Row(to="142", keys=keyed("11"), check=mode_is(ALL), then=1),
    "142 start no-answer": Row(to="142", keys=keyed("12"), check=mode_is(ForwardMode.NO_ANSWER)),
    "142 start busy": Row(to="142", keys=keyed("13"), check=mode_is(ForwardMode.BUSY)),
    "142 start no-answer or busy": Row(to="142", keys=keyed("14"), check=mode_is(ForwardMode.NO_ANSWER_OR_BUSY)),
    "142 stop": Row(to="142", prepare=running(ALL), keys=keyed("0"), check=mode_is(OFF)),
    **{
        f"142 ring {seconds} s": Row(
            to="142",
            keys=keyed(f"3{seconds}#1"),
            check=lambda conn, case, s=seconds: get_line(conn, case.line.id).forwarding.ring_seconds == s,  # type: ignore[misc]
        )
        for seconds in (5, 60)
    },
    "142 hang up before the confirmation": Row(
        to="142", keys=lambda case: "20312345678#", check=unchanged, stays=0, ends="caller"
    ),
    "142 star at the confirmation, another number": Row(
        to="142", prepare=empty, keys=lambda case: f"20312345678#*{case.mobiles[0]}#1", check=entry_is(1)
    ),
    "142 a number that may not be forwarded to": Row(to="142", keys=keyed("2110#1"), check=unchanged),
    "142 three wrong choices": Row(to="142", keys=keyed("7www7www7"), check=unchanged, stays=15, ends="far end"),
    "142 hear the list": Row(to="142", keys=keyed("80"), check=unchanged),
    "142 hear the mode": Row(to="142", keys=keyed("81"), check=unchanged),
    "142 remote access on": Row(
        to="142", keys=keyed("4314829#1"), check=lambda conn, case: remote_access_on(conn, case.line.id)
    ),
    "142 remote access off": Row(
        to="142",
        prepare=remote,
        keys=keyed("430"),
        check=lambda conn, case: not remote_access_on(conn, case.line.id),
    ),
    # 147
    "147 add": Row(to="147", keys=lambda case: f"2{case.caller}#1", check=selected),
    "147 delete": Row(
        to="147",
        prepare=lambda conn, case: add_select_number(conn, case.line.id, case.caller),
        keys=lambda case: f"9{case.caller}#1",
        check=lambda conn, case: select_numbers(conn, case.line.id) == (),
    ),
    "147 registered callers are forwarded": Row(
        to="147",
        prepare=both(running(ALL), lambda conn, case: add_select_number(conn, case.line.id, case.caller)),
        keys=keyed("31"),
        check=selected,
        then=1,
    ),
    "147 registered callers ring": Row(
        to="147",
        prepare=both(running(ALL), lambda conn, case: add_select_number(conn, case.line.id, case.caller)),
        keys=keyed("32"),
        check=selected,
        then=HANDSET,
    ),
    "147 off": Row(
        to="147",
        prepare=both(running(ALL), lambda conn, case: set_select_mode(conn, case.line.id, SelectMode.FORWARDED)),
        keys=keyed("30"),
        check=lambda conn, case: get_line(conn, case.line.id).screening.select is SelectMode.OFF,
        then=1,
    ),
    "147 hear the list": Row(
        to="147",
        prepare=lambda conn, case: add_select_number(conn, case.line.id, case.caller),
        keys=keyed("8"),
        check=selected,
    ),
    # 144
    "144 add the last caller": Row(
        to="144",
        calls_before=True,
        keys=keyed("21"),
        check=lambda conn, case: is_nuisance(conn, case.line.id, normalise(case.caller)),
        then=REFUSED,
    ),
    "144 delete the last added": Row(
        to="144",
        prepare=blocked(somebody, the_caller),
        keys=keyed("31"),
        check=lambda conn, case: is_nuisance(conn, case.line.id, normalise(somebody(case))),
    ),
    "144 delete all": Row(
        to="144",
        prepare=blocked(somebody, the_caller),
        keys=keyed("91"),
        check=lambda conn, case: nuisance_count(conn, case.line.id) == 0,
    ),
    "144 hear the count": Row(
        to="144",
        prepare=blocked(the_caller),
        keys=keyed("4"),
        check=lambda conn, case: nuisance_count(conn, case.line.id) == 1,
        then=REFUSED,
    ),
    # 148
    "148 on": Row(
        to="148",
        keys=keyed("11"),
        check=lambda conn, case: get_line(conn, case.line.id).screening.number_request,
        withheld=True,
        then=REFUSED,
    ),
    "148 off": Row(
        to="148",
        prepare=lambda conn, case: set_number_request(conn, case.line.id, True),
        keys=keyed("01"),
        check=lambda conn, case: not get_line(conn, case.line.id).screening.number_request,
        withheld=True,
    ),
    "148 hear": Row(to="148", keys=keyed("8"), check=unchanged),
    # remote access
    "east start": with_pin(EAST, "1", prepare=remote, check=mode_is(ALL), then=1),
    "east stop": with_pin(EAST, "0", prepare=both(running(ALL), remote), check=mode_is(OFF)),
    "east choose list entry": with_pin(EAST, "2131", prepare=both(running(ALL), remote), check=in_use(3), then=3),
    "west start": with_pin(WEST, "1", prepare=remote, check=mode_is(ALL), then=1),
    "west stop": with_pin(WEST, "0", prepare=both(running(ALL), remote), check=mode_is(OFF)),
    "west choose list entry": with_pin(WEST, "231", prepare=both(running(ALL), remote), check=in_use(3), then=3),
    # the member menu; its caller hears the menu again when calling, so the next call is another's
    "member change": Row(
        to="",
        prepare=phone_of,
        keys=lambda case: f"2{case.mobiles[3]}#1",
        check=lambda conn, case: get_line(conn, case.line.id).forwarding.target == normalise(case.mobiles[3]),
    ),
    "member stop": Row(to="", prepare=both(phone_of, running(ALL)), keys=keyed("0"), check=mode_is(OFF)),
    "member start": Row(to="", prepare=phone_of, keys=keyed("3"), check=mode_is(ALL), then=1),
    "member hear": Row(to="", prepare=phone_of, keys=keyed("8"), check=unchanged),
}
