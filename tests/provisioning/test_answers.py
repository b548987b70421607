"""Who gets which file, who does not, and what is written down of it."""

import asyncio
import hashlib
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from jinja2 import Environment, StrictUndefined
from sqlalchemy import Engine
from structlog.testing import capture_logs

from dialplan.errors import BadValue
from provisioning.device import SnmpVersion, Transport
from provisioning.fetch import FetchStatus, Via
from provisioning.firmware import Image
from provisioning.mac import Mac
from provisioning.makers.maker import Maker, Wanted
from provisioning.records.devices import retire_device
from provisioning.records.fetches import list_sightings
from provisioning.serving import Request, Served
from provisioning.setup import Setup, Snmp
from provisioning.site import Site
from store.engine import reading, writing
from store.secrets import unseal
from tests.fixtures.answering import ELSEWHERE, HERE, OUTSIDE, OWN, SITE, answering, no_handset, told
from tests.fixtures.devices import ACME, KEY, MAC, NOW, make_maker

OTHER = Mac("0a0001000002")
NOT_NEAR = (FetchStatus.REFUSED, "not its address, and no enrolment window is open")


def secret_of(sealed: str) -> str:
    return unseal(sealed, KEY)


async def test_a_device_gets_its_file_at_its_address_and_the_fetch_is_kept_with_its_digest(engine: Engine) -> None:
    async with answering(engine) as desk:
        device = desk.lend()
        found = await desk.ask("/" + OWN)
        assert found.file is not None
        data = bytes(found.file.data)
        assert data == f"device {MAC}".encode()
        (kept,) = desk.fetches(device)
        assert (kept.name, kept.address, kept.via, kept.at) == ("/" + OWN, HERE, Via.TFTP, NOW)
        assert (kept.status, kept.bytes, kept.mac) == (FetchStatus.SERVED, len(data), MAC)
        assert kept.digest == hashlib.sha256(data).hexdigest()


async def test_elsewhere_it_gets_it_only_while_a_window_is_open_and_is_known_there_from_then_on(
    engine: Engine,
) -> None:
    async with answering(engine) as desk:
        device = desk.lend(address=None)
        found = await desk.ask()
        assert (found.file, told(found)) == (None, NOT_NEAR)
        assert desk.device().address is None
        desk.window(device, NOW - timedelta(minutes=31))
        assert told(await desk.ask()) == NOT_NEAR  # it has closed
        desk.window(device)
        assert (await desk.ask()).file is not None
        assert desk.device().address == HERE
        assert (await desk.ask(address=ELSEWHERE)).file is not None
        assert desk.device().address == ELSEWHERE
    async with answering(engine, now=lambda: NOW + timedelta(hours=1)) as desk:
        assert told(await desk.ask(address=HERE)) == NOT_NEAR
        assert (await desk.ask(address=ELSEWHERE)).file is not None


async def test_a_window_for_all_is_one_for_each_and_a_window_for_another_is_none(engine: Engine) -> None:
    async with answering(engine) as desk:
        desk.lend(address=None)
        other = desk.lend(OTHER, address=None, line_id=2)
        desk.window(other)
        assert (await desk.ask()).file is None
        desk.window(None)
        assert (await desk.ask()).file is not None


async def test_who_knows_the_secret_gets_the_file_anywhere_and_nobody_elses(engine: Engine) -> None:
    async with answering(engine) as desk:
        device = desk.lend(address=None)
        other = desk.lend(OTHER, address=HERE, line_id=2)
        secret = secret_of(device.sealed_secret)
        found = await desk.ask(address=OUTSIDE, via=Via.HTTPS, secret=secret, agent="acme/2.1")
        assert found.file is not None
        assert (desk.device().address, desk.device().firmware) == (None, "2.1")
        assert (await desk.ask(address=OUTSIDE)).file is None  # who shares the address with it has no secret
        found = await desk.ask(f"{OTHER}.cfg", address=HERE, via=Via.HTTPS, secret=secret)
        assert (found.file, told(found)) == (None, (FetchStatus.REFUSED, "another device's file"))
        for wrong in ("", secret[:-1], secret + "x", secret_of(other.sealed_admin_password)):
            found = await desk.ask(address=HERE, via=Via.HTTPS, secret=wrong)
            assert found.file is None
            assert found.note.fetch.device_id is None


async def test_a_certificate_proves_the_device_whose_mac_it_bears(engine: Engine) -> None:
    async with answering(engine) as desk:
        desk.lend(address=None)
        found = await desk.ask(address=OUTSIDE, via=Via.HTTPS, certified=MAC)
        assert found.file is not None
        assert (await desk.ask(address=OUTSIDE, via=Via.HTTPS, certified=OTHER)).file is None


