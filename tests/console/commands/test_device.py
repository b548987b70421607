from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from provisioning.fetch import Fetch, FetchStatus, Via
from provisioning.mac import parse_mac
from provisioning.makers.all import MAKERS
from provisioning.records import health
from provisioning.records.devices import set_firmware
from provisioning.records.fetches import record_fetch
from provisioning.records.find import get_device
from provisioning.records.health import Health, PortHealth
from store.engine import open_engine, writing
from subscribers.records.find import get_line
from tests.fixtures.homes import Home, Said

PHONE = "00:15:65:1a:2b:3c"
ADAPTER = "00:0b:82:00:00:01"
LINE = "03-1234-5678"
FULL_WIDTH = "MAC: ００１５６５１Ａ２Ｂ３Ｃ"
NEW = "00:15:65:00:00:02"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@contextmanager
def stored(home: Home) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{home.folder}/denwaban.db")
    with writing(engine) as conn:
        yield conn
    engine.dispose()


def revision(home: Home, line_id: int = 1) -> int:
    with stored(home) as conn:
        return get_line(conn, line_id).revision


def two_more_lines(home: Home) -> None:
    """Lines 3 and 4 with handsets, of member 3."""
    home.done("member", "add", "山田商事", "--kind", "rental-office", "--capacity", 5)
    home.done("member", "identity", 3, "--on", "2026-01-05", "--method", "in-person", "--by", "佐藤")
    for number in ("03-1234-5679", "03-1234-5680"):
        started = ("--starts-at", "2026-02-02T10:00+09:00")
        home.done("line", "add", number, "--member", 3, "--plan", "fixed-phone", *started)


@pytest.mark.parametrize("mac", [PHONE, "0015651A2B3C", "00-15-65-1a-2b-3c", "0015.651a.2b3c", FULL_WIDTH])
def test_a_phone_is_lent_by_the_mac_on_its_label(mac: str, home: Home) -> None:
    added = home.json("device", "add", mac, "t46u", "--line", LINE)
    assert home.json("device", "show", mac) == added | {"fetches": []}
    assert added.pop("added_at").endswith("+09:00")
    assert added == {
        "mac": PHONE,
        "maker": "yealink",
        "model": "T46U",
        "state": "lent",
        "ports": [
            {
                "port": 1,
                "line": 1,
                "number": "+81312345678",
                "member": 1,
                "line_state": "active",
                "registered": None,
                "dead": None,
            }
        ],
        "transport": "udp",
        "snmp": "off",
        "address": None,
        "firmware": None,
        "file": "0015651a2b3c.cfg",
        "health": None,
        "enrolment_until": None,
        "last_fetch": None,
    }


def test_an_adapter_takes_a_line_for_each_port_and_every_setting(home: Home) -> None:
    two_more_lines(home)
    settings = ("--tls", "--snmp", "v3", "--address", "192.0.2.7", "--enrol")
    added = home.json("device", "add", ADAPTER, "grandstream/ht802", "--port", "2=3", "--line", LINE, *settings)
    assert [(one["port"], one["line"]) for one in added["ports"]] == [(1, 1), (2, 3)]
    assert (added["transport"], added["snmp"], added["address"]) == ("tls", "v3", "192.0.2.7")
    assert added["enrolment_until"] is not None


def test_the_next_step_is_told(home: Home) -> None:
    assert "device set 00:15:65:1a:2b:3c --port 1=LINE" in home.done("device", "add", PHONE, "T46U").out
    lent = home.done("device", "add", PHONE, "T46U", "--line", LINE).out
    assert "lent with line 1 on port 1." in lent
    assert "served to nobody yet; then plug it in: denwaban device enrol 00:15:65:1a:2b:3c" in lent
    home.done("device", "retire", PHONE)
    known = home.done("device", "add", PHONE, "T46U", "--line", LINE, "--address", "192.0.2.7").out
    assert "Plug it in: its files are served to 192.0.2.7." in known
    home.done("device", "retire", PHONE)
    assert (
        "Plug it in: its files are served to it until"
        in home.done("device", "add", PHONE, "T46U", "--line", LINE, "--enrol").out
    )


