"""Datagrams from strangers: the pure core never raises, and the server answers the next good client.

`python -m bench.tftp_fuzz` is the same with a million.
"""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.tftp_fuzz import CONTENT, attack, datagram, fetch, server
from provisioning.tftp.packets import Malformed, ReadRequest, parse
from provisioning.tftp.terms import settle_mode, settle_options
from provisioning.tftp.transfer import Transfer, foreign


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 64), st.integers(0, 5000))
def test_no_datagram_makes_the_core_raise(seed: int, size: int) -> None:
    chance = random.Random(seed)
    try:
        message = parse(datagram(chance))
    except Malformed:
        return
    options = message.options if isinstance(message, ReadRequest) else ()
    if isinstance(message, ReadRequest):
        settle_mode(message, size)
    transfer, now = Transfer(bytes(size), settle_options(options, size)), 0.0
    sent = transfer.begin(now)
    for _ in range(30):
        now += chance.random()
        strange = datagram(chance)
        foreign(strange)
        sent += transfer.received(strange, now) + transfer.waited(now)
    assert sent
    assert all(len(each) <= 1432 for each in sent)
    assert transfer.confirmed <= size


def test_after_20000_strange_datagrams_a_good_device_gets_its_file(tmp_path: Path) -> None:
    with server(tmp_path) as (_, port):
        assert list(attack(port, 20_000, seed=1)) == [20_000]
        assert fetch(port) == CONTENT
    assert (tmp_path / "log").read_text("utf-8") == ""