async def test_a_device_that_is_not_lent_gets_nothing_at_its_address_nor_by_its_secret(engine: Engine) -> None:
    async with answering(engine) as desk:
        device = desk.lend()
        with writing(engine) as conn:
            retire_device(conn, MAC)
        expected = (FetchStatus.UNKNOWN, "the device is returned, not lent")
        desk.window(None)
        assert told(await desk.ask()) == expected
        assert told(await desk.ask(secret=secret_of(device.sealed_secret))) == expected
        with reading(engine) as conn:
            assert list_sightings(conn) == []  # it is no stranger


async def test_a_stranger_is_seen_by_the_technician_with_a_guess_at_what_it_is(engine: Engine) -> None:
    async with answering(engine) as desk:
        assert told(await desk.ask("/" + OWN)) == (FetchStatus.UNKNOWN, "no device of ours")
        await desk.ask(f"{OTHER}.cfg", address=OUTSIDE)
        with reading(engine) as conn:
            (seen,) = list_sightings(conn)
        assert (seen.mac, seen.maker, seen.name, seen.address) == (MAC, "acme", "/" + OWN, HERE)


async def test_a_file_without_a_mac_goes_to_anybody_in_the_networks_and_to_nobody_outside(engine: Engine) -> None:
    async with answering(engine) as desk:
        found = await desk.ask("P2.cfg", ELSEWHERE)
        assert found.file == Served(data=b"model None", kind="text/plain; charset=utf-8")
        found = await desk.ask("P2.cfg", OUTSIDE)
        assert told(found) == (FetchStatus.UNKNOWN, "outside of the networks served")
        assert (await desk.ask("P2.cfg", f"::ffff:{ELSEWHERE}")).file is not None


async def test_outside_of_the_networks_a_device_proves_nothing_by_its_address(engine: Engine) -> None:
    async with answering(engine) as desk:
        device = desk.lend(address=OUTSIDE)
        found = await desk.ask(address=OUTSIDE)
        assert told(found) == (FetchStatus.REFUSED, "outside of the networks served")
        assert [one.status for one in desk.fetches(device)] == [FetchStatus.REFUSED]


async def test_of_several_makers_that_ask_for_the_same_name_the_devices_own_decides(engine: Engine) -> None:
    first = make_maker("first", ("0a0009",))
    loud = replace(ACME, make=lambda *_: b"of acme")
    async with answering(engine, makers=[first, loud]) as desk:
        desk.lend()
        found = await desk.ask()
        assert found.file is not None
        assert found.file.data == b"of acme"
    async with answering(engine, makers=[first]) as desk:
        assert told(await desk.ask()) == (FetchStatus.UNKNOWN, "no file of acme's")


def undefined(*_: object) -> bytes:
    return Environment(undefined=StrictUndefined).from_string("{{ nobody_said }}").render().encode()  # noqa: S701


def bad_value(*_: object) -> bytes:
    raise BadValue("label", '"', "no quotes")


def broken(*_: object) -> bytes:
    raise ZeroDivisionError("of our own making")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (undefined, "UndefinedError: 'nobody_said' is undefined"),
        (bad_value, "BadValue: label: found '\"', expected no quotes"),
        (broken, "ZeroDivisionError"),
    ],
)
async def test_one_devices_trouble_is_written_down_and_the_others_get_their_files(
    engine: Engine, make: object, said: str
) -> None:
    def only_for_mac(wanted: Wanted, setup: Setup | None) -> bytes:
        if wanted.mac == MAC:
            return make(wanted, setup)  # type: ignore[operator, no-any-return]
        return ACME.make(wanted, setup)

    async with answering(engine, makers=[replace(ACME, make=only_for_mac)]) as desk:
        device = desk.lend()
        desk.lend(OTHER, line_id=2)
        with capture_logs() as logs:
            troubled, fine = await asyncio.gather(desk.ask(), desk.ask(f"{OTHER}.cfg"))
        assert (troubled.file, told(troubled)) == (None, (FetchStatus.FAILED, said))
        assert fine.file is not None
        assert [(one.status, one.digest) for one in desk.fetches(device)] == [(FetchStatus.FAILED, None)]
        assert [one["name"] for one in logs if one["log_level"] == "error"] == [OWN]


async def test_a_line_without_a_handset_is_said_of_its_device(engine: Engine) -> None:
    async with answering(engine, accounts=no_handset) as desk:
        desk.lend()
        found = await desk.ask()
        assert told(found) == (FetchStatus.FAILED, "line on port 1: found 7, without a handset")


async def test_a_slow_template_keeps_nobody_else_waiting(engine: Engine) -> None:
    go_on = threading.Event()

    def slow(wanted: Wanted, setup: Setup | None) -> bytes:
        if wanted.mac == MAC:
            assert go_on.wait(20)
        return ACME.make(wanted, setup)

    async with answering(engine, makers=[replace(ACME, make=slow)]) as desk:
        desk.lend()
        desk.lend(OTHER, line_id=2)
        waiting = asyncio.create_task(desk.ask())
        for _ in range(20):
            assert (await desk.ask(f"{OTHER}.cfg")).file is not None
        assert not waiting.done()
        go_on.set()
        assert (await waiting).file is not None


