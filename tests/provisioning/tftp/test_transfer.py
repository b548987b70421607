"""One transfer without a network: what is sent for which datagram, and when. Time is a number here."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.tftp.packets import Ack, Data, Error, OptionsAck, ReadRequest, parse, serialise
from provisioning.tftp.terms import Terms, settle_options
from provisioning.tftp.transfer import FIRST_WAIT, LAST_ACK, LEAST_WAIT, SILENT, UNHEARD, Outcome, Transfer, foreign


def ack(block: int) -> bytes:
    return serialise(Ack(block & 0xFFFF))


def blocks(datagrams: list[bytes]) -> list[int]:
    """The block numbers of DATA datagrams."""
    found = [parse(datagram) for datagram in datagrams]
    assert all(isinstance(message, Data) for message in found)
    return [message.block for message in found if isinstance(message, Data)]


def begun(size: int, window: int = 1) -> tuple[Transfer, list[bytes]]:
    transfer = Transfer(bytes(index % 251 for index in range(size)), Terms(window=window))
    return transfer, transfer.begin(0.0)


def test_block_after_block_and_the_last_is_shorter() -> None:
    transfer, sent = begun(1100)
    seen = b""
    for block in (1, 2, 3):
        (message,) = (parse(datagram) for datagram in sent)
        assert isinstance(message, Data)
        assert message.block == block
        seen += message.data
        sent = transfer.received(ack(block), block / 100)
    assert (sent, transfer.outcome, transfer.confirmed, transfer.resent) == ([], Outcome.SENT, 1100, 0)
    assert seen == bytes(index % 251 for index in range(1100))


@pytest.mark.parametrize("size", [0, 512, 1024])
def test_a_file_of_whole_blocks_ends_with_an_empty_one(size: int) -> None:
    transfer, sent = begun(size)
    for block in range(1, size // 512 + 1):
        sent = transfer.received(ack(block), 0.1)
    assert sent == [serialise(Data(size // 512 + 1, b""))]
    transfer.received(ack(size // 512 + 1), 0.2)
    assert transfer.outcome is Outcome.SENT


def test_granted_options_are_acknowledged_first_and_data_follows_their_ack() -> None:
    transfer = Transfer(b"a" * 30, settle_options((("blksize", "8"), ("tsize", "0")), 30))
    assert transfer.begin(0.0) == [serialise(OptionsAck((("blksize", "8"), ("tsize", "30"))))]
    assert transfer.received(ack(1), 0.1) == []
    assert transfer.received(ack(65535), 0.1) == []
    assert transfer.received(ack(0), 0.1) == [serialise(Data(1, b"a" * 8))]


def test_a_duplicate_ack_is_not_answered_twice() -> None:
    """The Sorcerer's Apprentice: one doubled ACK would double every block that follows."""
    transfer, _ = begun(5000)
    assert blocks(transfer.received(ack(1), 0.1)) == [2]
    assert transfer.received(ack(1), 0.1) == []
    assert blocks(transfer.received(ack(2), 0.2)) == [3]
    assert transfer.received(ack(1), 0.2) == []
    assert transfer.received(ack(2), 0.2) == []
    assert transfer.resent == 0


@pytest.mark.parametrize("block", [0, 2, 3, 40000, 65535])
def test_an_ack_of_what_was_not_sent_is_ignored(block: int) -> None:
    transfer, _ = begun(5000)
    assert transfer.received(ack(block), 0.1) == []
    assert (transfer.outcome, transfer.confirmed) == (None, 0)


def test_without_an_answer_the_block_is_sent_again_ever_more_slowly_and_then_given_up() -> None:
    transfer, first = begun(5000)
    times, now = [], 0.0
    while transfer.outcome is None:
        now = transfer.deadline
        assert transfer.waited(now - 0.001) == []
        sent = transfer.waited(now)
        if sent:
            assert sent == first
            times.append(now)
    assert times == [1.0, 3.0, 7.0]
    assert (now, transfer.outcome, transfer.resent) == (UNHEARD, Outcome.SILENT, 3)
    assert transfer.received(ack(1), now) == []


def test_a_device_that_was_heard_is_waited_for_longer() -> None:
    transfer, _ = begun(5000)
    transfer.received(ack(1), 0.2)
    while transfer.outcome is None:
        transfer.waited(transfer.deadline)
    assert (transfer.deadline, transfer.outcome) == (0.2 + SILENT, Outcome.SILENT)


