"""From an ended call to its place in the ledger, whatever strangers wrote into it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from agi.ended import Ended, from_hook, from_record
from agi.fastagi_wire import Environment
from agi.ledger import keep
from rating.ended import Source
from store.engine import writing
from tests.fixtures.stored import NOW, stored_line
from tests.fixtures.tariff import TARIFF

CALL = "sw1-1795000000.7"
NUMBER = "0363040001"


def by_hook(caller: str, dial: str, paid: str) -> Ended:
    arguments = ("1", dial, "ANSWER", "1795000003.0", "60.0", "16", "", paid)
    values = {"agi_uniqueid": CALL, "agi_extension": NUMBER, "agi_callerid": caller, "agi_callingpres": "0"}
    values |= {f"agi_arg_{n}": value for n, value in enumerate(arguments, 1)}
    return from_hook(Environment(values=values), NOW)


def by_record(caller: str, dial: str, paid: str) -> Ended:
    times = ("ANSWERED", "1795000003.0", "1795000063.0", "60.0")
    return from_record([CALL, caller, paid, "route", NUMBER, f"{dial},180,", *times])


@pytest.mark.parametrize("told", [by_hook, by_record])
@pytest.mark.parametrize(
    ("caller", "dial", "paid"),
    [
        ("9" * 60, "PJSIP/09077778888@carrier", ""),
        (NUMBER, "PJSIP/09077778888@carrier", f"out:{'7' * 60}::::"),
    ],
)
def test_a_call_with_more_digits_than_the_ledger_has_room_for_is_kept_all_the_same(
    engine: Engine, told: Callable[[str, str, str], Ended], caller: str, dial: str, paid: str
) -> None:
    """On PostgreSQL too, which takes nothing that does not fit: a record it refused would be owed for ever, and all
    those after it.
    """
    with writing(engine) as conn:
        stored_line(conn)
        kept = keep(conn, told(caller, dial, paid), Source.HOOK, TARIFF)
    assert kept is not None
    assert kept.call.answered == Decimal(60)
    assert len(max(kept.call.from_number or "", kept.call.to_number, key=len)) == 40
