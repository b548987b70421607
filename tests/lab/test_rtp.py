import struct

import pytest

from lab import rtp, sip


def test_a_frame_of_sound_is_read_back() -> None:
    packet = rtp.parse(rtp.sound(65_535, 160, 7, b"\x55" * rtp.FRAME))
    assert packet == rtp.Packet(kind=sip.PCMU, sequence=65_535, timestamp=160, payload=b"\x55" * rtp.FRAME)


def test_a_key_is_held_for_five_frames_and_let_go_three_times() -> None:
    """RFC 4733 2.5: one timestamp, a growing duration, the end bit sent three times."""
    packets = [(rtp.parse(packet), last) for packet, last in rtp.key("#", 10, 800, 7)]
    assert [packet.sequence for packet, _ in packets] == list(range(10, 18))
    assert {packet.timestamp for packet, _ in packets} == {800}
    fields = [struct.unpack("!BBH", packet.payload) for packet, _ in packets]
    assert {event for event, _, _ in fields} == {11}
    assert [duration for _, _, duration in fields] == [160, 320, 480, 640, 800, 800, 800, 800]
    assert [bool(flags & 0x80) for _, flags, _ in fields] == [last for _, last in packets] == [False] * 5 + [True] * 3


def test_only_the_first_packet_of_a_key_is_marked() -> None:
    assert [bool(packet[1] & 0x80) for packet, _ in rtp.key("1", 1, 0, 7)] == [True] + [False] * 7


@pytest.mark.parametrize("datagram", [b"", b"\x80" * 11, b"\x40" + b"\0" * 20])
def test_what_is_no_rtp_is_refused(datagram: bytes) -> None:
    with pytest.raises(ValueError, match="RTP packet"):
        rtp.parse(datagram)
