"""The golden files follow the configuration templates that Grandstream publishes for HT80x and HT818 (firmware
1.0.10.6), GXW42xx (1.0.4.7) and GXP2130/2135/2140/2160/2170 (1.0.9.127), as public provisioning systems hold them.
Nothing was tested on hardware.
"""

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers import grandstream
from provisioning.makers.grandstream import MAKER
from provisioning.makers.maker import Kind, Wanted
from provisioning.setup import Setup
from tests.provisioning.makers.parse import adapter_cases as cases
from tests.provisioning.makers.parse import gs_provision
from tests.provisioning.makers.parse.keyed import Fate, fate, sent_at

MAC = "000b82123456"
DEVICE = Wanted(file="device", mac=Mac(MAC))
GOLDEN = {
    "ht802-udp": cases.setup("HT802", MAC, [cases.account(1)], snmp=cases.V2C),
    "ht812-tls": cases.setup("HT812", MAC, [cases.account(1), cases.account(2)], transport=Transport.TLS),
    "ht818-tls": cases.setup(
        "HT818", MAC, [cases.account(1), cases.account(8)], transport=Transport.TLS, snmp=cases.V3
    ),
    "gxw4248-udp": cases.setup("GXW4248", MAC, [cases.account(port) for port in (1, 20, 21, 30, 31, 32, 33, 48)]),
    "gxp2130-udp": cases.setup(
        "GXP2130", MAC, [cases.account(1, label="山田　太郎")], base_url="tftp://192.0.2.1/", snmp=cases.V2C
    ),
    "gxp2170-tls": cases.setup("GXP2170", MAC, [cases.account(2), cases.account(3)], transport=Transport.TLS),
}
# user, authentication, password, name, "in use", as the templates number them
HT_PORTS = {1: (35, 36, 34, 3, 271), 2: (735, 736, 734, 703, 401)}
PROFILE_PORTS = {
    1: (4060, 4090, 4120, 4180, 4595),
    8: (4067, 4097, 4127, 4187, 4602),
    20: (4079, 4109, 4139, 4199, 4614),
    21: (4080, 4110, 4140, 4252, 4615),
    30: (4089, 4119, 4149, 4261, 4624),
    31: (4240, 4242, 4244, 4262, 4625),
    32: (4241, 4243, 4245, 4263, 4626),
    33: (21000, 21064, 21128, 21192, 21384),
    48: (21015, 21079, 21143, 21207, 21399),
}
GXP_ACCOUNTS = {1: (35, 36, 34, 3, 271), 2: (404, 405, 406, 407, 401), 3: (504, 505, 506, 507, 501)}


def numbers(model: str) -> dict[int, tuple[int, int, int, int, int]]:
    if model.startswith("GXP"):
        return GXP_ACCOUNTS
    return HT_PORTS if model in ("HT801", "HT802", "HT812") else PROFILE_PORTS


@pytest.mark.parametrize("name", GOLDEN)
def test_the_file_is_the_golden_one(name: str) -> None:
    golden = cases.GOLDEN / "grandstream" / f"{name}.xml"
    assert MAKER.make(DEVICE, GOLDEN[name]).decode() == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_file_says_of_each_port_what_the_setup_says(name: str) -> None:
    setup = GOLDEN[name]
    page = (cases.GOLDEN / "grandstream" / f"{name}.xml").read_bytes()
    p = gs_provision.p_values(page)
    assert gs_provision.owner(page) == MAC
    accounts = {account.port: account for account in setup.accounts}
    for port, (user, auth, password, label, used) in numbers(setup.model).items():
        if port > (MAKER.model(setup.model) or MAKER.models[0]).ports:
            assert f"P{user}" not in p
            continue
        account = accounts.get(port)
        assert p[f"P{used}"] == ("1" if account else "0")
        assert p[f"P{user}"] == p[f"P{auth}"] == (account.sip_user if account else "")
        assert p[f"P{password}"] == (account.password if account else "")
        assert p[f"P{label}"] == (account.label if account else "")
    assert p["P2"] == setup.admin_password
    assert p["P30"] == setup.ntp
    assert p["P64"] == "TZZ-9"


