"""Header lines that arrive as they were sent, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.ami_wire import LINE_LIMIT, StateChange, StateKind, checked, state_change
from dialplan.errors import BadValue


@given(st.text(max_size=400))
def test_no_value_whatever_makes_a_second_header_or_a_line_too_long(value: str) -> None:
    try:
        line = f"Val: {checked({'Val': value})['Val']}"
    except BadValue as refused:
        assert refused.thing == "AMI Val"  # noqa: PT017  (most values pass)
        return
    assert len(line.splitlines()) == 1 or not {"\r", "\n"} & set(line)
    assert len(line.encode()) <= LINE_LIMIT


@pytest.mark.parametrize("value", ["x\r\nAction: Command", "x\ny", "x\ry", "x\0", " x", "x ", "\ud800"])
def test_a_value_that_would_not_arrive_as_sent_is_refused(value: str) -> None:
    with pytest.raises(BadValue, match="AMI Val"):
        checked({"Val": value})


def test_the_limit_counts_bytes_of_the_whole_line() -> None:
    room = LINE_LIMIT - len("Val: ")
    assert checked({"Val": "x" * room})
    for value in ("x" * (room + 1), "字" * (room // 3 + 1)):
        with pytest.raises(BadValue, match="1000 bytes"):
            checked({"Val": value})


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (
            {
                "Event": "ContactStatus",
                "URI": "sip:a@127.0.0.3",
                "ContactStatus": "Reachable",
                "AOR": "a",
                "EndpointName": "h1",
            },
            StateChange(kind=StateKind.CONTACT, name="h1", state="Reachable", address="sip:a@127.0.0.3"),
        ),
        (
            {"Event": "PeerStatus", "Peer": "PJSIP/h1", "PeerStatus": "Reachable"},
            StateChange(kind=StateKind.PEER, name="PJSIP/h1", state="Reachable", address=""),
        ),
        (
            {"Event": "DeviceStateChange", "Device": "PJSIP/h1", "State": "INUSE"},
            StateChange(kind=StateKind.DEVICE, name="PJSIP/h1", state="INUSE", address=""),
        ),
    ],
)
def test_a_state_is_read_from_its_event(event: dict[str, str], found: StateChange) -> None:
    assert state_change(event) == found
