"""The composition root of `denwaban provision serve`: what it makes of the settings, and how it begins and ends."""

import asyncio
import socket
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from console.provisioning import serve, site
from console.settings import Settings, load
from dialplan.errors import BadValue
from provisioning.fetch import Via
from tests.fixtures.homes import Home
from tests.fixtures.provisioning import provisioning

LEAST = {"ari": {"password": "x"}, "ami": {"password": "x"}, "store": {"key": "x"}}


def settings(**tables: object) -> Settings:
    return Settings.model_validate({**LEAST, **tables})


def test_without_any_setting_devices_are_sent_to_the_switch() -> None:
    found = site(settings(switch={"sip_host": "192.0.2.1"}))
    assert (found.registrar, found.manager, found.sip_port, found.tls_port) == ("192.0.2.1", "192.0.2.1", 5060, 0)
    assert found.urls[Via.TFTP] == "tftp://192.0.2.1/"
    assert IPv4Network("10.0.0.0/8") in found.networks


def test_a_port_of_its_own_stands_in_the_url_and_an_ipv6_address_in_brackets() -> None:
    table = {"host": "2001:db8::1", "tftp_port": 6969, "http_port": 80, "registrar": "sip.example.jp"}
    found = site(settings(switch={"public_address": "192.0.2.9"}, provision=table))
    assert found.urls[Via.TFTP] == "tftp://[2001:db8::1]:6969/"
    assert found.urls[Via.HTTP] == "http://[2001:db8::1]/"
    assert found.registrar == "sip.example.jp"
    assert site(settings(switch={"public_address": "192.0.2.9"})).registrar == "192.0.2.9"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("https_port = 443", "certificate"),
        ('base_url = "prov.example.jp"', "base_url"),
        ('base_url = "https://prov.example.jp"', "base_url"),
        ('networks = ["10.0.0.1/8"]', "networks"),
        ("poll = 0", "poll"),
    ],
)
def test_settings_that_cannot_be_are_refused(new_home: Home, line: str, key: str) -> None:
    with new_home.settings.open("a") as file:
        file.write(f"\n[provision]\n{line}\n")
    with pytest.raises(BadValue, match=key):
        load(new_home.settings)


def test_tls_for_sip_needs_its_certificate(new_home: Home) -> None:
    text = new_home.settings.read_text().replace("[switch]", "[switch]\ntls_port = 5061")
    new_home.settings.write_text(text)
    with pytest.raises(BadValue, match="tls_certificate"):
        load(new_home.settings)


async def test_it_is_ready_serves_and_stops_when_told(new_home: Home, tmp_path: Path) -> None:
    port = _free()
    log = tmp_path / "log"
    async with provisioning(new_home.settings, log, listen=["127.0.0.1"], tftp_port=port, trap_port=0) as process:
        curl = await asyncio.create_subprocess_exec(
            "curl",
            "--silent",
            "--max-time",
            "10",
            f"tftp://127.0.0.1:{port}/000000000000.cfg",
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await curl.communicate()
        assert b"[PHONE_MAC_ADDRESS]" in out
        assert _resident(process.pid) < 100, "MiB: something that only other commands need is imported"
    assert '"event":"stopped"' in log.read_text()


async def test_a_port_that_somebody_has_is_told(new_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("DENWABAN_PROVISION__TFTP_PORT", str(port))
        monkeypatch.setenv("DENWABAN_PROVISION__LISTEN", '["127.0.0.1"]')
        with pytest.raises(BadValue, match=f"tftp port: found '127.0.0.1:{port}'"):
            await serve(load(new_home.settings))


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def _free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
