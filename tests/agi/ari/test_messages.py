import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agi.ari.errors import Garbage, TooLarge
from agi.ari.messages import (
    EVENT_TYPES,
    FRAME_LIMIT,
    ApplicationReplaced,
    Caller,
    Channel,
    ChannelDtmfReceived,
    Dialplan,
    Frame,
    Known,
    Message,
    Playback,
    PlaybackFinished,
    RESTResponse,
    StasisStart,
    Unknown,
    channel_of,
    decode,
    encode_request,
    read_body,
)

# As Asterisk 22.10 sent it.
STASIS_START = (
    '{"type":"StasisStart","timestamp":"2026-11-20T20:23:47.723+0000","args":["ask","222","two words"],'
    '"channel":{"id":"1795206227.7","name":"Local/222@in-00000003;2","state":"Ring","protocol_id":"",'
    '"caller":{"name":"","number":""},"connected":{"name":"","number":""},"accountcode":"",'
    '"dialplan":{"context":"in","exten":"222","priority":2,"app_name":"Stasis",'
    '"app_data":"denwaban,ask,222,two words"},"creationtime":"2026-11-20T20:23:47.722+0000","language":"en"},'
    '"asterisk_id":"02:fc:00:00:00:01","application":"denwaban"}'
)
VARIABLE_RESPONSE = (
    '{"type":"RESTResponse","transaction_id":"","request_id":"5","status_code":200,"reason_phrase":"OK",'
    '"uri":"channels/1795206227.7/variable","content_type":"application/json",'
    '"message_body":"{\\"value\\":\\"Local/222@in-00000003;2\\"}","application":"denwaban",'
    '"timestamp":"2026-11-20T20:23:50.310+0000","asterisk_id":"02:fc:00:00:00:01"}'
)


@pytest.mark.parametrize("frame", [STASIS_START, STASIS_START.encode()], ids=["text", "bytes"])
def test_a_stasis_start_becomes_its_channel_and_arguments(frame: str | bytes) -> None:
    channel = Channel(
        id="1795206227.7",
        name="Local/222@in-00000003;2",
        state="Ring",
        caller=Caller(name="", number=""),
        dialplan=Dialplan(context="in", exten="222", app_name="Stasis", app_data="denwaban,ask,222,two words"),
        creationtime="2026-11-20T20:23:47.722+0000",
    )
    assert decode(frame) == StasisStart(channel=channel, args=("ask", "222", "two words"))
    assert channel.stasis_args == ("ask", "222", "two words")
    assert channel.created == datetime(2026, 11, 20, 20, 23, 47, 722000, tzinfo=UTC)


def test_a_response_carries_its_body_as_text() -> None:
    message = decode(VARIABLE_RESPONSE)
    assert message == RESTResponse(
        request_id="5",
        status_code=200,
        reason_phrase="OK",
        message_body='{"value":"Local/222@in-00000003;2"}',
    )


def test_channel_variables_are_read_where_asterisk_adds_them() -> None:
    frame = json.loads(STASIS_START)
    frame["channel"]["channelvars"] = {"CHANNEL(linkedid)": "1795206227.7"}
    message = decode(json.dumps(frame))
    assert isinstance(message, StasisStart)
    assert message.channel.channelvars == {"CHANNEL(linkedid)": "1795206227.7"}


def test_a_channel_outside_stasis_has_no_stasis_arguments() -> None:
    assert Channel(id="1", dialplan=Dialplan(app_name="Dial", app_data="PJSIP/a,20")).stasis_args == ()


def test_an_unreadable_creation_time_is_none() -> None:
    assert Channel(id="1", creationtime="yesterday").created is None


def test_an_event_of_another_type_is_unknown_not_garbage() -> None:
    assert decode('{"type":"ChannelVarset","value":"x"}') == Unknown("ChannelVarset")


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{not json",
        "[]",
        '"StasisStart"',
        "{}",
        '{"type":7}',
        '{"type":"StasisStart"}',
        '{"type":"RESTResponse","request_id":"1","status_code":"ok"}',
        b"\xff\xfe",
        b'{"type":"X\xff"}',
        "\ud800",
        "[" * 100_000,
        '{"type":"StasisStart","channel":' * 50_000,
    ],
)
def test_a_malformed_frame_is_garbage(frame: str | bytes) -> None:
    with pytest.raises(Garbage):
        decode(frame)


def test_a_known_event_with_a_wrong_field_says_which() -> None:
    with pytest.raises(Garbage, match=r"StasisStart.*\$\.channel\.id"):
        decode('{"type":"StasisStart","channel":{"id":7}}')


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_nearly = st.fixed_dictionaries(
    {"type": st.sampled_from([*EVENT_TYPES, "Other"])},
    optional={
        name: _json | st.fixed_dictionaries({"id": _json})
        for name in ("channel", "args", "playback", "request_id", "status_code", "digit", "message_body", "cause")
    },
).map(json.dumps)


@given(st.binary() | st.text(st.characters()) | _nearly | _json.map(json.dumps))
@example('{"type":"StasisEnd","channel":{"id":"1","channelvars":{"a":1}}}')
def test_any_frame_is_a_message_or_garbage(frame: str | bytes) -> None:
    try:
        message: Frame = decode(frame)
    except Garbage:
        return
    assert isinstance(message, Message | Unknown)


@given(st.text(st.characters()))
def test_any_body_is_read_or_garbage(body: str) -> None:
    try:
        read_body(body, Channel)
    except Garbage as error:
        assert "Channel" in str(error)  # noqa: PT017 - either outcome is right; this one must explain itself


def test_a_request_without_parameters_has_no_body() -> None:
    assert encode_request("7", "POST", "channels/1.2/answer") == (
        b'{"type":"RESTRequest","request_id":"7","method":"POST","uri":"channels/1.2/answer"}'
    )


def test_parameters_travel_as_json_inside_the_json() -> None:
    frame = encode_request("8", "POST", "channels/1.2/variable", {"variable": "ROUTE", "value": '{"数":"a,b"}'})
    outer = json.loads(frame)
    assert outer["content_type"] == "application/json"
    assert json.loads(outer["message_body"]) == {"variable": "ROUTE", "value": '{"数":"a,b"}'}


def test_a_frame_asterisk_would_not_read_is_refused() -> None:
    overhead = len(encode_request("1", "POST", "x", {"value": ""}))
    assert len(encode_request("1", "POST", "x", {"value": "a" * (FRAME_LIMIT - overhead)})) == FRAME_LIMIT
    with pytest.raises(TooLarge, match=f"found {FRAME_LIMIT + 1} bytes, expected at most {FRAME_LIMIT}"):
        encode_request("1", "POST", "x", {"value": "a" * (FRAME_LIMIT - overhead + 1)})


def test_the_event_filter_names_every_type_we_decode() -> None:
    tags = {kind.__name__ for kind in Message.__subclasses__()}
    assert set(EVENT_TYPES) == tags
    assert {"RESTResponse", ApplicationReplaced.__name__} <= tags
    assert msgspec.json.Decoder(Known)


def test_every_event_belongs_to_a_channel() -> None:
    assert channel_of(ChannelDtmfReceived(channel=Channel(id="1.2"), digit="5")) == "1.2"
    assert channel_of(PlaybackFinished(playback=Playback(id="p", target_uri="channel:1.2"))) == "1.2"
    assert channel_of(PlaybackFinished(playback=Playback(id="p", target_uri="bridge:b"))) == ""
