from pathlib import Path

import pytest

from tests.fixtures.homes import Home

CALL = ("--from", "03-1234-5678", "--to", "090-1111-2222", "--at", "2026-05-11T10:00")
LEASED = ("rate", "--book", "leased-number", "--plan", "fixed-phone", *CALL)


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """Without settings or store: a price needs neither."""
    return Home(tmp_path / "bare")


@pytest.mark.parametrize(("seconds", "units", "amount"), [("0", 1, "51.7"), ("60", 1, "51.7"), ("60.1", 2, "103.4")])
def test_a_call_out_is_priced_by_started_units(bare: Home, seconds: str, units: int, amount: str) -> None:
    charge = bare.json(*LEASED, "--answered", seconds)
    assert (charge["amount"], charge["units"], charge["book"], charge["tax"]) == (
        amount,
        units,
        "leased-number",
        "included",
    )
    assert charge["row"]
    assert charge["explanation"]


def test_the_service_chooses_the_row(bare: Home) -> None:
    assert bare.json(*LEASED, "--answered", 61, "--service", "forward")["amount"] == "59.4"


def test_a_group_that_is_known_wins_over_the_blocks(bare: Home) -> None:
    reseller = ("rate", "--book", "reseller", *CALL, "--answered", 60)
    assert bare.json(*reseller, "--group", "1-A")["amount"] == "16"
    assert bare.json(*reseller, "--group", "1-B")["amount"] == "17.5"


def test_people_read_how_the_charge_came_about(bare: Home) -> None:
    said = bare.done(*LEASED, "--answered", "61")
    assert said.out.splitlines()[0] == "103.4 yen, tax included"
    assert "61 s = 2 x 60 s x 51.7 = 103.4" in said.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("rate", "--book", "gold", *CALL, "--answered", 1), "price book: found 'gold'"),
        ((*LEASED, "--answered", "long"), "answered seconds: found 'long'"),
        ((*LEASED, "--answered", "-1"), "answered seconds: found '-1', expected zero or more"),
        ((*LEASED, "--answered", "NaN"), "answered seconds: found 'NaN'"),
        ((*LEASED, "--answered", 1, "--to", "#1234"), "has no price for #1234: class hash_dial"),
        ((*LEASED, "--answered", 1, "--at", "soon"), "time of the call: found 'soon'"),
    ],
)
def test_what_has_no_price(bare: Home, arguments: tuple[object, ...], complaint: str) -> None:
    said = bare.run(*arguments)
    assert (said.status, said.out) == (2, "")
    assert complaint in said.err
