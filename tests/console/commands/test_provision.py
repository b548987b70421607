import json
from collections.abc import Callable

import pytest

from provisioning.makers.all import MAKERS
from tests.fixtures.homes import Home, Said


def classes(said: Said) -> list[str]:
    return [one["name"] for one in json.loads(said.out)["Dhcp4"]["client-classes"]]


def test_without_devices_every_maker_is_told(home: Home) -> None:
    said = home.done("provision", "dhcp", "--for", "kea", "--tftp", "192.0.2.1")
    assert classes(said) == [maker.key for maker in MAKERS]


def test_with_devices_only_their_makers_are_told(home: Home) -> None:
    home.done("device", "add", "00:0b:82:00:00:01", "grandstream/ht802")
    said = home.done("provision", "dhcp", "--for", "kea", "--tftp", "192.0.2.1")
    assert classes(said) == ["grandstream"]


def test_makers_can_be_named(home: Home) -> None:
    words = ("--maker", "Patton", "--maker", "snom", "--http", "https://prov.example.jp/")
    said = home.done("provision", "dhcp", "--for", "kea", *words)
    assert classes(said) == ["patton", "snom"]
    assert (
        'option tftp-server-name "https://prov.example.jp/";'
        in home.done("provision", "dhcp", "--for", "isc", *words).out
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--for", "dnsmasq"),
        ("--for", "dnsmasq", "--tftp", "nowhere"),
        ("--for", "dnsmasq", "--http", "http://prov.example.jp"),
        ("--for", "dnsmasq", "--tftp", "192.0.2.1", "--maker", "acme"),
    ],
)
def test_what_it_cannot_print_it_says(refused: Callable[..., Said], words: tuple[str, ...]) -> None:
    said = refused("provision", "dhcp", *words)
    assert said.out == ""
    assert "expected" in said.err