@pytest.mark.parametrize(
    ("name", "transport", "srtp", "servers"),
    [
        ("ht802-udp", {"P130": "0"}, {"P183": "0"}, {"P47": "sip.example.jp:5060", "P747": ""}),
        ("ht812-tls", {"P130": "2", "P830": "2"}, {"P183": "2", "P443": "2"}, {"P747": "sip.example.jp:5061"}),
        ("ht818-tls", {"P130": "2"}, {"P183": "2"}, {"P47": "sip.example.jp:5061"}),
        ("gxw4248-udp", {"P130": "0"}, {"P183": "0"}, {"P47": "sip.example.jp:5060"}),
        ("gxp2130-udp", {"P130": "0"}, {"P183": "0"}, {"P47": "sip.example.jp:5060", "P402": ""}),
        ("gxp2170-tls", {"P448": "2", "P548": "2"}, {"P443": "2", "P543": "2"}, {"P502": "sip.example.jp:5061"}),
    ],
)
def test_tls_comes_with_srtp(
    name: str, transport: dict[str, str], srtp: dict[str, str], servers: dict[str, str]
) -> None:
    p = gs_provision.p_values((cases.GOLDEN / "grandstream" / f"{name}.xml").read_bytes())
    assert {**transport, **srtp, **servers}.items() <= p.items()


def test_the_line_is_a_japanese_one_and_slics_are_numbered_as_each_kind_has_them() -> None:
    adapter = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["ht812-tls"]))
    gateway = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxw4248-udp"]))
    assert (adapter["P854"], adapter["P864"], gateway["P854"]) == ("2", "2", "8")
    assert adapter["P853"] == adapter["P863"] == gateway["P853"] == "10"
    assert adapter["P4000"] == "f1=400@-13,c=0/0;"
    assert adapter["P4001"] == "f1=400@-19,f2=416@-19,c=1000/2000;"
    assert adapter["P4002"] == adapter["P4003"] == "f1=400@-13,c=500/500;"
    assert adapter["P4040"] == "c=1000/2000;"
    assert (adapter["P91"], adapter["P4424"], adapter["P228"], adapter["P850"]) == ("1", "0", "0", "101")


def test_codecs_are_g711_and_on_phones_g722() -> None:
    adapter = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["ht802-udp"]))
    phone = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxp2130-udp"]))
    gateway = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxw4248-udp"]))
    choices = ("P57", "P58", "P59", "P60", "P61", "P62", "P46")
    assert {adapter[p] for p in choices} == {"0", "8"}
    assert "P98" not in adapter
    assert {gateway[p] for p in (*choices, "P98")} == {"0", "8"}
    assert {phone[p] for p in (*choices, "P98")} == {"0", "8", "9"}


def test_snmp_is_told_in_both_versions_and_off_without() -> None:
    v2c = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["ht802-udp"]))
    v3 = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["ht818-tls"]))
    off = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["ht812-tls"]))
    assert (v2c["P21896"], v2c["P21904"], v2c["P21902"], v2c["P21897"]) == ("1", "2", "r3ad-only", "192.0.2.9")
    assert "P21905" not in v2c
    assert (v3["P21904"], v3["P21905"], v3["P21910"], v3["P21906"], v3["P21907"]) == ("3", "watch", "2", "2", "2")
    assert v3["P21908"] == v3["P21909"] == "auth-and-privacy"
    assert "P21902" not in v3
    assert off["P21896"] == "0"
    assert "P21897" not in off


def test_a_secret_path_is_not_given_up_for_what_dhcp_says() -> None:
    https = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["ht802-udp"]))
    tftp = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxp2130-udp"]))
    assert (https["P212"], https["P237"], https["P145"]) == ("2", "prov.example.jp/s3cr3t", "0")
    assert (tftp["P212"], tftp["P237"], tftp["P145"]) == ("0", "192.0.2.1", "1")


def test_a_phone_with_keys_has_one_for_the_forwarding_menu() -> None:
    with_keys = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxp2130-udp"]))
    assert (with_keys["P323"], with_keys["P301"], with_keys["P302"], with_keys["P303"]) == (
        "0",
        "0",
        "転送設定",
        "142",
    )
    assert "P323" not in gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxp2170-tls"]))


def test_the_binary_file_holds_the_same_values() -> None:
    for setup in GOLDEN.values():
        mac, values = gs_provision.binary(MAKER.make(Wanted(file="binary", mac=setup.mac), setup))
        assert mac == MAC
        assert values == gs_provision.p_values(MAKER.make(DEVICE, setup))


@pytest.mark.parametrize(
    "wanted", [Wanted(file="all"), *(Wanted(file="model", model=one.name) for one in MAKER.models)]
)
def test_a_file_for_everybody_holds_no_account(wanted: Wanted) -> None:
    p = gs_provision.p_values(MAKER.make(wanted, None))
    assert p["P64"] == "TZZ-9"
    model = MAKER.model(wanted.model or "")
    assert ("P4000" in p) == (model is not None and model.kind is not Kind.PHONE)
    assert not {"P2", "P34", "P35", "P734", "P4120"} & p.keys()


