"""The rendered Asterisk configuration: every file parses, names what exists, and takes nothing that changes it."""

import re
from dataclasses import replace

import pytest

from dialplan.errors import BadValue
from dialplan.modules import MODULES
from dialplan.refusals import Refusal
from dialplan.render import TEMPLATES, Configuration, HandsetAccount, Listener, Switch, render
from dialplan.trunks import Trunk, check_trunk

TRUNK = Trunk(name="carrier", host="carrier.example", sources=("192.0.2.1",), username="u", password="p-1")
WHOLE = Configuration(
    switch=Switch(name="sw1", sip_host="127.0.0.1", sip_port=5060, rtp_start=10000, rtp_end=10100),
    ari=Listener(host="127.0.0.1", port=8088, user="denwaban", password="ari-secret"),
    ami=Listener(host="127.0.0.1", port=5038, user="denwaban", password="ami-secret"),
    fastagi=Listener(host="127.0.0.1", port=4573),
    trunks=(TRUNK, replace(TRUNK, name="backup", priority=2, trusted=False, username="", password="")),
    handsets=(HandsetAccount(sip_user="h1", password="secret-1", number="0312345678", language="ja"),),
)
SECTION = re.compile(r"\[[A-Za-z0-9_-]+\](\([!a-z,]*\))?")
SETTING = re.compile(r"[A-Za-z0-9_.-]+ (=|=>) \S.*|[a-z_]+ = ")


def parsed(text: str) -> dict[str, list[str]]:
    """Section → its lines; a line that is none of Asterisk's kinds fails."""
    found: dict[str, list[str]] = {}
    here = ""
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith((";", "#include ")):
            continue
        if SECTION.fullmatch(bare):
            here = bare
            found.setdefault(here, [])
        else:
            assert here, f"before any section: {line!r}"
            assert SETTING.fullmatch(bare), f"no setting: {line!r}"
            found[here].append(bare)
    return found


@pytest.mark.parametrize("name", sorted(file.name.removesuffix(".j2") for file in (TEMPLATES / "asterisk").iterdir()))
def test_every_file_parses(name: str) -> None:
    assert "{{" not in render(WHOLE)[name]
    parsed(render(WHOLE)[name])


def test_modules_are_loaded_by_name_and_nothing_else_is() -> None:
    lines = parsed(render(WHOLE)["modules.conf"])["[modules]"]
    assert lines[0] == "autoload = no"
    assert lines[1:] == [f"load = {name}.so" for name in MODULES]
    assert len(set(MODULES)) == len(MODULES)


def test_every_goto_of_the_dialplan_has_somewhere_to_go() -> None:
    sections = parsed(render(WHOLE)["extensions.conf"])
    text = render(WHOLE)["extensions.conf"]
    for context in re.findall(r"Goto\(([a-z][a-z-]+),", text):
        assert f"[{context}]" in sections, context
    labels = set(re.findall(r"same => n\(([a-z]+)\)", text))
    for label in re.findall(r"Goto\(([a-z]+)\)", text) + re.findall(r"\?([a-z]+)[:)]", text):
        assert label in labels | {"not-in-use"}, label


def test_every_refusal_is_an_extension_and_none_can_swallow_h_i_or_t() -> None:
    text = render(WHOLE)["extensions.conf"]
    for refusal in Refusal:
        assert f"exten => {refusal},1," in text
    patterns = re.findall(r"exten => _([^,]*),", text)
    assert patterns
    # A pattern that begins with a letter class, or with . or !, would match the special extensions too.
    assert [one for one in patterns if not re.match(r"[0-9+]|\[[0-9*#+-]+\]", one)] == []


def test_emergency_calls_try_every_trunk_by_priority() -> None:
    text = render(WHOLE)["extensions.conf"]
    assert text.index("Set(DIAL=PJSIP/${EXTEN}@carrier)") < text.index("Set(DIAL=PJSIP/${EXTEN}@backup)")


