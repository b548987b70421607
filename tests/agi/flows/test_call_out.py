"""Key 1 of the member menu: what is asked, what is refused in which words, and what the switch is told to connect."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from agi.ari.errors import Refused
from agi.flows.call_out import number_keyed
from agi.menu import Complete, Incomplete, Invalid
from agi.paid import Paid, Why, read_paid
from dialplan.route import decode
from rating.limits.overrides import set_limits
from rating.limits.tables import Name, authorisations
from subscribers.records.phones import unregister_phone
from tests.agi.flows.conftest import PHONE, Office
from tests.fakes.keypad import HANG_UP, Keypad

NUMBER = "0312345678"
LEASED = "0363040001"


def holds(office: Office) -> list[tuple[str, bool]]:
    """What is or was held: under which name, and whether it still is."""
    rows = office.read(lambda conn: conn.execute(select(authorisations)).all())
    return [(row.call_id, row.released_at is None) for row in rows]


async def test_the_call_goes_on_as_a_call_out_by_the_phone_and_nothing_more_is_said(office: Office) -> None:
    keypad = await office.member(f"1{NUMBER}#")
    assert keypad.heard == ["call-out-connecting"]
    assert (keypad.went_on, keypad.hung_up) == (("through", LEASED), "")
    assert (keypad.variables["_SHOWN"], keypad.variables["_PRES"]) == (LEASED, "allowed")
    assert keypad.variables["CHANNEL(language)"] == "ja"
    (leg,) = decode(keypad.variables["_ROUTE"]).legs
    assert (leg.dial, leg.how) == (f"PJSIP/{NUMBER}@carrier", "out")
    assert read_paid(keypad.variables["_PAYS"]) == Paid(why=Why.OUT, to=NUMBER, by="+81" + PHONE[1:], held="k1/1")
    assert holds(office) == [("k1/1", True)]


async def test_184_and_186_are_honoured(office: Office) -> None:
    keypad = await office.member(f"1184{NUMBER}#")
    assert keypad.variables["_PRES"] == "prohib"
    assert read_paid(keypad.variables["_PAYS"]).withheld


async def test_the_number_is_asked_for_and_star_goes_back_to_the_menu(office: Office) -> None:
    keypad = await office.member("", ("1", "*", "1", f"{NUMBER}#", ""))
    assert keypad.heard == [
        *("member-menu", "call-out-enter-number"),
        *("member-menu", "call-out-enter-number"),
        "call-out-connecting",
    ]
    assert keypad.went_on is not None


@pytest.mark.parametrize(
    ("keyed", "said"),
    [
        ("110", "call-out-emergency"),
        ("118", "call-out-emergency"),
        ("184119", "call-out-emergency"),
        ("0990123456", "call-out-refused"),
        ("114", "call-out-refused"),
        ("031234", "call-out-refused"),
        ("0120123456", "call-out-refused"),  # no document prices it from a mobile
        (LEASED, "call-out-refused"),
        ("#9999", "call-out-refused"),
        ("010442079460000", "international-closed"),
    ],
)
async def test_a_number_that_may_not_be_called_is_told_and_another_asked_for(
    office: Office, keyed: str, said: str
) -> None:
    keypad = await office.member("", ("1", f"{keyed}#", "", f"{NUMBER}#", ""))
    assert keypad.heard == [
        *("member-menu", "call-out-enter-number", said, "call-out-enter-number", "call-out-connecting")
    ]
    assert keypad.went_on == ("through", LEASED)
    assert [name for name, held in holds(office) if held] == ["k1/2"]


async def test_the_third_refusal_ends_the_call_politely(office: Office) -> None:
    keypad = await office.member("", ("1", "110#", "", "119#", "", "118#", "", ""))
    assert keypad.heard[-3:] == ["call-out-enter-number", "call-out-emergency", "goodbye"]
    assert (keypad.went_on, keypad.hung_up) == (None, "us")


async def test_a_line_that_may_spend_no_more_hears_so(office: Office) -> None:
    office.write(set_limits, office.line.id, {Name.DAILY: Decimal(30), Name.NIGHT_DAILY: None})
    keypad = await office.member(f"1{NUMBER}#")
    assert keypad.heard[0] == "limit-reached"
    assert keypad.went_on is None


async def test_without_a_way_out_it_is_to_be_tried_later(office: Office) -> None:
    office.trunks = ()
    assert (await office.member(f"1{NUMBER}#")).heard[0] == "try-later"


@pytest.mark.parametrize("what", ["read", "write_now"])
async def test_nothing_is_connected_while_the_store_cannot_be_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise TimeoutError

    keypad = await _after_the_menu(office, monkeypatch, what, fails)
    assert keypad.heard[0] == "try-later"
    assert keypad.went_on is None


async def _after_the_menu(office: Office, monkeypatch: pytest.MonkeyPatch, what: str, fails: object) -> Keypad:
    """The store fails from the number on: the line itself was found."""
    asked = Keypad.answer

    async def answer(self: Keypad, channel_id: str) -> None:
        monkeypatch.setattr(office.store, what, fails)
        await asked(self, channel_id)

    monkeypatch.setattr(Keypad, "answer", answer)
    return await office.member(f"1{NUMBER}#")


async def test_a_phone_taken_off_the_line_meanwhile_calls_nobody(office: Office) -> None:
    office.write(unregister_phone, office.line.id, PHONE)
    keypad = await office.member(f"1{NUMBER}#")
    assert (keypad.heard[0], keypad.went_on) == ("try-later", None)


async def test_who_hangs_up_before_it_is_connected_has_nothing_held(office: Office) -> None:
    keypad = await office.member(f"1{NUMBER}#", (HANG_UP,))
    assert (keypad.heard, keypad.went_on) == (["call-out-connecting"], None)
    assert holds(office) == [("k1/1", False)]


async def test_a_switch_that_does_not_take_the_call_has_nothing_held(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: object, **__: object) -> None:
        raise Refused("POST channels/k1/continue", 409, "Channel not in Stasis application")

    monkeypatch.setattr(Keypad, "continue_", refuses)
    await office.member(f"1{NUMBER}#")
    assert holds(office) == [("k1/1", False)]


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("0", Incomplete()),
        ("0312345678", Incomplete()),
        ("0312345678#", Complete("0312345678")),
        ("#", Incomplete()),
        ("#1234", Incomplete()),
        ("#1234#", Complete("#1234")),
        ("##", Invalid()),
        ("1" * 24, Incomplete()),
        ("1" * 25, Invalid()),
    ],
)
def test_a_number_ends_with_hash_and_a_hash_dial_number_begins_with_one_too(typed: str, match: object) -> None:
    assert number_keyed(typed) == match