def test_a_lost_last_ack_leaves_the_file_sent_but_unconfirmed() -> None:
    transfer, _ = begun(600)
    (last,) = transfer.received(ack(1), 0.5)
    again = []
    while transfer.outcome is None:
        again += transfer.waited(transfer.deadline)
    assert set(again) == {last}
    assert (transfer.deadline, transfer.outcome) == (0.5 + LAST_ACK, Outcome.UNCONFIRMED)


def test_a_last_ack_that_comes_late_still_confirms() -> None:
    transfer, _ = begun(600)
    transfer.received(ack(1), 0.0)
    transfer.waited(transfer.deadline)
    transfer.received(ack(2), 3.0)
    assert (transfer.outcome, transfer.confirmed) == (Outcome.SENT, 600)


def test_a_file_of_one_block_that_nobody_answered_is_not_called_sent() -> None:
    transfer, _ = begun(10)
    while transfer.outcome is None:
        transfer.waited(transfer.deadline)
    assert transfer.outcome is Outcome.SILENT


def test_the_wait_follows_the_path_s_own_delay() -> None:
    transfer, _ = begun(512 * 40)
    assert transfer.deadline == FIRST_WAIT
    for block in range(1, 20):
        transfer.received(ack(block), block * 0.001)
    assert transfer.deadline == pytest.approx(0.019 + LEAST_WAIT)
    slow, _ = begun(512 * 40)
    for block in range(1, 20):
        slow.received(ack(block), block * 0.6)
    assert 0.6 < slow.deadline - 19 * 0.6 < 1.5


def test_what_was_sent_twice_is_not_measured() -> None:
    """Which of the two was answered cannot be known (Karn)."""
    transfer, _ = begun(5000)
    transfer.waited(1.0)
    transfer.received(ack(1), 1.001)
    assert transfer.deadline - 1.001 == 2 * FIRST_WAIT


def test_an_agreed_timeout_holds_from_the_ack_of_the_options_on_and_stays_as_agreed() -> None:
    transfer = Transfer(b"a" * 5000, settle_options((("timeout", "7"),), 5000))
    transfer.begin(0.0)
    assert transfer.deadline == FIRST_WAIT
    transfer.received(ack(0), 0.1)
    assert transfer.deadline == 7.1
    for again in (7.1, 14.1):
        assert blocks(transfer.waited(again)) == [1]
    transfer.received(ack(1), 14.2)
    assert transfer.deadline == 21.2


def test_a_window_is_sent_for_one_ack() -> None:
    transfer, sent = begun(512 * 10, window=4)
    assert blocks(sent) == [1, 2, 3, 4]
    assert blocks(transfer.received(ack(4), 0.1)) == [5, 6, 7, 8]
    assert blocks(transfer.received(ack(8), 0.2)) == [9, 10, 11]
    transfer.received(ack(11), 0.3)
    assert (transfer.outcome, transfer.resent) == (Outcome.SENT, 0)


def test_a_gap_in_a_window_is_sent_again_from_there() -> None:
    transfer, _ = begun(512 * 20, window=4)
    transfer.received(ack(4), 0.1)
    assert blocks(transfer.received(ack(6), 0.2)) == [7, 8, 9, 10]
    assert transfer.resent == 2
    assert transfer.received(ack(5), 0.2) == []
    assert blocks(transfer.received(ack(7), 0.3)) == [8, 9, 10, 11]
    assert blocks(transfer.waited(transfer.deadline)) == [8, 9, 10, 11]
    assert blocks(transfer.received(ack(11), 3.0)) == [12, 13, 14, 15]


def test_a_missing_first_block_of_a_window_is_reported_by_an_ack_of_nothing_new_and_sent_again_once() -> None:
    transfer, _ = begun(512 * 20, window=4)
    transfer.received(ack(4), 0.1)
    assert blocks(transfer.received(ack(4), 0.2)) == [5, 6, 7, 8]
    for _ in range(3):
        assert transfer.received(ack(4), 0.2) == []
    assert blocks(transfer.received(ack(8), 0.3)) == [9, 10, 11, 12]
    assert transfer.received(ack(8), 0.3) == []  # about the blocks 5 to 8 that came twice
    assert blocks(transfer.received(ack(12), 0.4)) == [13, 14, 15, 16]
    assert blocks(transfer.received(ack(12), 0.5)) == [13, 14, 15, 16]


