"""The settings were also read once by hand by `kea-dhcp4 -t` (2.2.0) and `dhcpd -t` (ISC 4.4.3-P1), both of which
refuse the same settings with a sign left out.
"""

import json
import os
import re
import shutil
import subprocess

import pytest

from dialplan.errors import BadValue
from provisioning.dhcp import Kind, Where, offers, settings
from provisioning.makers.all import MAKERS, maker

TFTP = Where(tftp="192.0.2.1")
HTTP = Where(http="http://prov.example.jp/files/")
BOTH = Where(http="http://prov.example.jp/files/", tftp="192.0.2.1")


def dnsmasq_reads(lines: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("dnsmasq", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "no dnsmasq: apt install dnsmasq-base"
    return subprocess.run(
        [program, "--test", "--conf-file=-"], input=lines, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize("where", [TFTP, HTTP, BOTH])
def test_dnsmasq_takes_its_settings(where: Where) -> None:
    read = dnsmasq_reads(settings(Kind.DNSMASQ, MAKERS, where))
    assert "syntax check OK" in read.stderr
    assert read.returncode == 0


def test_dnsmasq_would_say_if_they_were_wrong() -> None:
    lines = settings(Kind.DNSMASQ, MAKERS, TFTP)
    assert dnsmasq_reads(lines.replace("dhcp-option", "dhcp-optoin")).returncode != 0


@pytest.mark.parametrize("where", [TFTP, HTTP])
def test_each_makers_ranges_are_told_where_the_files_are(where: Where) -> None:
    lines = settings(Kind.DNSMASQ, MAKERS, where).splitlines()
    for one in MAKERS:
        told = [line for line in lines if line.startswith(f"dhcp-option=tag:{one.key},")]
        assert any((where.http or where.tftp or "") in line for line in told)
        for oui in one.ouis:
            assert f"dhcp-mac=set:{one.key},{oui[:2]}:{oui[2:4]}:{oui[4:]}:*:*:*" in lines


def test_grandstream_is_told_a_url_by_both_options_that_it_reads() -> None:
    (offer,) = offers([maker("grandstream")], HTTP)
    assert offer.options == ((66, HTTP.http), (160, HTTP.http))
    (offer,) = offers([maker("grandstream")], TFTP)
    assert offer.options == ((66, "192.0.2.1"),)


def test_audiocodes_is_told_its_first_file_which_names_its_own() -> None:
    (offer,) = offers([maker("audiocodes")], TFTP)
    assert offer.options == ((66, "192.0.2.1"), (67, "audiocodes.ini"))
    assert offer.boot == ("audiocodes.ini", "192.0.2.1")
    assert maker("audiocodes").wanted("audiocodes.ini") is not None
    (offer,) = offers([maker("audiocodes")], BOTH)
    assert offer.options == ((67, "http://prov.example.jp/files/audiocodes.ini"),)


def test_kea_gets_a_class_for_each_maker() -> None:
    told = json.loads(settings(Kind.KEA, MAKERS, TFTP))["Dhcp4"]
    assert told["option-def"] == [{"name": "provisioning-url", "code": 160, "type": "string"}]
    classes = {one["name"]: one for one in told["client-classes"]}
    assert classes.keys() == {one.key for one in MAKERS}
    assert classes["patton"] == {
        "name": "patton",
        "test": "substring(pkt4.mac, 0, 3) == 0x00a0ba",
        "option-data": [{"name": "tftp-server-name", "data": "192.0.2.1"}],
    }
    assert classes["audiocodes"]["next-server"] == "192.0.2.1"
    assert classes["grandstream"]["test"].count("==") == 3


def test_isc_gets_a_class_for_each_maker() -> None:
    lines = settings(Kind.ISC, [maker("patton"), maker("audiocodes")], TFTP)
    assert re.findall(r'^class "(\w+)" {$', lines, re.MULTILINE) == ["patton", "audiocodes"]
    assert "match if (substring(hardware, 1, 3) = 00:a0:ba);" in lines
    assert 'option tftp-server-name "192.0.2.1";' in lines
    assert 'option bootfile-name "audiocodes.ini";' in lines
    assert lines.count("{") == lines.count("}")


@pytest.mark.parametrize(
    ("http", "tftp"),
    [
        (None, None),
        ("prov.example.jp", None),
        ("http://prov.example.jp", None),
        ("ftp://prov.example.jp/", None),
        ('http://prov.example.jp/"x/', None),
        ("http://prov.example.jp/\n", None),
        (None, "tftp.example.jp"),
        (None, "192.0.2.1\n"),
        (None, "192.0.2.300"),
        (None, ""),
    ],
)
def test_a_place_that_could_break_the_settings_is_refused(http: str | None, tftp: str | None) -> None:
    with pytest.raises(BadValue):
        Where(http=http, tftp=tftp)


def test_option_43_is_for_the_maker_that_reads_the_server_in_it() -> None:
    told = {offer.maker: dict(offer.options) for offer in offers(MAKERS, HTTP)}
    assert {maker for maker, options in told.items() if 43 in options} == {"yealink"}
    assert told["yealink"] == {66: HTTP.http, 43: HTTP.http}
    assert 'dhcp-option=tag:yealink,43,"192.0.2.1"' in settings(Kind.DNSMASQ, [maker("yealink")], TFTP)
    assert 'option vendor-encapsulated-options "192.0.2.1";' in settings(Kind.ISC, [maker("yealink")], TFTP)
    (kea,) = json.loads(settings(Kind.KEA, [maker("yealink")], TFTP))["Dhcp4"]["client-classes"]
    option = {"name": "vendor-encapsulated-options", "csv-format": False, "data": b"192.0.2.1".hex()}
    assert option in kea["option-data"]
