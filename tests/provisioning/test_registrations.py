from datetime import UTC, datetime, timedelta

from provisioning.registrations import Registrations, changed, listed
from provisioning.snmp.health import Registration

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PLACE, ELSEWHERE = "sip:h1@192.0.2.7:5060", "sip:h1@192.0.2.7:49152"
LATER = AT + timedelta(minutes=1)


def test_before_the_first_list_nobody_is_known_to_be_unregistered() -> None:
    assert Registrations().of("h1") is None
    assert changed(Registrations(), "h1", "Removed", AT, PLACE).of("h1") == Registration(registered=False, since=AT)
    assert changed(Registrations(), "h1", "Removed", AT, PLACE).of("h2") is None


def test_who_is_in_no_list_is_unregistered_since_the_first_one() -> None:
    known = listed(listed(Registrations(), {"h1"}, AT), {"h1"}, LATER)
    assert known.of("h1") == Registration(registered=True, since=AT)
    assert known.of("h2") == Registration(registered=False, since=AT)


def test_a_list_after_a_reconnection_counts_from_then() -> None:
    known = listed(listed(Registrations(), {"h1", "h2"}, AT), {"h2"}, LATER)
    assert known.of("h1") == Registration(registered=False, since=LATER)
    assert known.of("h2") == Registration(registered=True, since=AT)


def test_events_change_it_and_repeated_ones_do_not() -> None:
    known = changed(listed(Registrations(), {"h1"}, AT), "h1", "Unreachable", LATER, PLACE)
    assert known.of("h1") == Registration(registered=False, since=LATER)
    assert changed(known, "h1", "Removed", LATER + timedelta(minutes=1), PLACE) is known
    assert changed(known, "h1", "NonQualified", LATER, PLACE).of("h1") == Registration(registered=True, since=LATER)


def test_a_word_that_says_neither_changes_nothing() -> None:
    known = listed(Registrations(), {"h1"}, AT)
    assert changed(known, "h1", "Whatever", LATER, PLACE) is known


def test_a_phone_that_registers_from_elsewhere_is_there_all_the_time() -> None:
    """As a real Asterisk says it: the new contact, its answer, and only then the end of the old one."""
    known = changed(Registrations(), "h1", "NonQualified", AT, PLACE)
    for status, place in (("NonQualified", ELSEWHERE), ("Reachable", ELSEWHERE), ("Removed", PLACE)):
        known = changed(known, "h1", status, LATER, place)
        assert known.of("h1") == Registration(registered=True, since=AT)
    gone = changed(known, "h1", "Removed", LATER, ELSEWHERE)
    assert gone.of("h1") == Registration(registered=False, since=LATER)


def test_after_a_list_the_end_of_any_contact_counts_as_nobody_knows_which_it_listed() -> None:
    known = listed(changed(Registrations(), "h1", "Reachable", AT, PLACE), {"h1"}, AT)
    assert changed(known, "h1", "Removed", LATER, ELSEWHERE).of("h1") == Registration(registered=False, since=LATER)
