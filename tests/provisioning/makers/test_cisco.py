"""The golden files follow the flat-profile of the ATA 191/192 multiplatform adapters with all its parameters, their
defaults and options, and that of the SPA112/SPA122, as public provisioning systems hold them. Nothing was tested on
hardware.
"""

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers import cisco
from provisioning.makers.cisco import MAKER
from provisioning.makers.maker import Wanted
from provisioning.setup import Setup
from tests.provisioning.makers.parse import adapter_cases as cases
from tests.provisioning.makers.parse import flat_profile
from tests.provisioning.makers.parse.keyed import Fate, fate, sent_at

MAC = "68efbd123456"
DEVICE = Wanted(file="device", mac=Mac(MAC))
GOLDEN = {
    "spa112-udp": cases.setup("SPA112", MAC, [cases.account(1, label="山田　太郎"), cases.account(2)]),
    "ata192-udp": cases.setup("ATA192", MAC, [cases.account(2)], snmp=cases.V2C, base_url="tftp://192.0.2.1/"),
    "ata191-tls": cases.setup("ATA191", MAC, [cases.account(1)], transport=Transport.TLS, snmp=cases.V3),
}


def golden(name: str) -> dict[str, str]:
    return flat_profile.parameters((cases.GOLDEN / "cisco" / f"{name}.cfg").read_bytes())


@pytest.mark.parametrize("name", GOLDEN)
def test_the_file_is_the_golden_one(name: str) -> None:
    page = cases.GOLDEN / "cisco" / f"{name}.cfg"
    assert MAKER.make(DEVICE, GOLDEN[name]).decode() == page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_file_says_of_each_line_what_the_setup_says(name: str) -> None:
    setup, told = GOLDEN[name], golden(name)
    accounts = {account.port: account for account in setup.accounts}
    for port in (1, 2):
        account = accounts.get(port)
        assert told[f"Line_Enable_{port}_"] == told[f"Register_{port}_"] == ("Yes" if account else "No")
        assert told[f"User_ID_{port}_"] == (account.sip_user if account else "")
        assert told[f"Password_{port}_"] == (account.password if account else "")
        assert told[f"Display_Name_{port}_"] == (account.label if account else "")
        assert told[f"Proxy_{port}_"] == (f"{setup.registrar}:{setup.port}" if account else "")
        if account:
            assert told[f"SIP_Transport_{port}_"] == setup.transport.value.upper()
            assert told[f"Dial_Plan_{port}_"] == cisco.dial_plan()
            assert told[f"DTMF_Tx_Method_{port}_"] == "AVT"
            assert told[f"FAX_Enable_T38_{port}_"] == "Yes"
            assert told[f"Call_Waiting_Serv_{port}_"] == "No"
            assert told[f"Auth_Resync-Reboot_{port}_"] == "No"
    assert told["Profile_Rule"] == f"{setup.base_url}$MA.cfg"
    assert told["Web_Login_Admin_Password"] == setup.admin_password
    assert told["Time_Zone"] == "GMT+09:00"


def test_tls_comes_with_srtp() -> None:
    told = golden("ata191-tls")
    assert (told["SIP_Transport_1_"], told["Secure_Call_Setting_1_"], told["Proxy_1_"]) == (
        "TLS",
        "Yes",
        "sip.example.jp:5061",
    )
    assert "Secure_Call_Setting_2_" not in golden("ata192-udp")


def test_the_line_is_a_japanese_one() -> None:
    told = golden("spa112-udp")
    assert told["Dial_Tone"] == "400@-13;10(*/0/1)"
    assert told["Busy_Tone"] == told["Reorder_Tone"] == "400@-13;10(.5/.5/1)"
    assert told["Ring_Back_Tone"] == "400@-19,416@-19;*(1/2/1+2)"
    assert (told["Ring1_Cadence"], told["Ring_Frequency"], told["FXS_Port_Impedance"]) == ("60(1/2)", "16", "600")
    assert told["Caller_Conn_Polarity_1_"] == "Reverse"


