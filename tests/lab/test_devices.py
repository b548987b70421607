"""Devices in the lab: configured only from the file they fetched, told to fetch again, watched and failed over."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from lab.ends import Ends
from lab.story import Placed
from lab.until import until
from store.engine import reading
from subscribers.lines import Line
from subscribers.records.faults import DOWN_MAIL, UP_MAIL
from subscribers.records.find import line_by_number
from subscribers.tables import mails
from tests.fixtures.certificates import Authority
from tests.fixtures.homes import Home
from tests.fixtures.lab import folder
from tests.fixtures.provisioning import provisioning
from tests.fixtures.service import Service, begin
from tests.fixtures.sip_phone import SipPhone
from tests.fixtures.snmpd import configured
from tests.provisioning.makers.parse import gs_provision, key_value

pytestmark = pytest.mark.lab

AGENT_PORT = 1161
TLS_PORT = 5061
POLL = 1.0
CALLER, FAILOVER = "0312342050", "09012342150"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A service with devices: its lab, its authority, and the commands of its operator."""

    service: Service
    authority: Authority
    home: Home

    @property
    def net(self) -> str:
        return self.service.place.addresses.switch.rpartition(".")[0]

    async def denwaban(self, *words: object) -> object:
        return await asyncio.to_thread(self.home.json, *words)

    def line(self, number: str) -> Line:
        with reading(self.service.engine) as conn:
            found = line_by_number(conn, f"+81{number[1:]}")
        assert found is not None
        return found

    async def call(self, ends: Ends, number: str) -> Placed:
        return await self.service.call(ends, CALLER, self.line(number), talk=0.5)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with folder(96) as place:
        place.lay_out()
        authority = Authority(place.root)
        issued = authority.issue("switch", place.addresses.switch)
        for made, name in ((issued.certificate, "tls.crt"), (issued.key, "tls.key")):
            (place.etc("switch") / name).write_bytes(made.read_bytes())
        tls = {"tls_port": TLS_PORT, "tls_certificate": "/etc/asterisk/tls.crt", "tls_key": "/etc/asterisk/tls.key"}
        running = begin(place, {"switch": tls})
        yield Site(service=running, authority=authority, home=Home(place.root))
        running.engine.dispose()


@pytest.fixture
async def site_ends(site: Site) -> AsyncIterator[Ends]:
    async with Ends(site.service.place) as ends:
        yield ends


@pytest.fixture
async def served(site: Site) -> AsyncIterator[str]:
    """Files are served, and devices watched, at this address."""
    place = site.service.place
    host = place.addresses.switch
    options = {"listen": [host], "poll": POLL, "agent_port": AGENT_PORT}
    async with provisioning(site.home.settings, place.run / "provision.log", **options):
        yield host


async def fetch(url: str, address: str) -> bytes:
    """With curl, as a device at `address`."""
    process = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--show-error", "--fail", "--interface", address, "--max-time", "10", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    data, problem = await process.communicate()
    assert process.returncode == 0, problem.decode()
    return data


async def lend(site: Site, number: str, mac: str, model: str, *options: str) -> None:
    """A line with a handset, and a device for it whose window is open; returns when the switch knows the account, and
    how it speaks.
    """
    words = ("line", "add", number, "--member", site.service.member, "--plan", "fixed-phone", "--starts", "2026-01")
    await site.denwaban(*words)
    await site.denwaban("device", "add", mac, model, "--line", number, "--enrol", *options)
    handset = site.line(number).handset
    assert handset is not None
    user, speaks = handset.sip_user, "tls" if "--tls" in options else "udp"

    def known() -> bool:
        lines = site.service.asterisk(f"pjsip show endpoint {user}").splitlines()
        return any(line.split(":")[0].split() == ["transport"] and line.split()[-1] == speaks for line in lines)

    await until(known, 20, f"endpoint of {number}")


