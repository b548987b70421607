"""The golden files follow the documents that provisioning/makers/panasonic.py names: Panasonic's Administrator Guides
for KX-UT and KX-HDV phones (configuration file specifications, dial plan). Nothing was tested on hardware.

Not found in a public document, and as the maker's guides are remembered: SIP_TLS_VERIFY_n, RTP_PTIME_n,
DTMF_METHOD_n, TELEVENT_PTYPE_n, CW_ENABLE_n, codecs 0 and 3, the lines and buttons of each model, and that KX-UT has
no TLS. "jp" and codecs 1 and 4 are from a public project that says to have tried them.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.makers.maker import Model, Wanted
from provisioning.makers.panasonic import LONGEST_FILE, MAKER, MODELS
from provisioning.setup import Setup
from tests.provisioning.makers import phones
from tests.provisioning.makers.parse.digitmap import Pattern, Sent, dial, mgcp
from tests.provisioning.makers.parse.panasonic import HEADER, read

MODEL = "KX-HDV230"
KINDS = phones.kinds(MODEL)


def plan() -> tuple[Pattern, ...]:
    return mgcp(read(phones.file(MAKER, KINDS["udp"]))["DIAL_PLAN_1"], dot_repeats_zero_times=False)


@pytest.mark.parametrize("kind", KINDS)
def test_golden_file(kind: str) -> None:
    phones.golden(f"panasonic/{kind}.cfg", phones.file(MAKER, KINDS[kind]))


def test_golden_file_of_the_model() -> None:
    wanted = MAKER.wanted("KX-HDV230N.cfg")
    assert wanted is not None
    data = MAKER.make(replace(wanted, base_url="tftp://192.0.2.1/"), None)
    phones.golden("panasonic/model.cfg", data)
    assert read(data) == {"CFG_STANDARD_FILE_PATH": "tftp://192.0.2.1/Config{MAC}.cfg"}


def test_the_models_file_needs_to_be_told_where() -> None:
    with pytest.raises(BadValue, match="base URL"):
        MAKER.make(Wanted(file="model", model=MODEL), None)


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_the_setup_says(kind: str) -> None:
    setup: Setup = KINDS[kind]
    file = read(phones.file(MAKER, setup))
    secure = setup.transport is Transport.TLS
    for account in setup.accounts:
        n = account.port
        assert file[f"LINE_ENABLE_{n}"] == "Enabled"
        assert file[f"SIP_URI_{n}"] == f"sip:{account.sip_user}@{setup.registrar}"
        assert (file[f"SIP_AUTHID_{n}"], file[f"SIP_PASS_{n}"]) == (account.sip_user, account.password)
        assert (file[f"PHONE_NUMBER_{n}"], file[f"DISPLAY_NAME_{n}"]) == (account.number, account.label)
        assert file[f"SIP_RGSTR_ADDR_{n}"] == file[f"SIP_PRXY_ADDR_{n}"] == setup.registrar
        assert file[f"SIP_RGSTR_PORT_{n}"] == file[f"SIP_PRXY_PORT_{n}"] == str(setup.port)
        assert file[f"SIP_TRANSPORT_{n}"] == ("2" if secure else "0")
        assert (file.get(f"SRTP_CONNECT_MODE_{n}"), file.get(f"SIP_TLS_VERIFY_{n}")) == (
            ("0", "2") if secure else (None, None)
        )
        order = sorted((file[f"CODEC_PRIORITY{codec}_{n}"], codec) for codec in (0, 1, 4))
        assert order == [("1", 0), ("2", 4), ("3", 1)]  # G.722, PCMU, PCMA
        assert (file[f"DTMF_METHOD_{n}"], file[f"RTP_PTIME_{n}"], file[f"CW_ENABLE_{n}"]) == ("0", "20", "Y")
        assert file[f"VM_NUMBER_{n}"] == ""
    assert file["CFG_STANDARD_FILE_PATH"] == f"{setup.base_url}Config{{MAC}}.cfg"
    assert (file["ADMIN_PASS"], file["HTTPD_PORTOPEN_AUTO"]) == (setup.admin_password, "N")
    assert (file["NTP_ADDR"], file["LOCAL_TIME_ZONE_POSIX"], file["TIME_ZONE"]) == (setup.ntp, "JST-9", "540")
    assert (file["DEFAULT_LANGUAGE"], file["DST_ENABLE"]) == ("en" if kind == "english" else "jp", "N")
    assert (file["DIAL_TONE1_FRQ"], file["BUSY_TONE_FRQ"], file["BUSY_TONE_TIMING"]) == ("400", "400", "60,500,500")
    assert (file["RINGBACK_TONE_FRQ"], file["RINGBACK_TONE_TIMING"]) == ("400,416", "60,1000,2000")


def test_devices_look_for_new_files_spread_over_the_night() -> None:
    times = set()
    for mac in range(0x0080F0000000, 0x0080F0000000 + 500):
        setup = replace(phones.setup(MODEL), mac=type(phones.MAC)(f"{mac:012x}"))
        times.add(read(phones.file(MAKER, setup))["CFG_RESYNC_TIME"])
    assert len(times) == 120
    assert (min(times), max(times)) == ("02:00", "03:59")


def test_accounts_without_a_line_are_off_and_forgotten() -> None:
    file = read(phones.file(MAKER, phones.setup(MODEL, phones.account(2))))
    for port in (1, 3, 4, 5, 6):
        assert file[f"LINE_ENABLE_{port}"] == "Disabled"
        assert file[f"SIP_PASS_{port}"] == file[f"SIP_AUTHID_{port}"] == file[f"PHONE_NUMBER_{port}"] == ""


@pytest.mark.parametrize(("kind", "label"), [("udp", "転送設定"), ("english", "Forwarding")])
def test_one_key_dials_142(kind: str, label: str) -> None:
    file = read(phones.file(MAKER, KINDS[kind]))
    key = tuple(file[f"FLEX_BUTTON_{name}2"] for name in ("FACILITY_ACT", "FACILITY_ARG", "LABEL"))
    assert key == ("X_PANASONIC_IPTEL_ONETOUCH", "142", label)


@pytest.mark.parametrize(("model", "accounts"), [("KX-UT123", 1), ("KX-HDV130", 2)])
def test_no_key_where_there_is_no_room(model: str, accounts: int) -> None:
    setup = phones.setup(model, *(phones.account(port) for port in range(1, accounts + 1)))
    assert "X_PANASONIC_IPTEL_ONETOUCH" not in read(phones.file(MAKER, setup)).values()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_takes_all_its_accounts(model: Model) -> None:
    setup = phones.setup(model.name, *(phones.account(port) for port in range(1, model.ports + 1)))
    file = read(phones.file(MAKER, phones.secure(setup) if model.tls else setup))
    assert [file[f"LINE_ENABLE_{port}"] for port in range(1, model.ports + 1)] == ["Enabled"] * model.ports


def test_tls_is_refused_for_models_without_it() -> None:
    with pytest.raises(BadValue, match="transport of KX-UT136"):
        phones.file(MAKER, phones.secure(phones.setup("KX-UT136")))


@pytest.mark.parametrize("keyed", phones.SENT_AT_ONCE)
def test_whole_numbers_are_sent_at_once_and_not_before(keyed: str) -> None:
    assert dial(plan(), keyed) is Sent.NOW
    assert Sent.NOW not in {dial(plan(), keyed[:length]) for length in range(len(keyed))}


@pytest.mark.parametrize("keyed", phones.WAITING)
def test_other_numbers_wait_for_the_time_out(keyed: str) -> None:
    assert dial(plan(), keyed) is Sent.LATER
    assert Sent.NOW not in {dial(plan(), keyed[:length]) for length in range(len(keyed))}


def test_what_the_plan_does_not_know_is_dialled_after_the_time_out_too() -> None:
    file = read(phones.file(MAKER, KINDS["udp"]))
    assert dial(plan(), "12200312345678") is Sent.NEVER
    assert (file["DIAL_PLAN_NOT_MATCH_ENABLE_1"], file["INTDIGIT_TIM"]) == ("N", "5")


def test_the_dial_plan_keeps_to_the_phones_limits() -> None:
    text = read(phones.file(MAKER, KINDS["udp"]))["DIAL_PLAN_1"]
    assert len(text) <= 500
    assert text.count("|") < 20
    assert all(len(pattern.items) <= 32 for pattern in plan())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("ConfigAABBCC012345.cfg", Wanted(file="device", mac=phones.MAC)),
        ("configaabbcc012345.CFG", Wanted(file="device", mac=phones.MAC)),
        ("KX-HDV230.cfg", Wanted(file="model", model="KX-HDV230")),
        ("kx-hdv230n.cfg", Wanted(file="model", model="KX-HDV230")),
        ("KX-HDV330X.cfg", Wanted(file="model", model="KX-HDV330")),
        ("KX-UT136N.cfg", Wanted(file="model", model="KX-UT136")),
        ("KX-UT999.cfg", None),
        ("Config000000000000.cfg", None),
        ("aabbcc012345.cfg", None),
        ("Config{MAC}.cfg", None),
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
        return file["DISPLAY_NAME_1"], file["SIP_PASS_1"]

    phones.survives(MAKER, MODEL, label, password, texts)


@given(label=phones.PLAIN, password=phones.PLAIN)
def test_plain_texts_are_never_refused(label: str, password: str) -> None:
    phones.never_refused(MAKER, MODEL, label, password)


@pytest.mark.parametrize(("password", "sign"), [('a"b', '"'), ("{MAC}", "{"), ("a\r\nb", "\r"), ("a ", " ")])
def test_what_the_format_cannot_carry_is_named(password: str, sign: str) -> None:
    with pytest.raises(BadValue) as caught:
        phones.file(MAKER, phones.setup(MODEL, phones.account(1, password=password)))
    assert (caught.value.thing, caught.value.found) == ("password of port 1", sign)


@pytest.mark.parametrize(
    ("label", "thing"),
    [("a" * 501, "label of port 1"), ("営" * 200, "line DISPLAY_NAME_1")],  # characters in a value, bytes in a line
)
def test_what_the_phone_would_skip_is_refused(label: str, thing: str) -> None:
    with pytest.raises(BadValue) as caught:
        phones.file(MAKER, phones.setup(MODEL, phones.account(1, label=label)))
    assert caught.value.thing == thing


def test_the_longest_file_is_far_from_the_limit() -> None:
    setup = phones.setup("KX-HDV330", *(phones.account(port, label="営" * 160) for port in range(1, 13)))
    data = phones.file(MAKER, phones.secure(setup))
    assert data.startswith(HEADER)
    assert len(data) < LONGEST_FILE / 4


def test_what_cannot_be_is_refused() -> None:
    phones.refuses_what_it_cannot_have(MAKER, MODEL)
    with pytest.raises(BadValue, match="at least 6"):
        phones.file(MAKER, replace(KINDS["udp"], admin_password="short"))


def test_undefined_name_in_a_template_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phones.undefined_name_raises(MAKER, "panasonic/device.cfg.j2", MODEL, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("Panasonic_KX-UT113/01.133 (0080f0c8c381)", "01.133"),
        ("Panasonic_KX-HDV230/07.013 (bcc342123456)", "07.013"),
        ("Panasonic", None),
        ("", None),
    ],
)
def test_firmware_from_the_user_agent(agent: str, version: str | None) -> None:
    assert MAKER.firmware(agent) == version
