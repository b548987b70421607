"""The TFTP codec: these bytes are this message, tftpy reads the same, and no bytes give anything but Malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tftpy.TftpPacketFactory import TftpPacketFactory
from tftpy.TftpPacketTypes import TftpPacketACK, TftpPacketDAT, TftpPacketERR, TftpPacketOACK, TftpPacketRRQ

from provisioning.tftp.packets import (
    MAX_REQUEST,
    Ack,
    Data,
    Error,
    Malformed,
    Message,
    OptionsAck,
    ReadRequest,
    WriteRequest,
    parse,
    serialise,
)

KNOWN: list[tuple[Message, bytes]] = [
    (ReadRequest("a.cfg", "octet"), b"\0\1a.cfg\0octet\0"),
    (
        ReadRequest("/x/a.cfg", "netascii", (("blksize", "1428"), ("tsize", "0"))),
        b"\0\1/x/a.cfg\0netascii\0blksize\x001428\0tsize\x000\0",
    ),
    (WriteRequest("a", "octet"), b"\0\2a\0octet\0"),
    (Data(1, b"abc"), b"\0\3\0\1abc"),
    (Data(65535, b""), b"\0\3\xff\xff"),
    (Ack(0x0102), b"\0\4\1\2"),
    (Error(1, "file not found"), b"\0\5\0\1file not found\0"),
    (OptionsAck((("blksize", "512"),)), b"\0\6blksize\x00512\0"),
]


@pytest.mark.parametrize(("message", "datagram"), KNOWN)
def test_these_bytes_are_this_message_and_back(message: Message, datagram: bytes) -> None:
    assert serialise(message) == datagram
    assert parse(datagram) == message


def test_tftpy_reads_the_same_in_our_bytes() -> None:
    factory = TftpPacketFactory()
    options = (("blksize", "1428"), ("windowsize", "4"))
    request = factory.parse(serialise(ReadRequest("a.cfg", "octet", options)))
    assert (type(request), request.filename, request.mode) == (TftpPacketRRQ, "a.cfg", "octet")
    assert request.options == dict(options)
    data = factory.parse(serialise(Data(7, b"abc")))
    assert (type(data), data.blocknumber, data.data) == (TftpPacketDAT, 7, b"abc")
    ack = factory.parse(serialise(Ack(65535)))
    assert (type(ack), ack.blocknumber) == (TftpPacketACK, 65535)
    error = factory.parse(serialise(Error(5, "unknown")))
    assert (type(error), error.errorcode, error.errmsg) == (TftpPacketERR, 5, b"unknown")
    oack = factory.parse(serialise(OptionsAck(options)))
    assert (type(oack), oack.options) == (TftpPacketOACK, dict(options))


def test_we_read_the_same_in_tftpy_s_bytes() -> None:
    request = TftpPacketRRQ()
    request.filename, request.mode, request.options = "a.cfg", "octet", {"blksize": 8, "tsize": 0}
    assert parse(request.encode().buffer) == ReadRequest("a.cfg", "octet", (("blksize", "8"), ("tsize", "0")))
    error = TftpPacketERR()
    error.errorcode = 8
    assert parse(error.encode().buffer) == Error(8, "Failed to negotiate options")


def test_what_devices_really_send_is_read() -> None:
    assert parse(b"\0\1a\0OcTeT\0") == ReadRequest("a", "octet")
    padded = b"\0\1a\0octet\0blksize\x00512\0" + b"\0" * 20
    assert parse(padded) == ReadRequest("a", "octet", (("blksize", "512"),))
    assert parse(b"\0\4\0\1and more") == Ack(1)
    assert parse(b"\0\5\0\2") == Error(2, "")
    assert parse(b"\0\5\0\2no\x1b[31m\nend") == Error(2, "no?[31m?end")


def test_an_option_that_is_not_whole_is_dropped_and_one_sent_twice_keeps_its_first_value() -> None:
    assert parse(b"\0\1a\0octet\0blksize\x00512\0tsize") == ReadRequest("a", "octet", (("blksize", "512"),))
    assert parse(b"\0\1a\0octet\0blksize\x00512\0tsize\0") == ReadRequest("a", "octet", (("blksize", "512"),))
    assert parse(b"\0\1a\0octet\0tsize\x000\0TSIZE\x009\0") == ReadRequest("a", "octet", (("tsize", "0"),))


@pytest.mark.parametrize(
    "datagram",
    [
        b"\0\1a.cfg",
        b"\0\1a.cfg\0",
        b"\0\1a.cfg\0octet",
        b"\0\1\0octet\0",
        b"\0\1a\ncfg\0octet\0",
        b"\0\1\xe3\x81\x82\0octet\0",
        b"\0\2a\x7f\0octet\0",
        b"\0\1" + b"a" * MAX_REQUEST + b"\0octet\0",
    ],
)
def test_a_request_that_cannot_be_read_is_malformed_and_known_for_a_request(datagram: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse(datagram)
    assert caught.value.request
    assert "expected" in str(caught.value)


@pytest.mark.parametrize("datagram", [b"", b"\0", b"\0\4\0", b"\0\0\0\0", b"\0\7\0\0", b"GET / HTTP/1.1\r\n"])
def test_what_is_no_tftp_is_malformed_and_no_request(datagram: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse(datagram)
    assert not caught.value.request


WITH_OPCODE = st.builds(lambda opcode, rest: bytes([0, opcode]) + rest, st.integers(0, 7), st.binary())


@given(st.binary(max_size=600) | WITH_OPCODE)
def test_no_bytes_give_anything_but_a_message_or_malformed(datagram: bytes) -> None:
    try:
        message = parse(datagram)
    except Malformed:
        return
    if isinstance(message, Data | Ack):
        assert serialise(message)[:4] == datagram[:4]
    else:
        assert parse(serialise(message)) == message


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)


@given(name=WORDS, options=st.dictionaries(st.sampled_from(["blksize", "tsize", "x"]), WORDS))
def test_a_request_comes_back_as_it_was(name: str, options: dict[str, str]) -> None:
    request = ReadRequest(name, "octet", tuple(options.items()))
    assert parse(serialise(request)) == request