def noting(seen: list[tuple[Wanted, Setup | None]]) -> Maker:
    def make(wanted: Wanted, setup: Setup | None) -> bytes:
        seen.append((wanted, setup))
        return b""

    return replace(ACME, make=make)


async def test_what_a_template_is_filled_with(engine: Engine) -> None:
    seen: list[tuple[Wanted, Setup | None]] = []
    async with answering(engine, makers=[noting(seen)]) as desk:
        device = desk.lend(transport=Transport.TLS, snmp=SnmpVersion.V3)
        await desk.ask()
        await desk.ask(via=Via.HTTPS, secret=secret_of(device.sealed_secret))
        await desk.ask("P2.cfg", via=Via.HTTPS, secret=secret_of(device.sealed_secret))
        await desk.ask("P2.cfg")
    (_, setup), (_, by_https), (model, _), (plain, nothing) = seen
    assert setup is not None
    assert (setup.mac, setup.model, setup.registrar, setup.port) == (MAC, "P2", "sip.example.jp", 5061)
    assert (setup.base_url, setup.ntp) == ("tftp://192.0.2.1/", "ntp.example.jp")
    assert setup.admin_password == secret_of(device.sealed_admin_password)
    phrase = secret_of(device.sealed_snmp)
    assert setup.snmp == Snmp(manager="192.0.2.1", user=f"denwaban-{MAC}", phrase=phrase)
    assert [(one.port, one.sip_user) for one in setup.accounts] == [(1, "h1")]
    assert by_https is not None
    under_secret = f"https://192.0.2.1/{secret_of(device.sealed_secret)}/"
    assert by_https.base_url == model.base_url == under_secret
    assert (plain.base_url, nothing) == ("tftp://192.0.2.1/", None)


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_with_a_base_url_devices_are_sent_there_with_their_secret_where_nobody_reads_along(
    engine: Engine, scheme: str
) -> None:
    seen: list[tuple[Wanted, Setup | None]] = []
    site: Site = replace(SITE, base_url=f"{scheme}://prov.example.jp/")
    async with answering(engine, makers=[noting(seen)], site=site) as desk:
        device = desk.lend()
        await desk.ask()
    ((_, setup),) = seen
    assert setup is not None
    behind = f"{secret_of(device.sealed_secret)}/" if scheme == "https" else ""
    assert setup.base_url == f"{scheme}://prov.example.jp/{behind}"


async def test_tls_on_a_switch_that_speaks_none_is_said_of_the_device(engine: Engine) -> None:
    async with answering(engine, site=replace(SITE, tls_port=0)) as desk:
        desk.lend(transport=Transport.TLS)
        status, reason = told(await desk.ask())
        assert (status, "tls_port" in reason) == (FetchStatus.FAILED, True)


async def test_a_secret_sealed_with_another_key_is_said_of_the_device(engine: Engine) -> None:
    async with answering(engine) as desk:
        desk.lend(key="A" * 43 + "=")
        status, reason = told(await desk.ask())
        assert (status, "another key" in reason) == (FetchStatus.FAILED, True)


async def test_a_change_is_in_force_at_the_next_fetch(engine: Engine) -> None:
    seen: list[tuple[Wanted, Setup | None]] = []
    async with answering(engine, makers=[noting(seen)]) as desk:
        device = desk.lend()
        await desk.ask()
        with writing(engine) as conn:
            conn.exec_driver_sql(f"UPDATE devices SET transport = 'tls' WHERE id = {device.id}")  # noqa: S608
        await desk.ask()
    assert [setup.transport for _, setup in seen if setup] == [Transport.UDP, Transport.TLS]


async def test_firmware_is_served_by_its_exact_name(engine: Engine) -> None:
    image = Image(served=Served(data=memoryview(b"image"), kind="application/octet-stream"), digest="d" * 64)
    async with answering(engine, firmware={"T46U-108.rom": image}) as desk:
        found = await desk.ask("/T46U-108.rom")
        assert (found.file, found.digest) == (image.served, "d" * 64)
        for name in ("t46u-108.rom", "x/T46U-108.rom", "../T46U-108.rom", "T46U-108.rom\0", ""):
            assert told(await desk.ask(name)) == (FetchStatus.UNKNOWN, "no maker's file")


async def test_many_who_ask_at_once_are_each_told_their_own(engine: Engine) -> None:
    macs = [Mac(f"0a00010001{n:02x}") for n in range(70)]
    async with answering(engine) as desk:
        for n, mac in enumerate(macs):
            desk.lend(mac, line_id=10 + n)
        asked = [Request(name=f"{mac}.cfg", address=HERE, port=1, via=Via.TFTP) for mac in macs]
        found = await asyncio.gather(*(desk.answers.find(one) for one in asked))
        assert [one.file and one.file.data for one in found] == [f"device {mac}".encode() for mac in macs]
