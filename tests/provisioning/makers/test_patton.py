"""The golden files follow Patton's SmartWare Software Configuration Guide (SmartNode 4110 series) and scripts that
public provisioning systems give to SmartNodes. Nothing was tested on hardware.
"""

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers.maker import Wanted
from provisioning.makers.patton import MAKER
from provisioning.setup import Setup
from tests.provisioning.makers.parse import adapter_cases as cases
from tests.provisioning.makers.parse import smartnode
from tests.provisioning.makers.parse.keyed import Fate, fate, sent_at

MAC = "00a0ba123456"
DEVICE = Wanted(file="device", mac=Mac(MAC))
GOLDEN = {
    "sn4114-udp": cases.setup("SN4114", MAC, [cases.account(2), cases.account(3)], snmp=cases.V2C),
    "sn4332-udp": cases.setup(
        "SN4332", MAC, [cases.account(port) for port in range(1, 33)], base_url="tftp://192.0.2.1/"
    ),
}
SWITCH = "context cs switch"


def golden(name: str) -> smartnode.Script:
    return smartnode.read((cases.GOLDEN / "patton" / f"{name}.cfg").read_bytes())


@pytest.mark.parametrize("name", GOLDEN)
def test_the_file_is_the_golden_one(name: str) -> None:
    assert MAKER.make(DEVICE, GOLDEN[name]) == (cases.GOLDEN / "patton" / f"{name}.cfg").read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_file_says_of_each_port_what_the_setup_says(name: str) -> None:
    setup, script = GOLDEN[name], golden(name)
    model = MAKER.model(setup.model)
    assert model is not None
    accounts = {account.port: account for account in setup.accounts}
    incoming = script[(SWITCH, "routing-table called-uri RT_FROM_SIP")]
    assert len(incoming) == len(accounts)
    for port in range(1, model.ports + 1):
        commands = script[(f"port fxs 0 {port - 1}",)]
        account = accounts.get(port)
        if account is None:
            assert commands == [("shutdown",)]
            assert (SWITCH, f"interface fxs IF_FXS{port}") not in script
            continue
        user = account.sip_user
        assert ("no", "shutdown") in commands
        assert ("bind", "interface", f"IF_FXS{port}", "switch") in commands
        assert ("route", f"sip:{user}@.%", "dest-interface", f"IF_FXS{port}") in incoming
        interface = (SWITCH, f"interface fxs IF_FXS{port}")
        assert smartnode.value(script, interface, "subscriber-number") == user
        assert smartnode.value(script, ("authentication-service AUTH",), "username", user, "password") == (
            account.password
        )
        names = (SWITCH, "mapping-table calling-e164 to calling-name MAP_NAMES")
        assert smartnode.value(script, names, "map", user, "to") == account.label
        identity = ("location-service LOC", f"identity {user}")
        assert script[(*identity, "authentication outbound")] == [
            ("authenticate", "1", "authentication-service", "AUTH", "username", user)
        ]
        registration = script[(*identity, "registration outbound")]
        assert ("registrar", setup.registrar, str(setup.port)) in registration
        assert ("preferred-transport-protocol", "udp") in registration
    assert script[(SWITCH, "interface sip IF_SIP")][-1] == ("remote", setup.registrar, str(setup.port))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_file_says_where_it_fetches_next_and_what_time_it_is(name: str) -> None:
    setup, script = GOLDEN[name], golden(name)
    profile = ("profile provisioning PF_PROVISIONING_CONFIG",)
    assert smartnode.value(script, profile, "location", "1") == f"{setup.base_url}{MAC}.cfg"
    assert smartnode.value(script, (), "clock", "local", "default-offset") == "+09:00"
    assert smartnode.value(script, (), "sntp-client", "server", "primary") == setup.ntp
    assert smartnode.value(script, (), "administrator", "admin", "password") == setup.admin_password
    assert ("notify", "check-sync", "accept") in script[("context sip-gateway GW_SIP",)]


