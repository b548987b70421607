"""The golden files follow the documents that provisioning/makers/snom.py names: the Snom Service Hub's pages on dial
plans, function key types and the XML of settings. Nothing was tested on hardware.

Not found in a public document, and as the maker's pages are remembered: JPN among the tone schemes, https among the
web server's types, the identities and keys of each model.
"""

from pathlib import Path

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.makers.maker import Model, Wanted
from provisioning.makers.snom import MAKER, MODELS
from provisioning.setup import Setup
from tests.provisioning.makers import phones
from tests.provisioning.makers.parse.digitmap import Entry, Sent, snom, snom_dial
from tests.provisioning.makers.parse.snom import Key, read

MODEL = "D735"
KINDS = phones.kinds(MODEL, second="総務 <A&B> \"2\" 'x'")


def plan() -> tuple[Entry, ...]:
    return snom(read(phones.file(MAKER, KINDS["udp"])).of[1]["user_dp_str"])


def sent(keyed: str) -> Sent:
    return snom_dial(plan(), keyed, "sip.example.jp")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_golden_file(kind: str) -> None:
    phones.golden(f"snom/{kind}.htm", phones.file(MAKER, KINDS[kind]))


def test_golden_file_of_the_model() -> None:
    data = MAKER.make(Wanted(file="common", model=MODEL), None)
    phones.golden("snom/common.htm", data)
    assert read(data).settings["timezone"] == "JPN+9"


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_the_setup_says(kind: str) -> None:
    setup: Setup = KINDS[kind]
    file = read(phones.file(MAKER, setup))
    secure = setup.transport is Transport.TLS
    for account in setup.accounts:
        of = file.of[account.port]
        assert of["user_active"] == "on"
        assert (of["user_name"], of["user_pname"], of["user_pass"]) == (account.sip_user,) * 2 + (account.password,)
        assert (of["user_idle_text"], of["user_realname"]) == (account.shown, account.label)
        assert of["user_host"] == setup.registrar
        assert of["user_outbound"] == f"{setup.registrar}:{setup.port};transport={setup.transport.value}"
        assert (of["user_srtp"], of["user_savp"]) == (("on", "mandatory") if secure else ("off", "off"))
        assert of["codec_priority_list"] == "g722,pcmu,pcma,telephone-event"
        assert (of["codec_size"], of["user_dtmf_info"], of["user_mailbox"]) == ("20", "off", "")
    settings = file.settings
    assert settings["tls_server_authentication"] == "on"
    assert settings["setting_server"] == setup.base_url
    assert settings["settings_refresh_timer"] == "86400"
    assert (settings["ntp_server"], settings["timezone"], settings["dst"]) == (setup.ntp, "JPN+9", "")
    assert (settings["tone_scheme"], settings["call_waiting"]) == ("JPN", "on")
    assert settings["language"] == settings["web_language"] == ("English" if kind == "english" else "Japanese")
    assert settings["webserver_type"] == "https"
    assert {settings[name] for name in ("http_pass", "webserver_admin_password", "admin_mode_password")} == {
        setup.admin_password
    }


def test_accounts_without_a_line_are_off_and_forgotten() -> None:
    file = read(phones.file(MAKER, phones.setup(MODEL, phones.account(2))))
    for port in (1, *range(3, 13)):
        assert (file.of[port]["user_active"], file.of[port]["user_pass"], file.of[port]["user_name"]) == (
            "off",
            "",
            "",
        )


@pytest.mark.parametrize(
    ("kind", "labels"),
    [("udp", ("転送設定", "転送開始", "転送停止")), ("english", ("Forwarding", "Forward on", "Forward off"))],
)
def test_keys_for_142_and_for_what_is_keyed_there(kind: str, labels: tuple[str, str, str]) -> None:
    keys = read(phones.file(MAKER, KINDS[kind])).keys
    assert keys == {
        0: Key("1", "03-1234-5671", "line"),
        1: Key("active", labels[0], "speed 142"),
        2: Key("active", labels[1], "dtmf 11"),
        3: Key("active", labels[2], "dtmf 0"),
    }


