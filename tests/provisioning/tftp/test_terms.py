"""Which mode and which options are granted, and that a faulty option costs nobody his file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.tftp.netascii import to_netascii
from provisioning.tftp.packets import MAX_REQUEST, Error, Fault, OptionsAck, ReadRequest, serialise
from provisioning.tftp.terms import MAX_BLOCK, MAX_NETASCII, MAX_WINDOW, Terms, settle_mode, settle_options


@pytest.mark.parametrize(
    ("asked", "terms"),
    [
        (("blksize", "8"), Terms(block=8, granted=(("blksize", "8"),))),
        (("blksize", "1428"), Terms(block=1428, granted=(("blksize", "1428"),))),
        (("BLKSIZE", "65464"), Terms(block=MAX_BLOCK, granted=(("BLKSIZE", "1428"),))),
        (("windowsize", "1"), Terms(window=1, granted=(("windowsize", "1"),))),
        (("windowsize", "65535"), Terms(window=MAX_WINDOW, granted=(("windowsize", "32"),))),
        (("timeout", "255"), Terms(seconds=255, granted=(("timeout", "255"),))),
        (("tsize", "0"), Terms(granted=(("tsize", "1000"),))),
    ],
)
def test_an_option_in_its_range_is_granted_at_most_as_asked(asked: tuple[str, str], terms: Terms) -> None:
    assert settle_options((asked,), 1000) == terms


@pytest.mark.parametrize("value", ["", "abc", "-1", "+8", " 8", "8 ", "1e3", "0x200", "٥١٢", "9" * 400, "8.0"])
@pytest.mark.parametrize("name", ["blksize", "windowsize", "timeout", "tsize", "rollover", "multicast", "", "x"])
def test_a_broken_or_unknown_option_is_left_out_and_the_file_still_sent(name: str, value: str) -> None:
    assert settle_options(((name, value),), 1000) == Terms()


@pytest.mark.parametrize(
    ("name", "value"),
    [("blksize", "7"), ("blksize", "65465"), ("windowsize", "0"), ("windowsize", "65536"), ("timeout", "0"),
     ("timeout", "256")],
)  # fmt: skip
def test_an_option_out_of_its_range_is_left_out(name: str, value: str) -> None:
    assert settle_options(((name, value), ("tsize", "0")), 7) == Terms(granted=(("tsize", "7"),))


def test_the_size_of_an_empty_file_is_left_out() -> None:
    """curl 7.88 ends with "invalid tsize" at a size of 0."""
    assert settle_options((("tsize", "0"), ("blksize", "9")), 0).granted == (("blksize", "9"),)


@given(st.lists(st.tuples(st.sampled_from(["blksize", "windowsize", "timeout", "tsize", "?"]), st.text(max_size=12))))
def test_whatever_is_asked_the_terms_are_within_bounds(asked: list[tuple[str, str]]) -> None:
    terms = settle_options(tuple(asked), 1 << 40)
    assert 8 <= terms.block <= MAX_BLOCK
    assert 1 <= terms.window <= MAX_WINDOW
    assert len(terms.granted) <= len(asked)


def test_the_acknowledgement_of_all_options_fits_a_datagram_of_the_default_size() -> None:
    asked = (("blksize", "1428"), ("windowsize", "32"), ("timeout", "255"), ("tsize", "0"))
    assert len(serialise(OptionsAck(settle_options(asked, 1 << 40).granted))) < MAX_REQUEST


@pytest.mark.parametrize("mode", ["mail", "", "binary", "octets"])
def test_a_mode_that_is_none_is_refused(mode: str) -> None:
    error = settle_mode(ReadRequest("a", mode), 10)
    assert isinstance(error, Error)
    assert error.code == Fault.ILLEGAL_OPERATION


def test_a_large_file_is_sent_in_octet_mode_only() -> None:
    assert settle_mode(ReadRequest("a", "octet"), 1 << 30) is None
    assert settle_mode(ReadRequest("a", "netascii"), MAX_NETASCII) is None
    error = settle_mode(ReadRequest("a", "netascii"), MAX_NETASCII + 1)
    assert isinstance(error, Error)
    assert "octet" in error.text


def test_netascii_ends_lines_in_cr_lf_and_marks_a_bare_cr() -> None:
    assert to_netascii(b"a\nb\r\nc\rd\r") == b"a\r\nb\r\0\r\nc\r\0d\r\0"


@given(st.lists(st.sampled_from([b"\r", b"\n", b"a", b"\0", b"\xff"])).map(b"".join))
def test_netascii_can_be_turned_back(data: bytes) -> None:
    assert to_netascii(data).replace(b"\r\n", b"\n").replace(b"\r\0", b"\r") == data