def test_tones_ring_codecs_fax_and_dtmf_are_as_wished() -> None:
    script = golden("sn4114-udp")
    assert script[("profile call-progress-tone JP_DIAL",)] == [("play", "1", "1000", "400", "-13")]
    assert script[("profile call-progress-tone JP_BUSY",)] == [
        ("play", "1", "500", "400", "-13"),
        ("pause", "2", "500"),
    ]
    assert script[("profile call-progress-tone JP_RINGBACK",)] == [
        ("play", "1", "1000", "400", "-19", "416", "-19"),
        ("pause", "2", "2000"),
    ]
    assert script[("profile ringing-cadence default",)] == [("play", "1", "1000"), ("pause", "2", "2000")]
    voip = script[("profile voip default",)]
    assert [words[2] for words in voip if words[0] == "codec"] == ["g711ulaw64k", "g711alaw64k"]
    assert ("dtmf-relay", "rtp") in voip
    assert ("fax", "transmission", "1", "relay", "t38-udp") in voip


def test_snmp_is_told_in_version_2c_only() -> None:
    commands = golden("sn4114-udp")[()]
    assert ("snmp", "community", "r3ad-only", "ro") in commands
    assert ("snmp", "host", "192.0.2.9", "security-name", "r3ad-only") in commands
    assert ("snmp", "target", "192.0.2.9", "security-name", "r3ad-only") in commands
    assert not any(words[0] == "snmp" for words in golden("sn4332-udp")[()])


RULES = smartnode.plan(smartnode.read(MAKER.make(DEVICE, GOLDEN["sn4114-udp"])), "RT_FROM_FXS")


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


@pytest.mark.parametrize("name", ["00a0ba123456.cfg", "00A0BA123456.cfg"])
def test_each_name_it_asks_for_is_known(name: str) -> None:
    assert MAKER.wanted(name) == DEVICE


@pytest.mark.parametrize("name", [*cases.HOSTILE, "spa112.cfg", "sn4114.cfg"])
def test_other_names_are_nobodys(name: str) -> None:
    assert MAKER.wanted(name) is None


def test_its_own_file_is_asked_for_by_its_own_name() -> None:
    for model in MAKER.models:
        assert MAKER.wanted(MAKER.own_file(Mac(MAC), model.name)) == DEVICE


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        (
            "SmartNode (Model:SN4316/JS; Serial:00A0BA0BA9A5; Software Version:R6.9 2016-07-05 H323 SIP FXS FXO;"
            " Hardware Version:2.3)",
            "R6.9",
        ),
        ("curl/8.5.0", None),
    ],
)
def test_the_firmware_is_told_by_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version


@given(label=cases.any_text, password=cases.any_text, admin=cases.any_text)
def test_texts_arrive_as_they_are_or_are_refused(label: str, password: str, admin: str) -> None:
    setup = cases.setup("SN4112", MAC, [cases.account(1, label=label, password=password)], admin_password=admin)
    try:
        file = MAKER.make(DEVICE, setup)
    except BadValue:
        return
    script = smartnode.read(file)
    names = (SWITCH, "mapping-table calling-e164 to calling-name MAP_NAMES")
    assert smartnode.value(script, names, "map", "h001", "to") == label
    assert smartnode.value(script, ("authentication-service AUTH",), "username", "h001", "password") == password
    assert smartnode.value(script, (), "administrator", "admin", "password") == admin


@pytest.mark.parametrize(
    "setup",
    [
        cases.setup("SN4112", MAC, [cases.account(1)], transport=Transport.TLS),
        cases.setup("SN4112", MAC, [cases.account(1)], snmp=cases.V3),
        cases.setup("SN4112", MAC, [cases.account(3)]),
        cases.setup("SN9999", MAC, [cases.account(1)]),
        cases.setup("SN4112", MAC, [cases.account(1, label="山田")]),
        cases.setup("SN4112", MAC, [cases.account(1, sip_user="h.1")]),
        cases.setup("SN4112", MAC, [cases.account(1, password='secr"et')]),
    ],
)
def test_what_cannot_be_told_is_refused(setup: Setup) -> None:
    with pytest.raises(BadValue) as refused:
        MAKER.make(DEVICE, setup)
    assert "secr" not in str(refused.value)
