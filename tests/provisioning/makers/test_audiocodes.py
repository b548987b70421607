"""The golden files follow AudioCodes' MP-11x & MP-124 User's Manuals, versions 5.8 (LTRT-65412) and 6.6 (LTRT-65417,
LTRT-65422, LTRT-65432), and the SNMP reference for SNMPUsers. Nothing was tested on hardware.
"""

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers import audiocodes
from provisioning.makers.audiocodes import MAKER
from provisioning.makers.maker import Wanted
from provisioning.setup import Setup
from tests.provisioning.makers.parse import adapter_cases as cases
from tests.provisioning.makers.parse import board_ini
from tests.provisioning.makers.parse.keyed import Fate, fate, sent_at

MAC = "00908f123456"
DEVICE = Wanted(file="device", mac=Mac(MAC))
GOLDEN = {
    "mp118-udp": cases.setup("MP-118", MAC, [cases.account(1), cases.account(2), cases.account(8)], snmp=cases.V2C),
    "mp124-tls": cases.setup(
        "MP-124",
        MAC,
        [cases.account(port) for port in (1, 13, 24)],
        transport=Transport.TLS,
        snmp=cases.V3,
        base_url="tftp://192.0.2.1/",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_file_is_the_golden_one(name: str) -> None:
    golden = cases.GOLDEN / "audiocodes" / f"{name}.ini"
    assert MAKER.make(DEVICE, GOLDEN[name]) == golden.read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_file_says_of_each_port_what_the_setup_says(name: str) -> None:
    setup = GOLDEN[name]
    parameters, tables = board_ini.read((cases.GOLDEN / "audiocodes" / f"{name}.ini").read_bytes())
    tls = setup.transport is Transport.TLS
    rows = zip(
        setup.accounts, tables["TrunkGroup"], tables["Authentication"], tables["CallerDisplayInfo"], strict=True
    )
    for account, phone, secret, shown in rows:
        port = str(account.port)
        assert (phone["FirstBChannel"], phone["LastBChannel"], phone["FirstPhoneNumber"]) == (
            port,
            port,
            account.sip_user,
        )
        assert (secret["UserId"], secret["UserPassword"], secret["Port"]) == (
            account.sip_user,
            account.password,
            port,
        )
        assert (shown["DisplayString"], shown["Port"]) == (account.label, port)
    assert tables["ProxyIp"] == [
        {"IpAddress": f"{setup.registrar}:{setup.port}", "TransportType": "2" if tls else "0", "ProxySetId": "0"}
    ]
    assert parameters["SIPTransportType"] == ("2" if tls else "0")
    assert parameters["EnableMediaSecurity"] == ("1" if tls else "0")
    assert parameters.get("MediaSecurityBehaviour") == ("1" if tls else None)
    assert parameters["AuthenticationMode"] == "0"
    assert parameters["NTPServerIP"] == setup.ntp
    assert parameters["NTPServerUTCOffset"] == "32400"
    assert parameters["IniFileURL"] == f"{setup.base_url}<MAC>.ini"
    assert [row["Name"] for row in tables["CodersGroup0"]] == ["g711Ulaw64k", "g711Alaw64k"]


def test_the_line_is_a_japanese_one_as_far_as_an_ini_file_can() -> None:
    parameters, _ = board_ini.read(MAKER.make(DEVICE, GOLDEN["mp118-udp"]))
    assert (parameters["CallerIDType"], parameters["EnableCallerID"]) == ("2", "1")
    assert parameters["EnableReversalPolarity"] == "1"
    assert (parameters["IsFaxUsed"], parameters["FirstTxDTMFOption"]) == ("1", "4")
    assert parameters["EnableCallWaiting"] == "0"
    assert "02:00" <= parameters["AutoUpdatePredefinedTime"] < "04:00"


def test_snmp_is_told_in_both_versions_and_off_without() -> None:
    v2c, tables = board_ini.read(MAKER.make(DEVICE, GOLDEN["mp118-udp"]))
    assert (v2c["DisableSNMP"], v2c["SNMPReadOnlyCommunityString_0"]) == ("0", "r3ad-only")
    assert (v2c["SNMPManagerTableIP_0"], v2c["SNMPManagerIsUsed_0"]) == ("192.0.2.9", "1")
    assert "SNMPUsers" not in tables
    v3, tables = board_ini.read(MAKER.make(DEVICE, GOLDEN["mp124-tls"]))
    assert "SNMPReadOnlyCommunityString_0" not in v3
    assert tables["SNMPUsers"] == [
        {
            "Username": "watch",
            "AuthProtocol": "2",
            "PrivProtocol": "3",
            "AuthKey": "auth-and-privacy",
            "PrivKey": "auth-and-privacy",
            "Group": "0",
        }
    ]
    off, _ = board_ini.read(MAKER.make(DEVICE, cases.setup("MP-112", MAC, [cases.account(1)])))
    assert off["DisableSNMP"] == "1"


def test_a_new_gateways_first_file_names_its_own() -> None:
    parameters, tables = board_ini.read(MAKER.make(Wanted(file="first", base_url="http://192.0.2.1/"), None))
    assert parameters == {"IniFileURL": "http://192.0.2.1/<MAC>.ini"}
    assert not tables


RULES = board_ini.digit_map(audiocodes.digit_map())


@pytest.mark.parametrize("number", cases.AT_ONCE)
def test_a_whole_number_is_sent_with_its_last_key(number: str) -> None:
    assert sent_at(RULES, number, greedy=True) == len(number)


@pytest.mark.parametrize("number", [*cases.TIMED, "02012345678", "03012345678"])
def test_a_number_of_any_length_waits_for_the_time_out(number: str) -> None:
    assert sent_at(RULES, number, greedy=True) is None
    assert fate(RULES, number, greedy=True) is Fate.TIMED


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("00908F123456.ini", DEVICE),
        ("00908f123456.ini", DEVICE),
        ("audiocodes.ini", Wanted(file="first")),
    ],
)
def test_each_name_it_asks_for_is_known(name: str, wanted: Wanted) -> None:
    assert MAKER.wanted(name) == wanted


