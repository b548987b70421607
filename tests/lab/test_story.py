"""Stories told from events as a real Asterisk reported them, shortened to what counts."""

from lab.story import Asked, Event, arrival, tell

ASKED = Asked(token="t", role="carrier", from_="09011112222", to="0312345678", withheld=False)
WIRE = "PJSIP/switch-00000001"


def own(*rows: tuple[float, str, str, dict[str, str]]) -> list[Event]:
    ids = {WIRE: "carrier-2", "Local/s@place-1;1": "t", "Local/s@place-1;2": "t-2"}
    return [
        {"Event": kind, "Timestamp": f"{100 + at:.6f}", "Channel": channel, "Uniqueid": ids[channel], **more}
        for at, kind, channel, more in rows
    ]


START = (0.0, "Newchannel", "Local/s@place-1;1", dict[str, str]())


def test_a_call_that_was_refused() -> None:
    refused = {"Cause": "17", "TechCause": "486"}
    seen = tell(
        ASKED, own(START, (0.2, "Hangup", WIRE, refused), (0.3, "Hangup", "Local/s@place-1;1", {})), []
    ).caller
    assert (seen.answered, seen.sip, seen.cause, seen.released_by, seen.ended) == (None, 486, 17, "far end", 0.2)


def test_a_call_that_the_caller_gave_up() -> None:
    ringing = (0.1, "Newstate", WIRE, {"ChannelState": "5"})
    events = own(START, ringing, (3.0, "Hangup", "Local/s@place-1;2", {}), (3.1, "Hangup", WIRE, {"Cause": "0"}))
    seen = tell(ASKED, events, []).caller
    assert (seen.ringing, seen.answered, seen.sip, seen.cause, seen.released_by) == (0.1, None, None, None, "caller")


def test_an_answered_call_was_ended_by_the_caller_when_the_caller_says_so() -> None:
    up = (1.0, "Newstate", WIRE, {"ChannelState": "6"})
    done = {"Cause": "16"}
    said = (2.0, "UserEvent", "Local/s@place-1;1", {"UserEvent": "Released"})
    ends = ((2.0, "Hangup", WIRE, done), (2.0, "Hangup", "Local/s@place-1;1", done))
    caller, far = own(START, up, said, *ends), own(START, up, *ends)
    first, second = tell(ASKED, caller, []), tell(ASKED, far, [])
    assert (first.caller.released_by, first.caller.sip) == ("caller", 200)
    assert (second.caller.released_by, second.talked) == ("far end", 1.0)


def test_forwarding_and_announcement_are_noticed() -> None:
    progress: Event = {"Event": "DialState", "Timestamp": "100.3", "DialStatus": "PROGRESS", "DestLinkedid": "t"}
    events = own(
        START,
        (0.2, "UserEvent", WIRE, {"UserEvent": "Diverted", "By": "0312345678"}),
        (0.4, "ChannelTalkingStart", WIRE, {}),
        (5.0, "Hangup", WIRE, {"Cause": "20", "TechCause": "480"}),
    )
    seen = tell(ASKED, [*events[:2], progress, *events[2:]], []).caller
    assert (seen.forwarded, seen.early_media, seen.announcement) == (0.2, 0.3, 0.4)


def test_keys_are_those_that_were_received_on_the_wire() -> None:
    key = {"Digit": "5", "Direction": "Received"}
    events = own(
        START,
        (1.0, "DTMFEnd", WIRE, key),
        (1.1, "DTMFEnd", "Local/s@place-1;2", key),
        (1.2, "DTMFEnd", WIRE, {"Digit": "6", "Direction": "Sent"}),
        (2.0, "Hangup", WIRE, {"Cause": "16"}),
    )
    assert tell(ASKED, events, []).caller.dtmf == "5"


def test_a_leg_tells_what_it_saw() -> None:
    first = arrival(
        "carrier",
        {
            "Uniqueid": "far-1",
            "Timestamp": "100.5",
            "Act": "answer",
            "Number": "%231234",
            "From": "%22Anonymous%22%20%3Csip%3Aanonymous%40anonymous.invalid%3E",
            "Asserted": "%3Csip%3A09011112222%40127.0.0.1%3E",
            "Privacy": "id",
            "Diversion": "%3Csip%3A0312345678%40127.0.0.1%3E%3Breason%3Dunconditional",
        },
    )
    events: list[Event] = [
        {"Event": "Newstate", "Timestamp": "100.6", "Uniqueid": "far-1", "ChannelState": "6"},
        {"Event": "Hangup", "Timestamp": "101.0", "Uniqueid": "far-1", "Cause": "16"},
        {"Event": "Hangup", "Timestamp": "101.1", "Uniqueid": "hairpinned", "Cause": "17"},
    ]
    (leg,) = tell(ASKED, own(START, (1.0, "Hangup", WIRE, {})), [(first, events)]).legs
    assert (leg.number, leg.shown, leg.asserted, leg.privacy) == ("#1234", "anonymous", "09011112222", "id")
    assert (leg.diverted_by, leg.reached, leg.answered, leg.ended, leg.cause) == ("0312345678", 0.5, 0.6, 1.0, 16)
    assert leg.rang


def test_a_header_that_is_no_utf8_is_still_told() -> None:
    first = arrival("phones", {"Uniqueid": "f", "Timestamp": "1", "From": "%22%ff%fe%22%20%3Csip%3Ax%40y%3E"})
    assert first.from_header == '"\ufffd\ufffd" <sip:x@y>'
