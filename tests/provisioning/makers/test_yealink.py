"""The golden files follow the documents that provisioning/makers/yealink.py names: Yealink's Administrator Guide V84
for T2/T4/T5 phones, its Auto Provisioning Guide and its chapter on Enhanced DSS Keys. The numbers in the common
files' names, the accounts and the line keys are from public lists of them. Nothing was tested on hardware.

Not found in a public document, and as the maker's guides are remembered: Japan among the tone countries.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.makers.maker import Kind, Wanted
from provisioning.makers.yealink import MAKER, MODELS
from provisioning.setup import Setup
from tests.provisioning.makers import phones
from tests.provisioning.makers.parse.digitmap import Sent, dial, dial_now
from tests.provisioning.makers.parse.key_value import KeyValues, read

MODEL = "T46U"
KINDS = phones.kinds(MODEL)


def rules(file: KeyValues) -> list[str]:
    prefix = "dialplan.dialnow.rule."
    found = {int(name.removeprefix(prefix)): rule for name, rule in file.settings.items() if name.startswith(prefix)}
    return [found[number] for number in range(1, len(found) + 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_golden_file(kind: str) -> None:
    phones.golden(f"yealink/{kind}.cfg", phones.file(MAKER, KINDS[kind]))


def test_golden_files_without_a_setup() -> None:
    phones.golden("yealink/own.boot", MAKER.make(Wanted(file="boot", mac=phones.MAC), None))
    phones.golden("yealink/common.boot", MAKER.make(Wanted(file="boot"), None))
    phones.golden("yealink/common.cfg", MAKER.make(Wanted(file="common", model=MODEL), None))


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_the_setup_says(kind: str) -> None:
    setup: Setup = KINDS[kind]
    file = read(phones.file(MAKER, setup))
    secure = setup.transport is Transport.TLS
    for account in setup.accounts:
        of = {
            name.split(".", 2)[2]: value
            for name, value in file.settings.items()
            if name.startswith(f"account.{account.port}.")
        }
        assert of["enable"] == "1"
        assert (of["user_name"], of["auth_name"], of["password"]) == (account.sip_user,) * 2 + (account.password,)
        assert (of["label"], of["display_name"]) == (account.shown, account.label)
        assert (of["sip_server.1.address"], of["sip_server.1.port"]) == (setup.registrar, str(setup.port))
        assert (of["sip_server.1.transport_type"], of["srtp_encryption"]) == (("2", "2") if secure else ("0", "0"))
        on = sorted((of[f"codec.{codec}.priority"], codec) for codec in ("pcma", "pcmu", "g722"))
        assert on == [("1", "g722"), ("2", "pcmu"), ("3", "pcma")]
        assert (of["dtmf.type"], of["dtmf.dtmf_payload"], of["ptime"]) == ("1", "101", "20")
        assert file.settings[f"linekey.{account.port}.type"] == "15"
    assert file.settings["static.security.trust_certificates"] == "1"
    assert file.settings["static.auto_provision.server.url"] == setup.base_url
    assert file.settings["local_time.ntp_server1"] == setup.ntp
    assert (file.settings["local_time.time_zone"], file.settings["local_time.summer_time"]) == ("+9", "0")
    assert file.settings["voice.tone.country"] == "Japan"
    assert file.settings["lang.gui"] == ("English" if kind == "english" else "Japanese")
    assert file.passwords == {"admin": setup.admin_password, "user": setup.admin_password}
    assert (file.settings["static.wui.http_enable"], file.settings["static.wui.https_enable"]) == ("0", "1")
    assert file.settings["call_waiting.enable"] == "1"
    assert file.settings["static.auto_provision.weekly.dayofweek"] == "0123456"


def test_accounts_without_a_line_are_off_and_forgotten() -> None:
    file = read(phones.file(MAKER, phones.setup(MODEL, phones.account(2))))
    for port in (1, *range(3, 17)):
        assert file.settings[f"account.{port}.enable"] == "0"
        assert {f"account.{port}.password", f"account.{port}.user_name"} <= file.cleared
        assert f"voice_mail.number.{port}" in file.cleared


@pytest.mark.parametrize(
    ("kind", "labels"), [("udp", ("転送開始", "転送停止")), ("english", ("Forward on", "Forward off"))]
)
def test_two_keys_dial_142_and_then_start_or_stop(kind: str, labels: tuple[str, str]) -> None:
    file = read(phones.file(MAKER, KINDS[kind])).settings
    assert file["features.enhanced_dss_keys.enable"] == "1"
    assert [file[f"linekey.{key}.type"] for key in (2, 3)] == ["73", "73"]
    assert (file["linekey.2.label"], file["linekey.3.label"]) == labels
    assert file["linekey.2.value"] == "142$Tinvite$$Cwc$$Cp1$11$Tdtmf$"
    assert file["linekey.3.value"] == "142$Tinvite$$Cwc$$Cp1$0$Tdtmf$"


@pytest.mark.parametrize(("model", "accounts"), [("T30P", 1), ("T31G", 1), ("T33G", 3), ("W70B", 1)])
def test_no_forwarding_keys_where_there_is_no_room_for_both(model: str, accounts: int) -> None:
    setup = phones.setup(model, *(phones.account(port) for port in range(1, accounts + 1)))
    file = read(phones.file(MAKER, setup)).settings
    assert "73" not in [value for name, value in file.items() if name.endswith(".type")]


def test_keys_of_accounts_that_are_gone_are_cleared() -> None:
    file = read(phones.file(MAKER, phones.setup("T42U", phones.account(1), phones.account(4)))).settings
    types = [file[f"linekey.{key}.type"] for key in range(1, 13)]
    assert types == ["15", "0", "0", "15", "73", "73", "0", "0", "0", "0", "0", "0"]


def test_a_base_gives_each_handset_its_own_line() -> None:
    file = read(phones.file(MAKER, phones.setup("W70B", phones.account(1), phones.account(3)))).settings
    assert file["handset.3.incoming_lines"] == file["handset.3.dial_out_default_line"] == "3"
    assert "handset.2.incoming_lines" not in file


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_takes_all_its_accounts(model: object) -> None:
    row = MAKER.model(str(getattr(model, "name", "")))
    assert row is not None
    setup = phones.setup(row.name, *(phones.account(port) for port in range(1, row.ports + 1)))
    file = read(phones.file(MAKER, phones.secure(setup))).settings
    assert [file[f"account.{port}.enable"] for port in range(1, row.ports + 1)] == ["1"] * row.ports
    assert row.kind is Kind.DECT or row.feature_keys == 0 or "linekey.1.type" in file


@pytest.mark.parametrize("keyed", phones.SENT_AT_ONCE)
def test_whole_numbers_are_sent_at_once_and_not_before(keyed: str) -> None:
    patterns = dial_now(rules(read(phones.file(MAKER, KINDS["udp"]))))
    assert dial(patterns, keyed) is Sent.NOW
    assert {dial(patterns, keyed[:length]) for length in range(len(keyed))} == {Sent.NEVER}


@pytest.mark.parametrize("keyed", phones.WAITING)
def test_other_numbers_wait_for_the_time_out(keyed: str) -> None:
    file = read(phones.file(MAKER, KINDS["udp"]))
    patterns = dial_now(rules(file))
    assert {dial(patterns, keyed[:length]) for length in range(len(keyed) + 1)} == {Sent.NEVER}
    assert (file.settings["phone_setting.inter_digit_time"], file.settings["phone_setting.dialnow_delay"]) == (
        "5",
        "0",
    )
    assert file.settings["features.key_as_send"] == "0"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("aabbcc012345.boot", Wanted(file="boot", mac=phones.MAC)),
        ("AABBCC012345.BOOT", Wanted(file="boot", mac=phones.MAC)),
        ("aabbcc012345.cfg", Wanted(file="device", mac=phones.MAC)),
        ("AABBCC012345.cfg", Wanted(file="device", mac=phones.MAC)),
        ("y000000000000.boot", Wanted(file="boot")),
        ("Y000000000000.BOOT", Wanted(file="boot")),
        ("y000000000108.cfg", Wanted(file="common", model="T46U")),
        ("y000000000096.cfg", Wanted(file="common", model="T54W")),
        ("y000000000095.cfg", Wanted(file="common")),  # of the T53 and the T53W
        ("y000000000999.cfg", None),
        ("y000000000000.cfg", None),
        ("000000000000.cfg", None),
        ("aabbcc012345-local.cfg", None),
    ],
)
def test_names_that_are_asked_for(name: str, wanted: Wanted | None) -> None:
    assert MAKER.wanted(name) == wanted


def test_hostile_names_are_nobodys() -> None:
    phones.no_name_of(MAKER)


def test_own_files_are_found_again() -> None:
    phones.finds_its_own_files(MAKER)


def test_a_boot_file_names_the_devices_file() -> None:
    assert read(MAKER.make(Wanted(file="boot", mac=phones.MAC), None)).includes == ("aabbcc012345.cfg",)
    assert read(MAKER.make(Wanted(file="boot"), None)).includes == ("$MAC.cfg",)


@given(label=phones.TEXTS, password=phones.TEXTS)
def test_texts_survive_or_are_refused(label: str, password: str) -> None:
    def texts(data: bytes) -> tuple[str, str]:
        file = read(data).settings
        return file["account.1.display_name"], file["account.1.password"]

    phones.survives(MAKER, MODEL, label, password, texts)


@given(label=phones.PLAIN, password=phones.PLAIN)
def test_plain_texts_are_never_refused(label: str, password: str) -> None:
    phones.never_refused(MAKER, MODEL, label, password)


@pytest.mark.parametrize(
    ("password", "sign"), [('a"b', '"'), ("#abc", "#"), ("%NULL%", "%NULL%"), (" abc", " "), ("a\nb", "\n")]
)
def test_what_the_format_cannot_carry_is_named(password: str, sign: str) -> None:
    with pytest.raises(BadValue) as caught:
        phones.file(MAKER, phones.setup(MODEL, phones.account(1, password=password)))
    assert (caught.value.thing, caught.value.found) == ("password of port 1", sign)


def test_a_colon_would_end_the_admins_name() -> None:
    with pytest.raises(BadValue, match="admin password"):
        phones.file(MAKER, replace(KINDS["udp"], admin_password="Pass:word1"))


def test_what_cannot_be_is_refused() -> None:
    phones.refuses_what_it_cannot_have(MAKER, MODEL)


@pytest.mark.parametrize("template", ["yealink/device.cfg.j2", "yealink/shared.cfg.j2"])
def test_undefined_name_in_a_template_raises(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phones.undefined_name_raises(MAKER, template, MODEL, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("Yealink SIP-T46U 108.86.0.45 80:5e:c0:12:34:56", "108.86.0.45"),
        ("Yealink W60B 77.85.0.20 00:15:65:12:34:56", "77.85.0.20"),
        ("yealink SIP-T31G 124.86.0.75", "124.86.0.75"),
        ("curl/8.5.0", None),
        ("", None),
    ],
)
def test_firmware_from_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version