@pytest.mark.parametrize("name", [*cases.HOSTILE, "00908f123456.cfg", "board.ini"])
def test_other_names_are_nobodys(name: str) -> None:
    assert MAKER.wanted(name) is None


def test_its_own_file_is_asked_for_by_its_own_name() -> None:
    for model in MAKER.models:
        assert MAKER.own_file(Mac(MAC), model.name) == "00908F123456.ini"
        assert MAKER.wanted(MAKER.own_file(Mac(MAC), model.name)) == DEVICE


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("Mozilla/4.0 (compatible; AudioCodes; MP-118 FXS;6.60A.367.005;00908F123456;)", "6.60A.367.005"),
        ("Mozilla/4.0 (compatible; MSIE 6.0)", None),
        ("curl/8.5.0", None),
    ],
)
def test_the_firmware_is_told_by_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version


@given(label=cases.any_text, password=cases.any_text)
def test_texts_arrive_as_they_are_or_are_refused(label: str, password: str) -> None:
    setup = cases.setup("MP-118", MAC, [cases.account(1, label=label, password=password)])
    try:
        file = MAKER.make(DEVICE, setup)
    except BadValue:
        return
    _, tables = board_ini.read(file)
    assert tables["CallerDisplayInfo"][0]["DisplayString"] == label
    assert tables["Authentication"][0]["UserPassword"] == password


@pytest.mark.parametrize(
    "setup",
    [
        cases.setup("MP-112", MAC, [cases.account(3)]),
        cases.setup("MP-999", MAC, [cases.account(1)]),
        cases.setup("MP-112", MAC, [cases.account(1, label="山田")]),
        cases.setup("MP-112", MAC, [cases.account(1, password='secr"et')]),
        cases.setup("MP-112", MAC, [cases.account(1, password="$1$secret")]),
    ],
)
def test_what_cannot_be_told_is_refused(setup: Setup) -> None:
    with pytest.raises(BadValue) as refused:
        MAKER.make(DEVICE, setup)
    assert "secr" not in str(refused.value)