def test_no_forwarding_keys_where_there_is_no_room_for_them() -> None:
    keys = read(phones.file(MAKER, phones.setup("D717"))).keys
    assert keys == {0: Key("1", "03-1234-5671", "line")}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_takes_all_its_accounts(model: Model) -> None:
    setup = phones.setup(model.name, *(phones.account(port) for port in range(1, model.ports + 1)))
    file = read(phones.file(MAKER, phones.secure(setup)))
    assert [of["user_active"] for of in file.of.values()] == ["on"] * model.ports
    assert max(file.keys) < model.feature_keys


@pytest.mark.parametrize("keyed", phones.SENT_AT_ONCE)
def test_whole_numbers_are_sent_at_once_and_not_before(keyed: str) -> None:
    assert snom_dial(plan(), keyed, "sip.example.jp") == (Sent.NOW, f"sip:{keyed}@sip.example.jp")
    assert {sent(keyed[:length]) for length in range(len(keyed))} == {Sent.NEVER}


@pytest.mark.parametrize("keyed", [*phones.WAITING, "12200312345678"])
def test_other_numbers_wait_for_the_time_out(keyed: str) -> None:
    assert {sent(keyed[:length]) for length in range(len(keyed) + 1)} == {Sent.NEVER}
    assert read(phones.file(MAKER, KINDS["udp"])).settings["auto_dial"] == "5"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("snomD735.htm", Wanted(file="common", model="D735")),
        ("SNOMD735.HTM", Wanted(file="common", model="D735")),
        ("snomD735-AABBCC012345.htm", Wanted(file="device", mac=phones.MAC, model="D735")),
        ("snomd735-aabbcc012345.htm", Wanted(file="device", mac=phones.MAC, model="D735")),
        ("snom715-AABBCC012345.htm", Wanted(file="device", mac=phones.MAC, model="D715")),
        ("snomD715.htm", Wanted(file="common", model="D715")),
        ("snom320.htm", None),
        ("snomD799.htm", None),
        ("snomD735-000000000000.htm", None),
        ("AABBCC012345.xml", None),
    ],
)
def test_names_that_are_asked_for(name: str, wanted: Wanted | None) -> None:
    assert MAKER.wanted(name) == wanted


def test_hostile_names_are_nobodys() -> None:
    phones.no_name_of(MAKER)


def test_own_files_are_found_again() -> None:
    phones.finds_its_own_files(MAKER)


@given(label=phones.TEXTS, password=phones.TEXTS)
def test_texts_survive_or_are_refused(label: str, password: str) -> None:
    def texts(data: bytes) -> tuple[str, str]:
        of = read(data).of[1]
        return of["user_realname"], of["user_pass"]

    phones.survives(MAKER, MODEL, label, password, texts)


@given(label=phones.PLAIN, password=phones.PLAIN)
def test_plain_texts_are_never_refused(label: str, password: str) -> None:
    phones.never_refused(MAKER, MODEL, label, password)


@pytest.mark.parametrize(("password", "sign"), [("a\0b", "\0"), ("a\tb", "\t"), ("ab ", " "), ("a\u2028", "\u2028")])
def test_what_the_format_cannot_carry_is_named(password: str, sign: str) -> None:
    with pytest.raises(BadValue) as caught:
        phones.file(MAKER, phones.setup(MODEL, phones.account(1, password=password)))
    assert (caught.value.thing, caught.value.found) == ("password of port 1", sign)


def test_what_cannot_be_is_refused() -> None:
    phones.refuses_what_it_cannot_have(MAKER, MODEL)


def test_undefined_name_in_a_template_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phones.undefined_name_raises(MAKER, "snom/device.xml.j2", MODEL, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        (
            "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0)",
            "10.1.33.33",
        ),
        ("Mozilla/4.0 (compatible; snom715-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413741767)", "8.7.5.35"),
        ("Mozilla/4.0 (compatible; snom lid 3605)", None),
        ("", None),
    ],
)
def test_firmware_from_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version
