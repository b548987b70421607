from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac, parse_mac
from provisioning.makers import all as makers
from provisioning.makers.maker import Kind, Maker, Model
from provisioning.secrets import URL_LENGTH
from provisioning.setup import Setup
from tests.fixtures.devices import ACME, MAC, make_maker

OTHER = make_maker("other", ("0a0002", "0a0003"), Model(name="P2", kind=Kind.PHONE, ports=1))
INI = make_maker("ini", ("0a0004",), Model(name="MP-1", kind=Kind.GATEWAY, ports=4), ending=".ini")
THREE = (ACME, OTHER, INI)


def test_a_maker_is_found_by_its_key() -> None:
    assert makers.maker(" Acme", THREE) is ACME
    with pytest.raises(BadValue, match="maker: found 'acne', expected one of acme, other, ini"):
        makers.maker("acne", THREE)


@pytest.mark.parametrize("text", ["G8", "g8", " ｇ８ ", "acme/G8", "ACME/g8"])
def test_a_model_is_found_however_it_is_typed(text: str) -> None:
    maker, model = makers.model(text, THREE)
    assert (maker.key, model.name) == ("acme", "G8")


@pytest.mark.parametrize("text", ["MP1", "mp 1", "M-P-1"])
def test_hyphens_do_not_matter(text: str) -> None:
    assert makers.model(text, THREE)[1].name == "MP-1"


def test_a_model_of_several_makers_needs_its_maker() -> None:
    with pytest.raises(BadValue, match="model: found 'p2', expected acme/P2 or other/P2"):
        makers.model("p2", THREE)
    assert makers.model("other/P2", THREE)[0] is OTHER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("G9", r"expected G8 \(`denwaban device models`\)"),
        ("MP-2", "expected MP-1"),
        ("toaster", "expected a model that we have a template for"),
        ("", "expected a model that we have a template for"),
        ("acne/G8", "maker: found 'acne'"),
        ("other/G8", "model: found 'other/G8'"),
        ("acme/", "model: found 'acme/'"),
    ],
)
def test_an_unknown_model_is_named_with_those_that_come_near(text: str, expected: str) -> None:
    with pytest.raises(BadValue, match=expected):
        makers.model(text, THREE)


@pytest.mark.parametrize(
    ("mac", "name", "guess"),
    [
        ("0a0001000001", "0a0001000001.cfg", ("acme", None)),
        ("0a0003000001", "0a0003000001.cfg", ("other", None)),
        ("0a0001000001", "G8.cfg", ("acme", "G8")),
        ("0a0001000001", "strange", ("acme", None)),
        ("0a0099000001", "0a0099000001.cfg", (None, None)),
        ("0a0099000001", "0a0099000001.ini", ("ini", None)),
        ("0a0099000001", "G8.cfg", ("acme", "G8")),
        ("0a0099000001", "P2.cfg", (None, None)),
        ("0a0099000001", "", (None, None)),
    ],
)
def test_a_stranger_is_guessed_from_its_address_and_what_it_asks_for(
    mac: str, name: str, guess: tuple[str | None, str | None]
) -> None:
    assert makers.guess(Mac(mac), name, THREE) == guess


def test_keys_and_address_ranges_are_each_one_makers() -> None:
    keys = [maker.key for maker in makers.MAKERS]
    ouis = [oui for maker in makers.MAKERS for oui in maker.ouis]
    assert len(set(keys)) == len(keys)
    assert len(set(ouis)) == len(ouis)
    assert all(Mac(oui + "000001").oui == oui for oui in ouis)


@pytest.mark.parametrize("maker", makers.MAKERS, ids=lambda maker: maker.key)
def test_every_model_is_found_by_its_own_name_and_knows_its_own_file(maker: Maker) -> None:
    assert maker.models
    for row in maker.models:
        assert makers.model(f"{maker.key}/{row.name}") == (maker, row)
        mac = parse_mac(maker.ouis[0] + "a1b2c3")
        wanted = maker.wanted(maker.own_file(mac, row.name))
        assert wanted is not None
        assert wanted.mac == mac
        assert makers.guess(mac, maker.own_file(mac, row.name))[0] == maker.key


@given(st.text(max_size=60))
def test_no_name_a_stranger_asks_for_is_too_much(name: str) -> None:
    guess = makers.guess(Mac("0a0099000001"), name)
    assert guess[0] is None or guess[0] in {maker.key for maker in makers.MAKERS}


@pytest.mark.parametrize("maker", makers.MAKERS, ids=lambda maker: maker.key)
def test_every_maker_carries_a_path_with_a_device_s_secret_behind_a_long_host(maker: Maker) -> None:
    base_url = f"https://provisioning.telephone-service.example.co.jp/{'a1' * (URL_LENGTH // 2)}/"
    for model in maker.models:
        wanted = maker.wanted(maker.own_file(MAC, model.name))
        assert wanted is not None
        setup = Setup(
            mac=MAC,
            model=model.name,
            registrar="sip.example.jp",
            port=5060,
            transport=Transport.UDP,
            base_url=base_url,
            ntp="ntp.example.jp",
            admin_password="adm1nPassw0rd",
            accounts=(),
        )
        assert maker.make(replace(wanted, base_url=base_url), setup)
