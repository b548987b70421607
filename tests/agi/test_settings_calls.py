"""A conversation's record: what the hook tells and what Asterisk's own record tells come to one charge."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from agi.ended import Ended, from_hook, from_record
from agi.fastagi_wire import Environment
from agi.ledger import Tariff, keep
from rating.ended import Recorded, Source
from rating.load import open_books
from rating.usage import Service
from store.engine import writing
from tests.agi.flows.conftest import sown

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
BEGUN, ANSWERED, ENDED = "1795143600", "1795143600.200000", "1795143661.450000"
LEASED, PHONE = "0363040001", "09011110001"


def hook(exten: str, caller: str, *, answered: bool = True) -> Ended:
    answer, seconds = (ANSWERED, "61.250000") if answered else ("0.000000", "0.000000")
    arguments = ("", "menu", "", answer, seconds, "16", "", "")
    values = {"agi_uniqueid": f"sw1-{BEGUN}.7", "agi_extension": exten, "agi_callerid": caller}
    values |= {f"agi_arg_{place}": value for place, value in enumerate(arguments, 1)}
    return from_hook(Environment(values=values), NOW)


def record(exten: str, caller: str, flow: str) -> Ended:
    data = f"denwaban,{flow},carrier"
    row = (f"sw1-{BEGUN}.7", caller, "", "menu", exten, data, "ANSWERED", ANSWERED, ENDED, "61.250000")
    return from_record(row)


def kept(engine: Engine, ended: Ended, source: Source) -> Recorded | None:
    with writing(engine) as conn:
        sown(conn)
        return keep(conn, ended, source, Tariff(books=open_books(), book="leased-number"))


@pytest.mark.parametrize("source", Source)
def test_a_registered_phone_pays_22_yen_for_each_minute_begun(sqlite_engine: Engine, source: Source) -> None:
    ended = hook(LEASED, PHONE) if source is Source.HOOK else record(LEASED, PHONE, "member-menu")
    found = kept(sqlite_engine, ended, source)
    assert found is not None
    assert found.charge is not None
    assert (found.charge.row, found.charge.amount) == ("settings", Decimal(44))
    assert (found.call.service, found.call.outcome) == (Service.SETTINGS, "ANSWER")
    assert (found.call.from_number, found.call.to_number) == ("+819011110001", "+81363040001")


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("code", ["142", "144", "147", "148"])
def test_the_lent_handset_pays_nothing_and_the_call_is_its_lines(
    sqlite_engine: Engine, source: Source, code: str
) -> None:
    ended = hook(code, LEASED) if source is Source.HOOK else record(code, LEASED, "forward-menu")
    found = kept(sqlite_engine, ended, source)
    assert found is not None
    assert found.charge is not None
    assert (found.charge.row, found.charge.amount) == ("settings.handset", Decimal(0))
    assert (found.call.leased_number, found.call.from_kind) == ("+81363040001", "handset")


def test_hook_and_record_of_one_call_charge_once(sqlite_engine: Engine) -> None:
    tariff = Tariff(books=open_books(), book="leased-number")
    with writing(sqlite_engine) as conn:
        sown(conn)
        first = keep(conn, hook(LEASED, PHONE), Source.HOOK, tariff)
        again = keep(conn, record(LEASED, PHONE, "member-menu"), Source.CDR, tariff)
    assert first is not None
    assert again is not None
    assert (first.first, again.first) == (True, False)
    assert again.charge == first.charge


def test_a_menu_that_was_never_answered_costs_nothing(sqlite_engine: Engine) -> None:
    found = kept(sqlite_engine, hook(LEASED, PHONE, answered=False), Source.HOOK)
    assert found is not None
    assert found.charge is None


def test_a_call_to_a_remote_access_number_is_nobodys(sqlite_engine: Engine) -> None:
    """Its caller pays for it; the records know it by the dialplan's own context."""
    row = (f"sw1-{BEGUN}.7", PHONE, "", "from-trunk", "0363044141", "denwaban,remote,east", "ANSWERED")
    ended = from_record((*row, ANSWERED, ENDED, "61.250000"))
    assert kept(sqlite_engine, ended, Source.CDR) is None


def test_only_a_handset_can_have_dialled_a_code(sqlite_engine: Engine) -> None:
    """144 as a caller's number, or in another context, makes no menu of a call."""
    row = (f"sw1-{BEGUN}.7", LEASED, "", "route", "144", "PJSIP/x@carrier,180", "ANSWERED", ANSWERED, ENDED, "1.0")
    assert kept(sqlite_engine, from_record(row), Source.CDR) is None