def test_snmp_and_the_time_server_are_told_to_an_ata() -> None:
    v2c, v3, spa = golden("ata192-udp"), golden("ata191-tls"), golden("spa112-udp")
    assert (v2c["SNMP/SNMP_Enabled"], v2c["SNMP/SNMPV3"], v2c["SNMP/Get_Community"]) == ("1", "0", "r3ad-only")
    assert v2c["SNMP/SNMP_Trusted_IP"] == "192.0.2.9/255.255.255.255"
    assert (v2c["SNMP/TRAP_IP_Address"], v2c["SNMP/TRAP_SNMP_Version"]) == ("192.0.2.9", "v2c")
    assert (v3["SNMP/SNMPV3"], v3["SNMP/RW_User"], v3["SNMP/Auth_Protocol"]) == ("1", "watch", "SHA")
    assert (v3["SNMP/Privacy_Protocol"], v3["SNMP/TRAP_SNMP_Version"]) == ("AES", "v3")
    assert v3["SNMP/Auth_Password"] == v3["SNMP/Privacy_Password"] == "auth-and-privacy"
    assert v2c["Time_Setup/Time_Server"] == "ntp.example.jp"
    assert not any(name.startswith("SNMP/") for name in spa)


def test_it_looks_for_its_file_between_two_and_four_at_night() -> None:
    assert "0200" <= golden("spa112-udp")["Resync_At__HHmm_"] < "0400"


def test_a_new_adapters_file_leads_to_its_own() -> None:
    asked = MAKER.wanted("spa112.cfg")
    assert asked == Wanted(file="model", model="SPA112")
    told = flat_profile.parameters(MAKER.make(asked, None))
    assert told["Profile_Rule"] == "/$MA.cfg"
    served = Wanted(file="model", model="SPA112", base_url="http://192.0.2.1/")
    assert flat_profile.parameters(MAKER.make(served, None))["Profile_Rule"] == "http://192.0.2.1/$MA.cfg"
    assert not any(name.startswith(("User_ID", "Password", "Web_Login")) for name in told)


RULES = flat_profile.plan(cisco.dial_plan())


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


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("68efbd123456.cfg", DEVICE),
        ("68EFBD123456.cfg", DEVICE),
        ("spa112.cfg", Wanted(file="model", model="SPA112")),
        ("spa122.cfg", Wanted(file="model", model="SPA122")),
        ("ata191.cfg", Wanted(file="model", model="ATA191")),
        ("spaATA192.cfg", Wanted(file="model", model="ATA192")),
    ],
)
def test_each_name_it_asks_for_is_known(name: str, wanted: Wanted) -> None:
    assert MAKER.wanted(name) == wanted


@pytest.mark.parametrize("name", [*cases.HOSTILE, "spa504.cfg", "spa.cfg", "68efbd123456-phone.cfg"])
def test_other_names_are_nobodys(name: str) -> None:
    assert MAKER.wanted(name) is None


def test_its_own_file_is_asked_for_by_its_own_name() -> None:
    for model in MAKER.models:
        assert MAKER.wanted(MAKER.own_file(Mac(MAC), model.name)) == DEVICE


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("Cisco/SPA112-1.4.1(SR5) (68EFBD123456)", "1.4.1(SR5)"),
        ("Cisco/SPA112-1.3.2(014)", "1.3.2(014)"),
        ("Linksys/SPA2102-5.2.12", None),
        ("curl/8.5.0", None),
    ],
)
def test_the_firmware_is_told_by_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version


@given(label=cases.any_text, password=cases.any_text, admin=cases.any_text)
def test_texts_arrive_as_they_are_or_are_refused(label: str, password: str, admin: str) -> None:
    setup = cases.setup("ATA192", MAC, [cases.account(1, label=label, password=password)], admin_password=admin)
    try:
        page = MAKER.make(DEVICE, setup)
    except BadValue:
        return
    told = flat_profile.parameters(page)
    assert (told["Display_Name_1_"], told["Password_1_"]) == (label, password)
    assert told["Web_Login_Admin_Password"] == admin


@pytest.mark.parametrize(
    "setup",
    [
        cases.setup("SPA112", MAC, [cases.account(1)], transport=Transport.TLS),
        cases.setup("SPA112", MAC, [cases.account(3)]),
        cases.setup("SPA999", MAC, [cases.account(1)]),
        cases.setup("SPA112", MAC, [cases.account(1, password="x" * 128)]),
    ],
)
def test_what_cannot_be_told_is_refused(setup: Setup) -> None:
    with pytest.raises(BadValue) as refused:
        MAKER.make(DEVICE, setup)
    assert "x" * 100 not in str(refused.value)