def test_secrets_are_shown_when_asked_for_and_are_nowhere_in_the_clear(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", LINE)
    secrets = home.json("device", "show", PHONE, "--secrets")["secrets"]
    assert {name: len(secret) for name, secret in secrets.items()} == {
        "admin_password": 16,
        "snmp_secret": 20,
        "https_secret": 32,
    }
    told = home.done("device", "show", PHONE, "--secrets").out
    untold = home.done("device", "show", PHONE).out + home.done("device", "list", "--json").out
    rows = repr(home.everything())
    for secret in secrets.values():
        assert secret in told
        assert secret not in untold
        assert secret not in rows


ADD = ("device", "add", NEW)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((*ADD[:2], "001565", "T46U"), "MAC address: found '001565', expected twelve hexadecimal digits"),
        ((*ADD[:2], "ff:ff:ff:ff:ff:ff", "T46U"), "the address of one device"),
        (
            (*ADD[:2], PHONE, "T46U"),
            "device: found '00:15:65:1a:2b:3c (T46U, lent with line 1)', expected one",
        ),
        ((*ADD, "T46X"), "model: found 'T46X', expected T46"),
        ((*ADD, "acme/T46U"), "maker: found 'acme', expected one of yealink"),
        (
            (*ADD, "T46U", "--line", "047-345-6789"),
            "line: found '2 047-345-6789, without a handset', expected",
        ),
        ((*ADD, "T46U", "--line", LINE), "line: found '1, on port 1 of 00:15:65:1a:2b:3c already'"),
        ((*ADD, "T46U", "--line", 99), "line: found 99, expected the id of a line"),
        ((*ADD, "HT801", "--port", "2=1"), "port: found 2, expected 1 to 1: HT801 has 1"),
        ((*ADD, "T46U", "--line", 1, "--port", "1=1"), "port: found '1, taken by line 1'"),
        ((*ADD, "T46U", "--port", "1"), "port: found '1', expected NUMBER=LINE such as 2=0312345678"),
        ((*ADD, "T46U", "--port", "x=1"), "port: found 'x=1'"),
        ((*ADD, "T46U", "--port", "99999=1"), "port: found '99999=1'"),
        ((*ADD, "T46U", "--port", "1="), "port: found '1=', expected PORT=LINE"),
        ((*ADD, "SPA112", "--tls"), "transport: found 'tls', expected udp: SPA112 does not speak TLS"),
        ((*ADD, "T46U", "--address", "::1"), "address: found '::1', expected an IPv4 address"),
        ((*ADD, "T46U", "--enrol"), "--enrol: found 'a device for stock', expected a device with a line"),
        (
            ("device", "adopt", NEW, "T46U"),
            "expected one that asked for a file (`denwaban dev",
        ),
        (("device", "show", NEW), "device: found '00:15:65:00:00:02', expected the MAC address of"),
        (("device", "list", "--maker", "acme"), "maker: found 'acme'"),
        (("device", "list", "--line", 99), "line: found 99"),
        (("device", "set", PHONE), "change: found None, expected one of --port, --tls, --udp, --snmp, --address"),
        (("device", "set", PHONE, "--port", "1="), "ports to free: found '1', expected one that keeps a line"),
        (("device", "set", PHONE, "--port", "17=1"), "port: found 17, expected 1 to 16"),
        (("device", "set", PHONE, "--port", "2=1"), "on port 1 already', expected each line once"),
        (("device", "set", PHONE, "--port", "2="), "port to free: found 2, expected one with a line: 1"),
        (("device", "enrol"), "device: found None, expected a MAC or --all"),
        (("device", "enrol", PHONE, "--all"), " and --all', expected a MAC or --all"),
        (
            ("device", "swap", PHONE, PHONE),
            "new device: found '00:15:65:1a:2b:3c', expected another one",
        ),
        (("device", "swap", PHONE, NEW, "--model", "toaster"), "model: found 'toaster'"),
        (("device", "swap", PHONE, NEW, "--model", "SPA112"), "transport: found 'tls'"),
        (
            ("device", "lost", PHONE),
            "price of the lost device: found None, expected --fee or --amount; leased",
        ),
        (("device", "lost", PHONE, "--fee", "monthly.ace"), "fee: found 'monthly.ace', expected a row for damage"),
        (
            ("device", "lost", PHONE, "--fee", "damage.router", "--book", "phone-only"),
            "expected yen of at least 0",
        ),
        (("device", "lost", PHONE, "--amount", "much"), "amount: found 'much'"),
        (("device", "lost", PHONE, "--amount", "0"), "amount: found '0', expected whole yen above zero"),
        (
            ("device", "lost", PHONE, "--amount", "1", "--member", 2),
            "member: found 2, expected one with a line",
        ),
    ],
)
def test_what_cannot_be_done_with_a_device(
    home: Home, refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", LINE, "--tls")
    assert complaint in refused(*arguments).err


def test_a_line_that_has_ended_gets_no_device(home: Home, refused: Callable[..., Said]) -> None:
    with stored(home) as conn:
        conn.exec_driver_sql("UPDATE lines SET ends_at = '2026-03-01 00:00:00.000000' WHERE id = 1")
    complaint = "line: found '1 03-1234-5678, ended', expected a line that has not ended"
    assert complaint in refused("device", "add", PHONE, "T46U", "--line", 1).err


def test_a_gateways_lines_come_and_go(home: Home) -> None:
    two_more_lines(home)
    home.done("device", "add", ADAPTER, "GXW4216", "--line", 1)
    changed = home.json("device", "set", ADAPTER, "--port", "1=", "--port", "16=3", "--port", "2=4", "--snmp", "v2c")
    assert [(one["port"], one["line"]) for one in changed["ports"]] == [(2, 4), (16, 3)]
    assert changed["snmp"] == "v2c"
    said = home.done("device", "set", ADAPTER, "--tls").out
    assert "line 4 on port 2, line 3 on port 16; tls, SNMP v2c." in said
    assert "at its next fetch" in said


def test_only_what_the_switch_must_know_counts_as_a_change_of_the_line(home: Home) -> None:
    before = revision(home)
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    home.done("device", "set", PHONE, "--snmp", "v3")
    assert revision(home) == before
    home.done("device", "set", PHONE, "--tls")
    turned = revision(home)
    assert turned > before
    home.done("device", "set", PHONE, "--tls")
    assert revision(home) == turned
    home.done("device", "set", PHONE, "--udp")
    assert revision(home) > turned


def test_a_device_that_is_taken_away_leaves_with_passwords_that_are_worth_nothing(home: Home) -> None:
    def handset() -> dict[str, str]:
        found: dict[str, str] = home.json("line", "show", 1, "--secrets")["handset"]
        return found

    home.done("device", "add", PHONE, "T46U", "--line", 1)
    seen = [handset()]
    home.done("device", "swap", PHONE, NEW)
    seen.append(handset())
    home.done("device", "retire", NEW)
    seen.append(handset())
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    assert handset() == seen[2]
    home.done("device", "lost", PHONE, "--amount", 9800)
    seen.append(handset())
    assert len({one["password"] for one in seen}) == 4
    assert len({one["sip_user"] for one in seen}) == 1


def test_a_line_taken_off_a_port_leaves_it_with_a_password_that_is_worth_nothing(home: Home) -> None:
    """Else the port it left and the one it came to would take each other's calls away until the device fetches."""
    two_more_lines(home)

    def passwords() -> list[str]:
        return [home.json("line", "show", line, "--secrets")["handset"]["password"] for line in (1, 3)]

    home.done("device", "add", ADAPTER, "GXW4216", "--line", 1, "--port", "2=3")
    lent = passwords()
    home.done("device", "set", ADAPTER, "--port", "2=", "--port", "3=3")  # still on the same device
    assert passwords() == lent
    said = home.done("device", "set", ADAPTER, "--port", "3=").out
    assert "new SIP password" in said
    assert [now == before for now, before in zip(passwords(), lent, strict=True)] == [True, False]
    assert "new SIP password" not in home.done("device", "set", ADAPTER, "--port", "4=3").out


def test_a_swap_moves_everything_to_another_model(home: Home) -> None:
    two_more_lines(home)
    settings = ("--tls", "--snmp", "v3", "--address", "192.0.2.7")
    old = home.json("device", "add", ADAPTER, "HT802", "--line", 1, "--port", "2=3", *settings)
    swapped = home.json("device", "swap", ADAPTER, "00:0b:82:00:00:02", "--model", "HT818")
    assert (swapped["returned"]["mac"], swapped["returned"]["state"]) == (ADAPTER, "returned")
    lent = swapped["lent"]
    assert (lent["mac"], lent["model"], lent["state"]) == ("00:0b:82:00:00:02", "HT818", "lent")
    assert all(lent[key] == old[key] for key in ("ports", "transport", "snmp", "address"))
    back = home.done("device", "swap", "000b82000002", ADAPTER).out
    assert "00:0b:82:00:00:01 (HT802): lent with line 1 on port 1, line 3 on port 2." in back
    assert "served to 192.0.2.7." in back


def test_a_swap_takes_the_model_of_a_device_from_stock_and_opens_its_window(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    home.done("device", "add", ADAPTER, "HT801")
    swapped = home.json("device", "swap", PHONE, ADAPTER, "--enrol")["lent"]
    assert (swapped["maker"], swapped["model"]) == ("grandstream", "HT801")
    assert swapped["enrolment_until"] is not None


def test_a_lost_device_is_on_the_next_invoice_in_the_same_breath(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    lost = home.json("device", "lost", PHONE, "--amount", "9800")
    assert (lost["state"], lost["ports"]) == ("lost", [])
    item = lost["item"]
    assert (item["member"], item["line"], item["amount"], item["tax"]) == (1, 1, "9800", "excluded")
    assert item["text"] == "機器損害金（T46U 00:15:65:1a:2b:3c）"
    assert home.json("invoice", "item", "list")["items"] == [item]


def test_a_lost_device_may_cost_what_the_price_list_says(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    bounded = ("--book", "phone-only", "--fee", "damage.router", "--amount", "8000")
    item = home.json("device", "lost", PHONE, *bounded)["item"]
    assert item["amount"] == "8000"
    assert "damage.router" in item["cites"]


def test_who_pays_is_asked_where_a_gateway_served_several(home: Home, refused: Callable[..., Said]) -> None:
    two_more_lines(home)
    home.done("device", "add", ADAPTER, "HT802", "--line", 1, "--port", "2=3")
    assert (
        "member: found None, expected --member: its lines belong to 1, 3"
        in refused("device", "lost", ADAPTER, "--amount", 1).err
    )
    item = home.json("device", "lost", ADAPTER, "--amount", 1, "--member", 3)["item"]
    assert (item["member"], item["line"]) == (3, 3)


def test_a_returned_device_is_lent_again(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    first = home.json("device", "show", PHONE, "--secrets")["secrets"]
    retired = home.done("device", "retire", PHONE).out
    assert "Lend it again: denwaban device add 00:15:65:1a:2b:3c T46U --line LINE" in retired
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    again = home.json("device", "show", PHONE, "--secrets")["secrets"]
    assert all(again[name] != secret for name, secret in first.items())


def test_a_list_with_nothing_in_it_says_what_to_do(home: Home) -> None:
    assert "denwaban device add MAC MODEL --line LINE" in home.done("device", "list").out
    assert home.done("device", "list", "--down").out == "No device is in trouble.\n"
    assert home.done("device", "list", "--state", "lost").out == "No such device.\n"
    assert home.json("device", "list") == {"devices": []}


def test_devices_are_listed_by_state_maker_and_line(home: Home) -> None:
    home.done("device", "add", PHONE, "T46U", "--line", 1)
    home.done("device", "add", ADAPTER, "HT801")

    def listed(*narrowed: object) -> list[str]:
        return [one["mac"] for one in home.json("device", "list", *narrowed)["devices"]]

    assert listed() == [PHONE, ADAPTER]
    assert listed("--state", "stock") == [ADAPTER]
    assert listed("--maker", "Yealink") == [PHONE]
    assert listed("--line", LINE) == [PHONE]
    assert listed("--line", 2) == []


def test_what_is_known_of_a_device_is_on_its_page(home: Home) -> None:
    home.done("device", "add", ADAPTER, "HT802", "--line", 1)
    home.done("device", "add", PHONE, "T46U")
    with stored(home) as conn:
        device = get_device(conn, parse_mac(ADAPTER))
        set_firmware(conn, device.id, "1.0.51.1")
        for status, reason in ((FetchStatus.SERVED, ""), (FetchStatus.REFUSED, "no window is open")):
            fetch = Fetch(
                device_id=device.id,
                mac=device.mac,
                name="cfg000b82000001.xml",
                address="198.51.100.3",
                via=Via.TFTP,
                at=NOW,
                status=status,
                reason=reason,
                bytes=0 if reason else 8123,
                digest=None if reason else "ab" * 32,
            )
            record_fetch(conn, fetch)
        ago = NOW - timedelta(hours=1)
        health.put(conn, device.id, Health(state="down", since=NOW, last_ok_at=ago, uptime_seconds=90061))
        health.put_ports(conn, device.id, [PortHealth(number=1, dead=True, registered=False, since=NOW)])
    shape = home.json("device", "show", ADAPTER)
    assert shape["health"] == {
        "state": "down",
        "since": "2026-11-20T12:00:00+09:00",
        "last_ok_at": "2026-11-20T11:00:00+09:00",
        "uptime_seconds": 90061,
    }
    assert (shape["ports"][0]["registered"], shape["ports"][0]["dead"]) == (False, True)
    assert [(one["status"], one["reason"]) for one in shape["fetches"]] == [
        ("refused", "no window is open"),
        ("served", None),
    ]
    assert shape["last_fetch"] == shape["fetches"][0]
    page = home.done("device", "show", ADAPTER).out
    for told in (
        "down since 2026-11-20 12:00 JST",
        "1 d 1:01",
        "1.0.51.1",
        "refused: no window is open",
        "8123",
        "例",
    ):
        assert told in page
    assert [one["mac"] for one in home.json("device", "list", "--down")["devices"]] == [ADAPTER]
    listed = home.done("device", "list").out
    assert "2026-11-20 12:00 JST, refused" in listed
    assert "down since 2026-11-20 12:00 JST, port 1 dead" in listed


def test_a_dead_port_is_trouble_enough(home: Home) -> None:
    home.done("device", "add", ADAPTER, "HT802", "--line", 1)
    with stored(home) as conn:
        device = get_device(conn, parse_mac(ADAPTER))
        health.put(conn, device.id, Health(state="healthy", since=NOW))
        health.put_ports(conn, device.id, [PortHealth(number=1, dead=True, registered=None, since=NOW)])
    assert "port 1 dead" in home.done("device", "list", "--down").out


def test_every_model_is_listed(home: Home) -> None:
    listed = home.json("device", "models")["models"]
    assert len(listed) == sum(len(maker.models) for maker in MAKERS)
    assert {"maker": "yealink", "model": "T46U", "kind": "phone", "ports": 16, "tls": True} in listed
    assert "GXW4248" in home.done("device", "models").out