RULES = gs_provision.plan(grandstream.dial_plan())


@pytest.mark.parametrize("number", cases.AT_ONCE)
def test_a_whole_number_is_sent_with_its_last_key(number: str) -> None:
    assert sent_at(RULES, number) == len(number)


@pytest.mark.parametrize("number", cases.TIMED)
def test_a_number_of_any_length_waits_for_the_time_out(number: str) -> None:
    assert sent_at(RULES, number) is None
    assert fate(RULES, number) is Fate.TIMED


@pytest.mark.parametrize("beginning", ["184", "186", "0", "03", "122", "1"])
def test_a_beginning_is_not_a_number(beginning: str) -> None:
    assert fate(RULES, beginning) is Fate.PART


def test_every_account_dials_by_that_plan() -> None:
    p = gs_provision.p_values(MAKER.make(DEVICE, GOLDEN["gxp2170-tls"]))
    assert p["P459"] == p["P559"] == grandstream.dial_plan()
    assert p["P492"] == p["P592"] == "0"  # or # would end a number, and #1234 could not be dialled
    assert len(grandstream.dial_plan()) <= 1024  # GXW42xx template


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("cfg000b82123456", Wanted(file="binary", mac=Mac(MAC))),
        ("cfg000B82123456", Wanted(file="binary", mac=Mac(MAC))),
        ("cfg000b82123456.xml", DEVICE),
        ("cfg000B82123456.xml", DEVICE),
        ("cfgC074AD010203.xml", Wanted(file="device", mac=Mac("c074ad010203"))),
        ("cfght802.xml", Wanted(file="model", model="HT802")),
        ("cfgHT802.xml", Wanted(file="model", model="HT802")),
        ("cfggxw4216.xml", Wanted(file="model", model="GXW4216")),
        ("cfg.xml", Wanted(file="all")),
    ],
)
def test_each_name_it_asks_for_is_known(name: str, wanted: Wanted) -> None:
    assert MAKER.wanted(name) == wanted


@pytest.mark.parametrize("name", [*cases.HOSTILE, "cfgt46u.xml", "cfg", "000b82123456.cfg"])
def test_other_names_are_nobodys(name: str) -> None:
    assert MAKER.wanted(name) is None


@pytest.mark.parametrize("model", [model.name for model in MAKER.models])
def test_its_own_file_is_asked_for_by_its_own_name(model: str) -> None:
    found = MAKER.wanted(MAKER.own_file(Mac(MAC), model))
    assert found is not None
    assert found.mac == Mac(MAC)


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("Grandstream Model HW HT801 V1.1A SW 1.0.17.5 DevId c074ad273a10", "1.0.17.5"),
        ("Grandstream Model HW GXP2135 SW 1.0.7.97 DevId 000b828aa872", "1.0.7.97"),
        ("Grandstream Model HW GXV3350  V1.3A SW 1.0.1.8 DevId c074ad150b88", "1.0.1.8"),
        ("curl/8.5.0", None),
        ("", None),
    ],
)
def test_the_firmware_is_told_by_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version


@given(label=cases.any_text, password=cases.any_text, admin=cases.any_text)
def test_texts_arrive_as_they_are_or_are_refused(label: str, password: str, admin: str) -> None:
    for model in ("HT802", "GXW4216", "GXP2130"):
        setup = cases.setup(model, MAC, [cases.account(1, label=label, password=password)], admin_password=admin)
        user, _, secret, shown, _ = numbers(model)[1]
        try:
            page, packed = MAKER.make(DEVICE, setup), MAKER.make(Wanted(file="binary", mac=Mac(MAC)), setup)
        except BadValue:
            continue
        for p in (gs_provision.p_values(page), gs_provision.binary(packed)[1]):
            assert (p[f"P{shown}"], p[f"P{secret}"], p["P2"]) == (label, password, admin)
            assert p[f"P{user}"] == "h001"


@pytest.mark.parametrize(
    "setup",
    [
        cases.setup("HT802", MAC, [cases.account(3)]),
        cases.setup("HT801", MAC, [cases.account(1), cases.account(1)]),
        cases.setup("HT899", MAC, [cases.account(1)]),
        cases.setup("HT801", MAC, [cases.account(1, password="x" * 65)]),
        cases.setup("HT801", MAC, [cases.account(1, number="03-->1")]),
        cases.setup("HT801", MAC, [cases.account(1)], base_url="ftp://192.0.2.1/"),
    ],
)
def test_what_cannot_be_told_is_refused(setup: Setup) -> None:
    with pytest.raises(BadValue) as refused:
        MAKER.make(DEVICE, setup)
    assert "x" * 65 not in str(refused.value)
