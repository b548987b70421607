from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from provisioning.mac import parse_mac
from provisioning.records.fetches import enrolments_open, record_sighting
from provisioning.records.find import get_device
from store.engine import open_engine, reading, writing
from tests.fixtures.homes import Home, Said

PHONE = "00:15:65:1a:2b:3c"
OTHER = "00:0b:82:00:00:01"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def seen(home: Home, mac: str, name: str, maker: str | None, model: str | None, address: str = "192.0.2.7") -> None:
    engine = open_engine(f"sqlite:///{home.folder}/denwaban.db")
    with writing(engine) as conn:
        record_sighting(conn, parse_mac(mac), name=name, address=address, at=NOW, maker=maker, model=model)
    engine.dispose()


def is_open(home: Home, mac: str, at: datetime) -> bool:
    engine = open_engine(f"sqlite:///{home.folder}/denwaban.db")
    with reading(engine) as conn:
        found = bool(enrolments_open(conn, at, get_device(conn, parse_mac(mac)).id))
    engine.dispose()
    return found


def test_a_window_is_opened_for_one_device(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    window = home.json("device", "enrol", "0015651A2B3C")
    assert window["mac"] == PHONE
    assert window["by"]
    opened, until = (datetime.fromisoformat(window[key]) for key in ("opened_at", "until"))
    assert until - opened == timedelta(minutes=30)
    assert is_open(home, PHONE, opened)
    assert not is_open(home, PHONE, until)
    assert home.json("device", "show", PHONE)["enrolment_until"] == window["until"]


def test_a_window_is_opened_for_all_as_long_as_it_takes(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    home.done("device", "add", OTHER, "HT801")
    window = home.json("device", "enrol", "--all", "--minutes", 90)
    opened, until = (datetime.fromisoformat(window[key]) for key in ("opened_at", "until"))
    assert (window["mac"], until - opened) == (None, timedelta(minutes=90))
    assert is_open(home, PHONE, opened)
    assert home.json("device", "show", PHONE)["enrolment_until"] == window["until"]
    # A window is of no use to what is not lent.
    assert home.json("device", "show", OTHER)["enrolment_until"] is None
    assert (
        "The files of every lent device are served to any address until" in home.done("device", "enrol", "--all").out
    )


def test_what_is_not_lent_is_not_enrolled(home: Home, refused: Callable[..., Said]) -> None:
    home.done("device", "add", PHONE, "T46U")
    complaint = "device: found '00:15:65:1a:2b:3c (T46U, stock)', expected one that is lent"
    assert complaint in refused("device", "enrol", PHONE).err


@pytest.mark.parametrize("minutes", [0, -1, 1441, 10**30])
def test_a_window_has_its_limits(minutes: int, home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    before = home.everything()
    assert home.run("device", "enrol", PHONE, "--minutes", minutes).status == 2
    assert home.everything() == before


def test_strangers_are_listed_and_the_empty_list_says_where_they_come_from(home: Home) -> None:
    assert "One that is plugged in appears here." in home.done("device", "unknown").out
    assert home.json("device", "unknown") == {"unknown": []}
    seen(home, PHONE, "y000000000108.cfg", "yealink", "T46U")
    seen(home, OTHER, "x\x1b[2J", None, None)
    listed = home.json("device", "unknown")["unknown"]
    assert {one["mac"] for one in listed} == {PHONE, OTHER}
    assert next(one for one in listed if one["mac"] == PHONE) == {
        "mac": PHONE,
        "maker": "yealink",
        "model": "T46U",
        "name": "y000000000108.cfg",
        "address": "192.0.2.7",
        "first_at": "2026-11-20T12:00:00+09:00",
        "last_at": "2026-11-20T12:00:00+09:00",
        "count": 1,
    }
    page = home.done("device", "unknown").out
    assert "denwaban device adopt MAC MODEL --line LINE" in page
    assert "\x1b" not in page


def test_a_stranger_is_adopted_at_the_address_it_asked_from(home: Home) -> None:
    seen(home, PHONE, "y000000000108.cfg", "yealink", "T46U")
    adopted = home.json("device", "adopt", PHONE, "--line", 1, "--tls")
    assert (adopted["maker"], adopted["model"], adopted["state"]) == ("yealink", "T46U", "lent")
    assert (adopted["address"], adopted["transport"]) == ("192.0.2.7", "tls")
    assert home.json("device", "unknown") == {"unknown": []}


def test_a_stranger_whose_model_nothing_tells_is_adopted_by_name(home: Home, refused: Callable[..., Said]) -> None:
    seen(home, OTHER, "cfg000b82000001.xml", "grandstream", None)
    complaint = "model: found None, expected MODEL: 'cfg000b82000001.xml', which it asked for, does not tell"
    assert complaint in refused("device", "adopt", OTHER).err
    adopted = home.json("device", "adopt", OTHER, "HT802", "--address", "198.51.100.3")
    assert (adopted["model"], adopted["address"], adopted["state"]) == ("HT802", "198.51.100.3", "stock")


def test_a_stranger_that_asked_over_ipv6_is_adopted_without_an_address(home: Home) -> None:
    seen(home, PHONE, "y000000000108.cfg", "yealink", "T46U", "2001:db8::7")
    assert home.json("device", "adopt", PHONE, "--line", 1)["address"] is None
