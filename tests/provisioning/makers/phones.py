"""What every phone maker's tests have in common: the setups that golden files are of, and what must hold for all."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st
from jinja2 import UndefinedError

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers import paper
from provisioning.makers.maker import Maker, Wanted
from provisioning.setup import CODES, Account, Setup

GOLDEN = Path(__file__).parent / "golden"
MAC = Mac("aabbcc012345")
HOSTILE_NAMES = (
    "",
    "/",
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "aabbcc012345.cfg\0",
    "aabbcc012345.cfg\n",
    " aabbcc012345.cfg",
    "/aabbcc012345.cfg",
    "aabbcc012345.cfg/../../x",
    "aabbcc01234.cfg",
    "aabbcc0123456.cfg",
    "aabbcc01234g.cfg",
    "y0000000000٣٣.cfg",
    "y000000000１０８.cfg",
    "ａａｂｂｃｃ012345.cfg",
    "ConfıgAABBCC012345.cfg",
    "\N{KELVIN SIGN}X-HDV230.cfg",
    "\N{LATIN SMALL LETTER LONG S}nomD735.htm",
    "a" * 10_240,
    "0" * 10_240 + ".cfg",
    "\ud800.cfg",
    "%00",
)
SENT_AT_ONCE = (
    *CODES,
    "0312345678",
    "0451234567",
    "0120123456",
    "0570123456",
    "0990123456",
    "05012345678",
    "09012345678",
    "08001234567",
    "02012345678",
    "1840312345678",
    "1860312345678",
    "18409012345678",
    "18608001234567",
    "#1234",
    "184#1234",
)
WAITING = (
    "01012125551234",
    "010441234",
    "003301012125551",
    "18401012125551",
    "186003312345",
    "2001",
    "81234567",
    "912",
)

_LETTERS = st.text(st.characters(min_codepoint=33, max_codepoint=126, categories=("L", "N")), min_size=6, max_size=20)
_ANYTHING = st.text(st.characters(codec="utf-8"), min_size=6, max_size=40) | st.text(
    st.sampled_from("\"'<>&#=%{}\\:;| \t\r\n\0\x7f\x85\u2028\ufffe営業部é"), min_size=6, max_size=20
)
TEXTS = _LETTERS | _ANYTHING
PLAIN = _LETTERS


def account(port: int, *, label: str = "営業部", password: str = "", language: str = "ja") -> Account:
    return Account(
        port=port,
        sip_user=f"k{port}x7Qm2",
        password=password or f"Rt5vB8nM2kL{port}",
        number=f"031234567{port % 10}",
        shown=f"03-1234-567{port % 10}",
        label=label,
        language=language,
    )


def setup(model: str, *accounts: Account) -> Setup:
    return Setup(
        mac=MAC,
        model=model,
        registrar="sip.example.jp",
        port=5060,
        transport=Transport.UDP,
        base_url="tftp://192.0.2.1/",
        ntp="192.0.2.123",
        admin_password="Adm1nPassw0rd",
        accounts=accounts or (account(1),),
    )


def secure(plain: Setup) -> Setup:
    return replace(
        plain,
        transport=Transport.TLS,
        port=5061,
        base_url="https://prov.example.jp/5f1c9a7e2b3d4c60/",
        ntp="ntp.example.jp",
    )


def kinds(model: str, *, second: str = "総務 2") -> dict[str, Setup]:
    """One golden file each."""
    return {
        "udp": setup(model),
        "tls": secure(setup(model)),
        "two-accounts": setup(model, account(1), account(2, label=second)),
        "english": setup(model, account(1, label="Sales", language="en")),
    }


def file(maker: Maker, of: Setup, file: str = "device") -> bytes:
    return maker.make(Wanted(file=file, mac=of.mac, model=of.model), of)


def golden(name: str, data: bytes) -> None:
    """`data` is what the file holds. With GOLDEN=write in the environment it is written first."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert data == path.read_bytes()


def no_name_of(maker: Maker) -> None:
    for name in HOSTILE_NAMES:
        assert maker.wanted(name) is None, name


def finds_its_own_files(maker: Maker) -> None:
    for model in maker.models:
        for name in (maker.own_file(MAC, model.name), maker.own_file(MAC, model.name).upper()):
            wanted = maker.wanted(name)
            assert wanted is not None
            assert (wanted.mac, wanted.file) == (MAC, "device")


def survives(maker: Maker, model: str, label: str, password: str, read: Callable[[bytes], tuple[str, str]]) -> None:
    """(label, password) come out of the file as they went in, or the file is refused."""
    try:
        data = file(maker, setup(model, account(1, label=label, password=password)))
    except BadValue as error:
        assert password not in str(error)  # noqa: PT017 - either way out is right
        return
    assert read(data) == (label or account(1).shown, password)


def never_refused(maker: Maker, model: str, label: str, password: str) -> None:
    file(maker, setup(model, account(1, label=label, password=password)))


def refuses_what_it_cannot_have(maker: Maker, model: str) -> None:
    row = maker.model(model)
    assert row is not None
    for wrong, thing in (
        (setup(model, account(row.ports + 1)), "port"),
        (setup(model, account(1), account(1)), "port"),
        (setup("T99X"), "model"),
        (replace(setup(model), admin_password="Secret\n123"), "admin password"),
        (replace(setup(model), registrar="sip.example.jp "), "registrar"),
    ):
        with pytest.raises(BadValue, match=thing):
            file(maker, wrong)
    with pytest.raises(BadValue, match="setup"):
        maker.make(Wanted(file="device", mac=MAC), None)


def undefined_name_raises(
    maker: Maker, template: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template that names what nobody gives does not print nothing in its place."""
    shutil.copytree(paper.TEMPLATES / "phones", tmp_path / "phones")
    copied = tmp_path / "phones" / template
    copied.write_text(copied.read_text() + "{{ nobody_gives_this }}")
    monkeypatch.setattr(paper, "TEMPLATES", tmp_path)
    paper._environment.cache_clear()
    try:
        with pytest.raises(UndefinedError, match="nobody_gives_this"):
            file(maker, setup(model))
    finally:
        paper._environment.cache_clear()