def test_emergency_calls_go_by_no_trunk_of_mobile_extensions_and_last_by_one_for_other_numbers() -> None:
    abroad = replace(TRUNK, name="abroad", priority=0, prefixes=("010",))
    office = replace(TRUNK, name="office", priority=0, extensions=True)
    text = render(replace(WHOLE, trunks=(abroad, office, TRUNK)))["extensions.conf"]
    assert re.findall(r"Set\(DIAL=PJSIP/\$\{EXTEN\}@([a-z]+)\)", text) == ["carrier", "abroad"]
    assert "office" not in text
    assert "Set(DIAL=PJSIP/${EXTEN}@office)" in render(replace(WHOLE, trunks=(office,)))["extensions.conf"]
    assert "Set(DIAL=" not in render(replace(WHOLE, trunks=()))["extensions.conf"]


def test_media_of_every_leg_pass_through_the_switch() -> None:
    files = render(WHOLE)
    assert "direct_media = no" in parsed(files["pjsip.conf"])["[leg](!)"]
    endpoints = [
        name
        for file in ("pjsip_trunks.conf", "pjsip_handsets.conf")
        for name, lines in re.findall(r"^(\[.*)\n((?:.+\n)*)", files[file], re.M)
        if "type = endpoint\n" in lines
    ]
    assert endpoints == ["[carrier](leg)", "[backup](leg)", "[h1](leg)"]
    assert "direct_media" not in files["pjsip_trunks.conf"] + files["pjsip_handsets.conf"]


def test_picture_is_a_trunks_only_when_it_has_it() -> None:
    assert "h264" not in render(WHOLE)["pjsip_trunks.conf"]
    with_picture = replace(WHOLE, trunks=(replace(TRUNK, codecs=("ulaw", "h264")),))
    assert "allow = ulaw,h264\n" in render(with_picture)["pjsip_trunks.conf"]


def test_only_a_trusted_trunk_is_believed_about_the_caller() -> None:
    sections = render(WHOLE)["pjsip_trunks.conf"].split("[backup]")
    assert "trust_id_inbound = yes" in sections[0]
    assert "trust_id_inbound = no" in sections[1]


@pytest.mark.parametrize("bad", ["a\nb", "a;b", "a]b", "[a"])
def test_a_value_that_would_change_the_file_is_refused(bad: str) -> None:
    with pytest.raises(BadValue, match="Asterisk configuration"):
        render(replace(WHOLE, ari=replace(WHOLE.ari, password=bad)))


@pytest.mark.parametrize(
    ("change", "thing"),
    [
        ({"name": "Carrier 1"}, "trunk name"),
        ({"host": "a b"}, "host"),
        ({"port": 0}, "port"),
        ({"sources": ()}, "sources"),
        ({"sources": ("0.0.0.0/0",)}, "source"),
        ({"sources": ("carrier",)}, "source"),
        ({"codecs": ("mp3",)}, "codec"),
        ({"codecs": ("h264",)}, "codecs"),
        ({"password": "a;b"}, "password"),
        ({"password": ""}, "credentials"),
    ],
)
def test_a_trunk_that_cannot_be_written_is_refused_by_name(change: dict[str, object], thing: str) -> None:
    with pytest.raises(BadValue, match=thing):
        check_trunk(replace(TRUNK, **change))  # type: ignore[arg-type]


def test_tls_is_spoken_where_it_is_set_up_and_only_by_the_handsets_that_do() -> None:
    files = render(WHOLE)
    assert "[tls]" not in files["pjsip.conf"]
    assert "media_encryption" not in files["pjsip_handsets.conf"]
    secure = replace(WHOLE.switch, tls_port=5061, tls_certificate="/etc/c.pem", tls_key="/etc/k.pem")
    other = HandsetAccount(sip_user="h2", password="secret-2", number="0312345679", language="ja", tls=True)
    files = render(replace(WHOLE, switch=secure, handsets=(*WHOLE.handsets, other)))
    tls = parsed(files["pjsip.conf"])["[tls]"]
    assert {"protocol = tls", "bind = 127.0.0.1:5061", "method = tlsv1_2", "cert_file = /etc/c.pem"} <= set(tls)
    plain, encrypted = files["pjsip_handsets.conf"].split("[h2]", 1)
    assert ("transport = udp" in plain, "media_encryption" in plain) == (True, False)
    assert "transport = tls\nmedia_encryption = sdes\n" in encrypted
