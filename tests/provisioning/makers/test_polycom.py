"""The golden files follow the documents that provisioning/makers/polycom.py names: the UC Software Administrator
Guides 5.8 and 4.1 (master configuration file, digit maps, macro actions, chord parameters). Nothing was tested on
hardware.

Not found in a public document, and as the maker's guides are remembered: voice.audioProfile.*.payloadSize, and the
names in the directory's entries being shown on the keys.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.makers.maker import Model, Wanted
from provisioning.makers.polycom import MAKER, MODELS
from provisioning.setup import Setup
from tests.provisioning.makers import phones
from tests.provisioning.makers.parse.digitmap import Pattern, Sent, dial, mgcp
from tests.provisioning.makers.parse.polycom import directory, read

MODEL = "VVX250"
KINDS = phones.kinds(MODEL, second="総務 <A&B> \"2\" 'x'")


def plan() -> tuple[Pattern, ...]:
    return mgcp(read(phones.file(MAKER, KINDS["udp"]))["dialplan.digitmap"], dot_repeats_zero_times=True)


@pytest.mark.parametrize("kind", KINDS)
def test_golden_file(kind: str) -> None:
    phones.golden(f"polycom/{kind}.cfg", phones.file(MAKER, KINDS[kind]))


def test_golden_files_around_it() -> None:
    phones.golden("polycom/master-own.cfg", MAKER.make(Wanted(file="master", mac=phones.MAC), None))
    phones.golden("polycom/master.cfg", MAKER.make(Wanted(file="master"), None))
    phones.golden("polycom/overrides.cfg", MAKER.make(Wanted(file="overrides", mac=phones.MAC), None))
    phones.golden("polycom/directory.xml", phones.file(MAKER, KINDS["udp"], "directory"))


def test_the_master_file_names_the_devices_file() -> None:
    assert read(MAKER.make(Wanted(file="master", mac=phones.MAC), None))["CONFIG_FILES"] == "aabbcc012345-device.cfg"
    assert read(MAKER.make(Wanted(file="master"), None))["CONFIG_FILES"] == "[PHONE_MAC_ADDRESS]-device.cfg"


def test_overrides_override_nothing() -> None:
    assert read(MAKER.make(Wanted(file="overrides", mac=phones.MAC), None)) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_the_setup_says(kind: str) -> None:
    setup: Setup = KINDS[kind]
    file = read(phones.file(MAKER, setup))
    secure = setup.transport is Transport.TLS
    for account in setup.accounts:
        of = {name.split(".", 2)[2]: value for name, value in file.items() if name.startswith(f"reg.{account.port}.")}
        assert (of["address"], of["auth.userId"], of["auth.password"]) == (account.sip_user,) * 2 + (
            account.password,
        )
        assert (of["label"], of["displayName"]) == (account.shown, account.label)
        assert (of["server.1.address"], of["server.1.port"]) == (setup.registrar, str(setup.port))
        assert (of["server.1.transport"], of["server.1.register"]) == ("TLS" if secure else "UDPOnly", "1")
        assert {of["srtp.enable"], of["srtp.offer"], of["srtp.require"]} == {"1" if secure else "0"}
        assert file[f"msg.mwi.{account.port}.callBackMode"] == "disabled"
    assert file["sec.TLS.SIP.strictCertCommonNameValidation"] == "1"
    codecs = [file[f"voice.codecPref.{codec}"] for codec in ("G722", "G711_Mu", "G711_A", "G729_AB")]
    assert codecs == ["1", "2", "3", "0"]
    assert {file[f"voice.audioProfile.{codec}.payloadSize"] for codec in ("G722", "G711_Mu", "G711_A")} == {"20"}
    assert (file["tone.dtmf.rfc2833Control"], file["tone.dtmf.rfc2833Payload"]) == ("1", "101")
    assert file["tcpIpApp.sntp.address"] == setup.ntp
    assert (file["tcpIpApp.sntp.gmtOffset"], file["tcpIpApp.sntp.daylightSavings.enable"]) == ("32400", "0")
    assert file["lcl.ml.lang"] == ("English_United_States" if kind == "english" else "Japanese_Japan")
    assert file["device.auth.localAdminPassword"] == file["device.auth.localUserPassword"] == setup.admin_password
    assert file["httpd.cfg.secureTunnelRequired"] == "1"
    assert file["call.callWaiting.enable"] == "1"
    where = (file["device.prov.serverType"], file["device.prov.serverName"])
    assert where == (("HTTPS", "prov.example.jp/5f1c9a7e2b3d4c60") if secure else ("TFTP", "192.0.2.1"))
    assert (file["prov.polling.time"], file["prov.polling.timeRandomEnd"]) == ("02:00", "04:00")


@pytest.mark.parametrize(
    ("tone", "frequencies", "cadence"),
    [
        ("dialTone", ("400", "0"), ("0", "0")),
        ("busyTone", ("400", "0"), ("500", "500")),
        ("reorder", ("400", "0"), ("500", "500")),
        ("ringback", ("400", "416"), ("1000", "2000")),
    ],
)
def test_tones_are_japans(tone: str, frequencies: tuple[str, str], cadence: tuple[str, str]) -> None:
    file = read(phones.file(MAKER, KINDS["udp"]))
    prefix = f"tone.chord.callProg.{tone}"
    assert (file[f"{prefix}.freq.1"], file[f"{prefix}.freq.2"]) == frequencies
    assert (file[f"{prefix}.onDur"], file[f"{prefix}.offDur"]) == cadence


def test_accounts_without_a_line_are_off_and_forgotten() -> None:
    file = read(phones.file(MAKER, phones.setup(MODEL, phones.account(2))))
    for port in (1, 3, 4):
        assert file[f"reg.{port}.address"] == file[f"reg.{port}.auth.password"] == ""
        assert file[f"reg.{port}.server.1.register"] == "0"


@pytest.mark.parametrize(
    ("kind", "labels"), [("udp", ("転送開始", "転送停止")), ("english", ("Forward on", "Forward off"))]
)
def test_two_keys_dial_142_and_then_start_or_stop(kind: str, labels: tuple[str, str]) -> None:
    """Speed dials stand on the line keys behind the lines; what they call are macros of the device's file."""
    file = read(phones.file(MAKER, KINDS[kind]))
    macros = {file[f"efk.efklist.{n}.mname"]: file[f"efk.efklist.{n}.action.string"] for n in (1, 2)}
    keys = directory(phones.file(MAKER, KINDS[kind], "directory"))
    assert [(key["fn"], key["sd"]) for key in keys] == [(labels[0], "1"), (labels[1], "2")]
    assert [macros[key["ct"].removeprefix("!")] for key in keys] == [
        "142$Tinvite$$Cwc$$Cp1$11$Tdtmf$",
        "142$Tinvite$$Cwc$$Cp1$0$Tdtmf$",
    ]
    assert file["feature.enhancedFeatureKeys.enabled"] == "1"


