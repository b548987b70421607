"""`denwaban device resync`, against a manager interface that answers and one that is not there."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.ami import FakeAmi
from tests.fixtures.homes import Home

PHONE = "00:15:65:1a:2b:3c"


@contextmanager
def asterisk(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAmi]:
    """In a thread: the command brings an event loop of its own."""
    fake = FakeAmi()
    monkeypatch.setenv("DENWABAN_AMI__PASSWORD", fake.secret)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(fake.start(), loop).result(10)
    monkeypatch.setenv("DENWABAN_AMI__PORT", str(fake.port))
    try:
        yield fake
    finally:
        asyncio.run_coroutine_threadsafe(fake.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def lend(home: Home) -> str:
    """The SIP user."""
    home.done("device", "add", PHONE, "T46U", "--line", "03-1234-5678")
    return "h1"


@pytest.mark.parametrize("which", [[PHONE], ["--all"], ["--model", "t46u"]])
def test_a_registered_device_is_told(home: Home, monkeypatch: pytest.MonkeyPatch, which: list[str]) -> None:
    user = lend(home)
    with asterisk(home, monkeypatch) as ami:
        ami.contacts = {user: "Reachable"}
        assert home.json("device", "resync", *which) == {
            "devices": [{"mac": PHONE, "event": "check-sync", "result": "sent", "sip_user": user, "why": None}]
        }
        assert [one["Endpoint"] for one in ami.asked if one["Action"] == "PJSIPNotify"] == [user]


def test_one_that_is_not_registered_is_said_and_the_status_is_1(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    lend(home)
    with asterisk(home, monkeypatch) as ami:
        said = home.run("device", "resync", PHONE)
        assert (said.status, said.err) == (1, "")
        assert "not registered" in said.out
        assert "PJSIPNotify" not in [one["Action"] for one in ami.asked]


@pytest.mark.parametrize("words", [[], [PHONE, "--all"], ["--all", "--model", "T46U"]])
def test_exactly_one_way_of_saying_which(home: Home, words: list[str]) -> None:
    said = home.run("device", "resync", *words)
    assert said.status == 2
    assert "a MAC, --model or --all" in said.err


def test_devices_that_nobody_has_are_complained_of(home: Home) -> None:
    assert "the MAC address of a device" in home.run("device", "resync", PHONE).err
    assert "at least one that is lent" in home.run("device", "resync", "--all").err
    home.done("device", "add", PHONE, "T46U")
    assert "one that is lent" in home.run("device", "resync", PHONE).err


def test_without_asterisk_that_is_what_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    lend(home)
    monkeypatch.setattr("console.commands.device_resync._CONNECT_SECONDS", 0.2)
    monkeypatch.setenv("DENWABAN_AMI__PORT", "1")
    said = home.run("device", "resync", PHONE, "--json")
    assert said.status == 2
    assert said.json["error"]["thing"] == "Asterisk's manager interface"
