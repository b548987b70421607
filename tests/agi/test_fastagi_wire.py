"""The FastAGI codec: these bytes give this environment, and no bytes give anything but Malformed."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.fastagi_wire import (
    HANGUP,
    MAX_BYTES,
    MAX_LINES,
    MAX_REPLY_BYTES,
    Environment,
    EnvironmentParser,
    Malformed,
    Reply,
    ReplyParser,
    command_line,
)
from dialplan.errors import BadValue

# As Asterisk 22.10 sent it to a hangup handler.
REAL = (
    "agi_network: yes\nagi_network_script: hangup\nagi_request: agi://127.0.0.10:4599/hangup\n"
    "agi_channel: Local/1@try-00000000;2\nagi_language: en\nagi_type: Local\nagi_uniqueid: 1795206049.1\n"
    "agi_version: 22.10.1+dfsg+~cs6.17.60671434-1\nagi_callerid: 0312345678\nagi_calleridname: 山田太郎\n"
    "agi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: unknown\n"
    "agi_rdnis: unknown\nagi_context: hook\nagi_extension: s\nagi_priority: 1\nagi_enhanced: 0.0\n"
    "agi_accountcode: \nagi_threadid: 139882748356288\nagi_arg_1: 1795206049.1\nagi_arg_2: x y\n\n"
).encode()


def outcome(parser: EnvironmentParser, chunks: list[bytes]) -> tuple[dict[str, str], bytes] | str | None:
    """What a stream comes to, whichever way it is cut."""
    for index, chunk in enumerate(chunks):
        try:
            environment = parser.feed(chunk)
        except Malformed:
            return "malformed"
        if environment is not None:
            return dict(environment.values), parser.rest + b"".join(chunks[index + 1 :])
    return None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def parsed(data: bytes) -> Environment:
    environment = EnvironmentParser().feed(data)
    assert environment is not None
    return environment


def test_the_environment_of_asterisk_22_is_read() -> None:
    found = parsed(REAL)
    assert (found.script, found.uniqueid, found.channel) == (
        "hangup",
        "1795206049.1",
        "Local/1@try-00000000;2",
    )
    assert found.arguments == ("1795206049.1", "x y")
    assert found.values["agi_calleridname"] == "山田太郎"
    assert found.values["agi_accountcode"] == ""


@given(st.lists(st.integers(min_value=0), max_size=8), st.binary(max_size=20))
def test_a_stream_cut_anywhere_gives_the_same_environment(places: list[int], after: bytes) -> None:
    data = REAL + after
    assert outcome(EnvironmentParser(), cut(data, places)) == (dict(parsed(REAL).values), after)


PIECES = [
    b"agi_network: yes\n",
    b"agi_channel: c\n",
    b"agi_uniqueid: u\n",
    b"agi_arg_1: 1\n",
    b"\n",
    b"\r\n",
    b": ",
    b"\xff",
]
NEARLY = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: b"agi_network: yes\n" + b"".join(pieces))


@given(st.one_of(NEARLY, st.binary(max_size=300)), st.lists(st.integers(min_value=0), max_size=6))
def test_any_bytes_in_any_chunks_end_alike_and_only_in_malformed(data: bytes, places: list[int]) -> None:
    assert outcome(EnvironmentParser(), cut(data, places)) == outcome(EnvironmentParser(), [data])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n", "begins with"),
        (b"\n\n", "begins with"),
        (b"agi_network: yes\nnonsense\n\n", "'nonsense'"),
        (b"agi_network: yes\nagi_channel: c\n\n", "no agi_uniqueid"),
        (b"agi_network: yes\nagi_channel: c\nagi_uniqueid: \n\n", "no agi_uniqueid"),
        (b"agi_network: yes\nagi_uniqueid: 1\nagi_uniqueid: 2\n\n", "a second agi_uniqueid"),
        (b"agi_network: yes\n" + b"agi_x: y\n" * (MAX_LINES + 1) + b"\n", "lines"),
        (b"agi_network: " + b"y" * MAX_BYTES, "over"),
        (b"agi_network: " + b"y" * MAX_BYTES + b"\n\n", "over"),
    ],
)
def test_what_cannot_be_an_environment_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        EnvironmentParser().feed(data)


def test_a_character_broken_by_the_caller_does_not_cost_the_environment() -> None:
    found = parsed(REAL.replace("山田".encode(), b"\x8e\xff"))
    assert found.values["agi_calleridname"] == "\ufffd\ufffd太郎"


def test_arguments_stop_at_the_first_one_missing() -> None:
    assert parsed(REAL.replace(b"agi_arg_1", b"agi_arg_3")).arguments == ()


USAGE = "520-Invalid command syntax.  Proper usage follows:\nSets it.\n 520 inside\n520 End of proper usage."
REPLIES = [
    (b"200 result=1\n", Reply(code=200, result="1", data=None, text="200 result=1")),
    (
        "200 result=1 (山田太郎)\n".encode(),
        Reply(code=200, result="1", data="山田太郎", text="200 result=1 (山田太郎)"),
    ),
    (b"200 result= (timeout)\n", Reply(code=200, result="", data="timeout", text="200 result= (timeout)")),
    (b"200 result=-1\n", Reply(code=200, result="-1", data=None, text="200 result=-1")),
    (
        b"510 Invalid or unknown command\n",
        Reply(code=510, result="", data=None, text="510 Invalid or unknown command"),
    ),
    (USAGE.encode() + b"\n", Reply(code=520, result="", data=None, text=USAGE)),
]


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_a_reply_as_asterisk_writes_it(data: bytes, reply: Reply) -> None:
    assert ReplyParser().feed(data) == [reply]


@given(st.lists(st.integers(min_value=0), max_size=12))
def test_a_usage_of_many_lines_and_a_hangup_leave_the_next_replies_in_step(places: list[int]) -> None:
    stream = b"100 Trying\n" + b"HANGUP\n".join(data for data, _ in reversed(REPLIES))
    parser = ReplyParser()
    heard = [each for chunk in cut(stream, places) for each in parser.feed(chunk)]
    assert [each for each in heard if each is not HANGUP] == [reply for _, reply in reversed(REPLIES)]
    assert heard.count(HANGUP) == len(REPLIES) - 1


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([data for data, _ in REPLIES])), max_size=6))
def test_any_reply_bytes_raise_nothing_but_malformed(chunks: list[bytes]) -> None:
    parser = ReplyParser()
    try:
        for chunk in chunks:
            for heard in parser.feed(chunk):
                assert heard is HANGUP or isinstance(heard, Reply)
    except Malformed:
        return


@pytest.mark.parametrize("data", [b"2" * (MAX_REPLY_BYTES + 1), b"520-x\n" + b"usage\n" * MAX_REPLY_BYTES])
def test_a_reply_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="over"):
        ReplyParser().feed(data)


@pytest.mark.parametrize("command", ["", "VERBOSE x\nEXEC System rm", "VERBOSE x\r", "x" * 1001, "字" * 334])
def test_a_command_that_would_be_two_or_too_long_is_refused(command: str) -> None:
    with pytest.raises(BadValue, match="AGI command"):
        command_line(command)