def test_no_forwarding_keys_where_there_is_no_room_for_both() -> None:
    assert directory(phones.file(MAKER, phones.setup("VVX150"), "directory")) == []


@pytest.mark.parametrize(("model", "video"), [("VVX601", "1"), ("VVX250", None)])
def test_video_only_where_there_is_a_screen_for_it(model: str, video: str | None) -> None:
    assert read(phones.file(MAKER, phones.setup(model))).get("video.codecPref.H264") == video


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_takes_all_its_accounts(model: Model) -> None:
    setup = phones.setup(model.name, *(phones.account(port) for port in range(1, model.ports + 1)))
    file = read(phones.file(MAKER, phones.secure(setup)))
    assert [file[f"reg.{port}.server.1.register"] for port in range(1, model.ports + 1)] == ["1"] * model.ports


@pytest.mark.parametrize("keyed", phones.SENT_AT_ONCE)
def test_whole_numbers_are_sent_at_once_and_not_before(keyed: str) -> None:
    assert dial(plan(), keyed) is Sent.NOW
    assert {dial(plan(), keyed[:length]) for length in range(len(keyed))} == {Sent.LATER}


@pytest.mark.parametrize("keyed", [*phones.WAITING, "12200312345678"])
def test_other_numbers_wait_for_the_time_out(keyed: str) -> None:
    assert {dial(plan(), keyed[:length]) for length in range(len(keyed) + 1)} == {Sent.LATER}


def test_the_dial_plan_keeps_to_the_phones_limits() -> None:
    file = read(phones.file(MAKER, KINDS["udp"]))
    assert len(file["dialplan.digitmap"]) <= 768  # of the oldest software; later ones take 2,560 and 100 segments
    assert len(file["dialplan.digitmap"].split("|")) == len(file["dialplan.digitmap.timeOut"].split("|")) <= 30


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("aabbcc012345.cfg", Wanted(file="master", mac=phones.MAC)),
        ("AABBCC012345.CFG", Wanted(file="master", mac=phones.MAC)),
        ("000000000000.cfg", Wanted(file="master")),
        ("aabbcc012345-device.cfg", Wanted(file="device", mac=phones.MAC)),
        ("aabbcc012345-phone.cfg", Wanted(file="overrides", mac=phones.MAC)),
        ("aabbcc012345-web.cfg", Wanted(file="overrides", mac=phones.MAC)),
        ("AABBCC012345-WEB.cfg", Wanted(file="overrides", mac=phones.MAC)),
        ("aabbcc012345-directory.xml", Wanted(file="directory", mac=phones.MAC)),
        ("000000000000-directory.xml", None),
        ("aabbcc012345-license.cfg", None),
        ("aabbcc012345-directory.cfg", None),
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
        file = read(data)
        return file["reg.1.displayName"], file["reg.1.auth.password"]

    phones.survives(MAKER, MODEL, label, password, texts)


@given(label=phones.PLAIN, password=phones.PLAIN)
def test_plain_texts_are_never_refused(label: str, password: str) -> None:
    phones.never_refused(MAKER, MODEL, label, password)


@pytest.mark.parametrize(("password", "sign"), [("a\0b", "\0"), ("a\nb", "\n"), (" ab", " "), ("a\ufffe", "\ufffe")])
def test_what_the_format_cannot_carry_is_named(password: str, sign: str) -> None:
    with pytest.raises(BadValue) as caught:
        phones.file(MAKER, phones.setup(MODEL, phones.account(1, password=password)))
    assert (caught.value.thing, caught.value.found) == ("password of port 1", sign)


def test_what_cannot_be_is_refused() -> None:
    phones.refuses_what_it_cannot_have(MAKER, MODEL)
    with pytest.raises(BadValue, match="base URL"):
        phones.file(MAKER, replace(KINDS["udp"], base_url="gopher://192.0.2.1/"))


@pytest.mark.parametrize("template", ["polycom/device.xml.j2"])
def test_undefined_name_in_a_template_raises(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phones.undefined_name_raises(MAKER, template, MODEL, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("FileTransport PolycomVVX-VVX_400-UA/4.1.4.7430 Type/Application", "4.1.4.7430"),
        ("FileTransport PolycomVVX-VVX_250-UA/5.9.2.3446", "5.9.2.3446"),
        ("FileTransport PolycomSoundPointIP-SPIP_335-UA/3.2.1.0078", None),
        ("", None),
    ],
)
def test_firmware_from_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version
