"""What travels over the ARI websocket, as frozen messages (bytes in, messages out; no sockets here).

Shapes checked against Asterisk 22.10 and its rest-api/api-docs/events.json, channels.json, playbacks.json.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from agi.ari.errors import Garbage, TooLarge

# Asterisk 22.10 reads a frame into a buffer of 65,535 bytes, header and all, and closes the whole
# connection (1009) for a longer one; 65,1xx bytes were seen to pass.
FRAME_LIMIT = 65_000


class Caller(msgspec.Struct, frozen=True, gc=False):
    name: str = ""
    number: str = ""


class Dialplan(msgspec.Struct, frozen=True, gc=False):
    context: str = ""
    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct, frozen=True):
    id: str
    name: str = ""
    state: str = ""
    caller: Caller = Caller()
    dialplan: Dialplan = Dialplan()
    creationtime: str = ""
    channelvars: dict[str, str] = {}

    @property
    def created(self) -> datetime | None:
        """When Asterisk made the channel, with its zone; None if it sent nothing readable."""
        try:
            return datetime.fromisoformat(self.creationtime)
        except ValueError:
            return None

    @property
    def stasis_args(self) -> tuple[str, ...]:
        """The arguments of the Stasis() it waits in, as StasisStart would have given them.

        app_data is the raw text `app,arg,arg`: an argument must hold no comma and no quoting.
        """
        if self.dialplan.app_name != "Stasis":
            return ()
        return tuple(self.dialplan.app_data.split(",")[1:])


class Playback(msgspec.Struct, frozen=True, gc=False):
    id: str
    target_uri: str = ""
    state: str = ""
    media_uri: str = ""


class Message(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """A frame from Asterisk; its JSON `type` is the class's name."""


class StasisStart(Message, frozen=True):
    channel: Channel
    args: tuple[str, ...] = ()


class StasisEnd(Message, frozen=True):
    channel: Channel


class ChannelDestroyed(Message, frozen=True):
    channel: Channel
    cause: int = 0


class ChannelHangupRequest(Message, frozen=True):
    channel: Channel
    cause: int = 0
    soft: bool = False


class ChannelDtmfReceived(Message, frozen=True):
    channel: Channel
    digit: str
    duration_ms: int = 0


class PlaybackStarted(Message, frozen=True):
    playback: Playback


class PlaybackFinished(Message, frozen=True):
    """`playback.state` is `done`, or `failed` when the sound could not be played."""

    playback: Playback


class ApplicationReplaced(Message, frozen=True):
    application: str = ""


class RESTResponse(Message, frozen=True):
    """The answer to one RESTRequest. `message_body` is JSON inside a JSON string; empty for a 204.

    `request_id` is empty when Asterisk could not read the request at all.
    """

    request_id: str
    status_code: int
    reason_phrase: str = ""
    message_body: str = ""


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """A well-formed event of a type we do not use."""

    type: str


CallEvent = (
    StasisStart
    | StasisEnd
    | ChannelDestroyed
    | ChannelHangupRequest
    | ChannelDtmfReceived
    | PlaybackStarted
    | PlaybackFinished
)
Known = CallEvent | ApplicationReplaced | RESTResponse
Frame = Known | Unknown

# The event filter withholds RESTResponse too (measured on 22.10): left out, every request times out.
EVENT_TYPES = tuple(
    kind.__name__
    for kind in (
        StasisStart,
        StasisEnd,
        ChannelDestroyed,
        ChannelHangupRequest,
        ChannelDtmfReceived,
        PlaybackStarted,
        PlaybackFinished,
        ApplicationReplaced,
        RESTResponse,
    )
)

_known: msgspec.json.Decoder[Known] = msgspec.json.Decoder(Known)
_any = msgspec.json.Decoder(Unknown)
_encoder = msgspec.json.Encoder()
# A stranger's deep nesting ends in RecursionError, a lone surrogate in UnicodeError.
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


def decode(frame: bytes | str) -> Frame:
    """One frame to one message. Raises Garbage, and nothing else, whatever the bytes are."""
    try:
        return _known.decode(frame)
    except _UNREADABLE as error:
        why = str(error)
    try:
        other = _any.decode(frame)
    except _UNREADABLE:
        raise Garbage(f"ARI frame of {len(frame)} bytes: {why}, expected a JSON object with a type") from None
    if other.type in EVENT_TYPES:
        raise Garbage(f"ARI frame of type {other.type}: {why}")
    return other


T = TypeVar("T")


def read_body(body: str, kind: type[T]) -> T:
    """The JSON body of an answer as `kind`. Raises Garbage."""
    try:
        return msgspec.json.decode(body, type=kind)
    except _UNREADABLE as error:
        raise Garbage(f"body of an ARI answer: {error}, expected {kind}") from None


class _Request(msgspec.Struct, frozen=True, tag_field="type", tag="RESTRequest", omit_defaults=True):
    request_id: str
    method: str
    uri: str
    content_type: str = ""
    message_body: str = ""


def encode_request(request_id: str, method: str, uri: str, params: Mapping[str, Any] | None = None) -> bytes:
    """A RESTRequest frame; `uri` has no leading slash, `params` go as its JSON body. Raises TooLarge."""
    if params:
        body = _encoder.encode(params).decode()
        request = _Request(request_id, method, uri, "application/json", body)
    else:
        request = _Request(request_id, method, uri)
    frame = _encoder.encode(request)
    if len(frame) > FRAME_LIMIT:
        raise TooLarge(f"{method} {uri}", len(frame), FRAME_LIMIT)
    return frame


def channel_of(event: CallEvent) -> str:
    """The id of the channel an event belongs to; empty for a playback on a bridge."""
    if isinstance(event, PlaybackStarted | PlaybackFinished):
        kind, _, target = event.playback.target_uri.partition(":")
        return target if kind == "channel" else ""
    return event.channel.id
