import pytest

from dialplan.errors import BadValue
from provisioning.makers.filling import check, language, minute_of_night, needed, slots
from provisioning.makers.maker import Kind, Model, Wanted
from tests.provisioning.makers import phones

MODEL = Model(name="P3", kind=Kind.PHONE, ports=3)
OLD = Model(name="P3", kind=Kind.PHONE, ports=3, tls=False)


def test_every_port_is_a_slot_with_an_account_or_none() -> None:
    second = phones.account(2)
    assert [(slot.number, slot.account) for slot in slots(phones.setup("P3", second), MODEL)] == [
        (1, None),
        (2, second),
        (3, None),
    ]


@pytest.mark.parametrize("port", [0, -1, 4])
def test_an_account_without_a_port_is_refused(port: int) -> None:
    with pytest.raises(BadValue, match="1 to 3"):
        slots(phones.setup("P3", phones.account(port)), MODEL)


def test_two_accounts_on_a_port_are_refused() -> None:
    with pytest.raises(BadValue, match="one account to a port"):
        slots(phones.setup("P3", phones.account(2), phones.account(2)), MODEL)


def test_tls_is_refused_where_the_model_has_none() -> None:
    with pytest.raises(BadValue, match="transport"):
        slots(phones.secure(phones.setup("P3")), OLD)
    assert slots(phones.setup("P3"), OLD)


def test_a_line_without_a_label_is_called_by_its_number() -> None:
    filled = needed(Wanted(file="device"), phones.setup("P3", phones.account(1, label="")))
    assert filled.accounts[0].label == "03-1234-5671"


def test_a_devices_file_needs_a_setup() -> None:
    with pytest.raises(BadValue, match="setup for file device"):
        needed(Wanted(file="device"), None)


def test_a_phone_speaks_the_language_of_its_first_account() -> None:
    both = (phones.account(1, language="en"), phones.account(2, language="ja"))
    assert language(phones.setup("P3", *both)) == "en"


@pytest.mark.parametrize(
    ("value", "sign"), [("a\nb", "\n"), ("a\x85b", "\x85"), ("a\ud800b", "\ud800"), ("a;b", ";"), ("　ab", " ")]
)
def test_a_bad_sign_is_named_and_the_secret_around_it_is_not(value: str, sign: str) -> None:
    with pytest.raises(BadValue) as caught:
        check(phones.setup("P3", phones.account(1, password=value)), refused=";")
    assert (caught.value.thing, caught.value.found) == ("password of port 1", sign)
    assert value not in str(caught.value)


def test_the_night_is_from_two_to_four() -> None:
    assert [minute_of_night(f"{mac:012x}") for mac in (0, 61, 119, 120)] == ["02:00", "03:01", "03:59", "02:00"]