async def test_a_phone_that_knows_only_the_file_it_fetched_by_tftp_registers_takes_a_call_and_a_notify(
    site: Site, site_ends: Ends, served: str
) -> None:
    mac, number, address = "00:15:65:1a:2b:01", "0312345601", f"{site.net}.20"
    await lend(site, number, mac, "T46U")
    file = key_value.read(await fetch(f"tftp://{served}/0015651a2b01.cfg", address)).settings
    registrar = (file["account.1.sip_server.1.address"], int(file["account.1.sip_server.1.port"]))
    user, password = file["account.1.user_name"], file["account.1.password"]
    async with SipPhone(address, registrar, user, password) as phone:
        await phone.register()
        placed = await site.call(site_ends, number)
        assert placed.caller.answered is not None
        invite = phone.calls.get_nowait()
        assert CALLER in invite.headers["from"]
        assert phone.acknowledged.is_set()
        async with asyncio.timeout(10):
            await phone.ended.wait()
        told = await site.denwaban("device", "resync", mac)
        assert told == {
            "devices": [{"mac": mac, "event": "check-sync", "result": "sent", "sip_user": user, "why": None}]
        }
        async with asyncio.timeout(10):
            notify = await phone.notified.get()
        assert notify.headers["event"] == "check-sync"
        await phone.register(seconds=0)
    said = await asyncio.to_thread(site.home.run, "device", "resync", mac, "--json")
    assert (said.status, said.json["devices"][0]["result"]) == (1, "not registered")
    shown = await site.denwaban("device", "show", mac)
    assert isinstance(shown, dict)
    assert shown["address"] == address  # learned in the window
    assert [(one["name"], one["status"]) for one in shown["fetches"]] == [("0015651a2b01.cfg", "served")]


async def test_a_phone_that_speaks_tls_gets_srtp_and_nothing_else(site: Site, site_ends: Ends, served: str) -> None:
    mac, number, address = "00:15:65:1a:2b:02", "0312345602", f"{site.net}.21"
    await lend(site, number, mac, "T46U", "--tls")
    file = key_value.read(await fetch(f"tftp://{served}/0015651a2b02.cfg", address)).settings
    registrar = (file["account.1.sip_server.1.address"], int(file["account.1.sip_server.1.port"]))
    assert (registrar[1], file["account.1.sip_server.1.transport_type"]) == (TLS_PORT, "2")
    trust = ssl.create_default_context(cafile=site.authority.certificate)
    user, password = file["account.1.user_name"], file["account.1.password"]
    async with SipPhone(address, registrar, user, password, tls=trust) as phone:
        await phone.register()
        placed = await site.call(site_ends, number)
        assert placed.caller.answered is not None
        invite = phone.calls.get_nowait()
        assert "RTP/SAVP" in invite.body
        assert "a=crypto:" in invite.body
        assert "RTP/AVP" not in invite.body
        await phone.register(seconds=0)


async def test_while_an_adapters_agent_is_silent_its_line_fails_over_and_its_member_is_told(
    site: Site, site_ends: Ends, served: str, tmp_path: Path
) -> None:
    mac, number, address = "00:0b:82:1a:2b:03", "0312345603", f"{site.net}.22"
    await lend(site, number, mac, "HT801", "--snmp", "v2c")
    await site.denwaban("line", "set", number, "--failover", FAILOVER)
    await site.denwaban("member", "mail", site.service.member, "office@example.jp")
    file = gs_provision.p_values(await fetch(f"tftp://{served}/cfg000b821a2b03.xml", address))
    host, _, port = file["P47"].partition(":")
    shown = await site.denwaban("device", "show", mac, "--secrets")
    assert isinstance(shown, dict)
    agent = configured(tmp_path / "agent", address, port=AGENT_PORT, community=shown["secrets"]["snmp_secret"])

    def mailed() -> list[str]:
        with reading(site.service.engine) as conn:
            return list(conn.execute(select(mails.c.kind).order_by(mails.c.id)).scalars())

    def health() -> str | None:
        found = site.home.json("device", "show", mac)["health"]
        return found and str(found["state"])

    await agent.start()
    try:
        async with SipPhone(address, (host, int(port)), file["P35"], file["P34"]) as phone:
            await phone.register()
            await until(lambda: health() == "healthy", 60, "health of the adapter")
            placed = await site.call(site_ends, number)
            assert placed.caller.answered is not None
            assert placed.legs == ()  # no leg to the carrier: the adapter's own phone took it
            assert not phone.calls.empty()

            await agent.stop()
            await until(lambda: site.line(number).faulty, 60, "the line's fault")
            assert mailed() == [DOWN_MAIL]
            down = await site.denwaban("device", "list", "--down")
            assert isinstance(down, dict)
            assert [one["mac"] for one in down["devices"]] == [mac]
            (leg,) = (await site.call(site_ends, number)).legs
            assert (leg.where, leg.number) == ("carrier", FAILOVER)

            await agent.start()
            await until(lambda: not site.line(number).faulty, 60, "the end of the line's fault")
            assert mailed() == [DOWN_MAIL, UP_MAIL]
            before = phone.calls.qsize()
            placed = await site.call(site_ends, number)
            assert placed.caller.answered is not None
            assert placed.legs == ()
            assert phone.calls.qsize() == before + 1
    finally:
        await agent.stop()