@pytest.mark.parametrize("window", [1, 4, 32])
def test_after_block_65535_comes_block_0(window: int) -> None:
    size = 8 * 70_000 + 3
    content = random.Random(1).randbytes(size)
    transfer = Transfer(content, Terms(block=8, window=window))
    sent, now = transfer.begin(0.0), 0.0
    seen: list[bytes] = []
    while sent:
        for datagram in sent:
            message = parse(datagram)
            assert isinstance(message, Data)
            assert message.block == (len(seen) + 1) & 0xFFFF
            seen.append(message.data)
        now += 0.001
        sent = transfer.received(ack(len(seen)), now)
    assert (b"".join(seen) == content, transfer.outcome, transfer.resent) == (True, Outcome.SENT, 0)


def test_an_error_from_the_device_ends_the_transfer_and_is_kept() -> None:
    transfer, _ = begun(5000)
    assert transfer.received(serialise(Error(3, "disk full")), 0.1) == []
    assert (transfer.outcome, transfer.detail) == (Outcome.BROKEN_OFF, "3 disk full")


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\0", b"\0\x04\0", b"\0\x07abc", serialise(Data(1, b"x")), serialise(ReadRequest("a", "octet"))],
)
def test_anything_else_is_ignored(datagram: bytes) -> None:
    transfer, _ = begun(5000)
    assert transfer.received(datagram, 0.1) == []
    assert transfer.outcome is None
    assert blocks(transfer.received(ack(1), 0.1)) == [2]


def test_a_stranger_is_told_that_the_transfer_is_not_his_but_never_answered_an_error() -> None:
    assert foreign(ack(1)) == serialise(Error(5, "unknown transfer ID"))
    assert foreign(serialise(Error(5, "unknown transfer ID"))) is None
    assert foreign(b"") is not None


class Device:
    """A model of a client (RFC 1350, RFC 7440 section 4): takes what is next, acknowledges each window or a gap."""

    def __init__(self, terms: Terms) -> None:
        self.terms, self.seen, self.done, self._new = terms, [b""], False, 0

    def heard(self, datagram: bytes) -> bytes | None:
        message = parse(datagram)
        if isinstance(message, OptionsAck):
            return ack(0) if len(self.seen) == 1 else None
        assert isinstance(message, Data)
        if message.block == len(self.seen) & 0xFFFF and not self.done:
            self.seen.append(message.data)
            self.done = len(message.data) < self.terms.block
            self._new += 1
            if self._new < self.terms.window and not self.done:
                return None
        self._new = 0
        return ack(len(self.seen) - 1)


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(0, 3000),
    block=st.integers(8, 600),
    window=st.integers(1, 8),
    options=st.booleans(),
    seed=st.integers(0, 1 << 32),
    loss=st.floats(0, 0.3),
)
def test_whatever_is_lost_doubled_or_overtaken_the_bytes_are_the_same(
    size: int, block: int, window: int, options: bool, seed: int, loss: float
) -> None:
    chance = random.Random(seed)
    content = chance.randbytes(size)
    asked = (("blksize", str(block)), ("windowsize", str(window)))
    terms = settle_options(asked, size) if options else Terms(block=block, window=window)
    transfer, device = Transfer(content, terms), Device(terms)
    flying: list[tuple[float, int, bool, bytes]] = []
    now, number = 0.0, 0

    def fly(datagrams: list[bytes], *, to_device: bool) -> None:
        nonlocal number
        for datagram in datagrams:
            for _ in range(chance.choice((1, 1, 1, 1, 2))):
                if chance.random() >= loss:
                    number += 1
                    flying.append((now + chance.uniform(0.001, 0.02), number, to_device, datagram))

    fly(transfer.begin(now), to_device=True)
    while transfer.outcome is None:
        flying.sort()
        if flying and flying[0][0] < transfer.deadline:
            now, _, to_device, datagram = flying.pop(0)
            if to_device:
                answer = device.heard(datagram)
                fly([answer] if answer else [], to_device=False)
            else:
                fly(transfer.received(datagram, now), to_device=True)
        else:
            now = transfer.deadline
            fly(transfer.waited(now), to_device=True)
    if transfer.outcome is Outcome.SENT or device.done:
        assert b"".join(device.seen) == content
    else:
        assert transfer.outcome in (Outcome.SILENT, Outcome.UNCONFIRMED)
        assert content.startswith(b"".join(device.seen))
    # Nothing multiplies: what was sent is within a few times of what was needed.
    assert transfer.resent <= 60 + 12 * window * (size // block + 1)
