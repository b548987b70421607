"""The story of one call, told from what both its ends reported. Pure: events in, a value out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from lab import headers
from lab.behaviour import Act

Event = Mapping[str, str]
"""An AMI event. `Timestamp` is Asterisk's own clock, seconds."""

_UP = "6"
_RINGING = "5"
_UNHEARD = {Act.BUSY, Act.REJECTED, Act.UNALLOCATED, Act.CONGESTION, Act.ANNOUNCED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call as it was asked for. `token` is the unique id its first channel was given."""

    token: str
    role: str
    from_: str
    to: str
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What the caller saw. Times are seconds after the call was placed, None where it did not happen.

    `sip` is the final answer to the INVITE, None when the caller gave up before one. `cause` is Q.850 as the
    caller's side understood it. `announcement` is when sound was first heard before the answer.
    """

    answered: float | None
    ringing: float | None
    early_media: float | None
    announcement: float | None
    forwarded: float | None
    ended: float
    sip: int | None
    cause: int | None
    released_by: str
    dtmf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A far end the call reached. `where` is carrier or phones, `number` what was dialled there (a handset's
    SIP user on phones); `shown`, `asserted` and `diverted_by` are the users of From, P-Asserted-Identity and
    Diversion, and the headers themselves are kept as they came.
    """

    where: str
    number: str
    act: str
    rang: bool
    shown: str
    asserted: str
    privacy: str
    diverted_by: str
    from_header: str
    diversion: str
    history: str
    reached: float
    answered: float | None
    ended: float | None
    cause: int | None
    dtmf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    from_: str
    to: str
    withheld: bool
    caller: Caller
    legs: tuple[Leg, ...]
    charges: tuple[Mapping[str, object], ...] = ()

    @property
    def talked(self) -> float:
        """Seconds between the answer and the end as the caller saw them."""
        return 0.0 if self.caller.answered is None else self.caller.ended - self.caller.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A far end's first words about a call, and its channel."""

    where: str
    channel: str
    act: str
    number: str
    from_header: str
    asserted: str
    privacy: str
    diversion: str
    history: str
    at: float


def arrival(where: str, event: Event) -> Arrival:
    """Of a UserEvent "Leg"."""

    def field(name: str) -> str:
        return unquote(event.get(name, ""), errors="replace")

    return Arrival(
        where=where,
        channel=event["Uniqueid"],
        act=event.get("Act", ""),
        number=field("Number"),
        from_header=field("From"),
        asserted=field("Asserted"),
        privacy=field("Privacy"),
        diversion=field("Diversion"),
        history=field("History"),
        at=float(event["Timestamp"]),
    )


def tell(asked: Asked, own: Sequence[Event], far: Sequence[tuple[Arrival, Sequence[Event]]]) -> Placed:
    """`own` are the events of the caller's channels, `far` those of each leg, in the order they were reported."""
    start = float(own[0]["Timestamp"])
    legs = (_leg(start, first, events) for first, events in sorted(far, key=lambda leg: leg[0].at))
    return Placed(
        from_=asked.from_,
        to=asked.to,
        withheld=asked.withheld,
        caller=_caller(start, own),
        legs=tuple(legs),
    )


def _caller(start: float, own: Sequence[Event]) -> Caller:
    wire = [event for event in own if event.get("Channel", "").startswith("PJSIP/")]
    last = next(event for event in wire if event["Event"] == "Hangup")
    answered = _when(start, wire, "Newstate", ChannelState=_UP)
    refused = int(last.get("TechCause") or 0) or None
    by_caller = (
        refused is None if answered is None else _when(start, own, "UserEvent", UserEvent="Released") is not None
    )
    return Caller(
        answered=answered,
        ringing=_when(start, wire, "Newstate", ChannelState=_RINGING),
        early_media=_when(start, own, "DialState", DialStatus="PROGRESS"),
        announcement=_when(start, wire, "ChannelTalkingStart"),
        forwarded=_when(start, own, "UserEvent", UserEvent="Diverted"),
        ended=round(float(last["Timestamp"]) - start, 3),
        sip=refused if answered is None else 200,
        cause=int(last.get("Cause") or 0) or None,
        released_by="caller" if by_caller else "far end",
        dtmf=_digits(wire),
    )


def _leg(start: float, first: Arrival, events: Sequence[Event]) -> Leg:
    mine = [event for event in events if event.get("Uniqueid") == first.channel]
    ended = _when(start, mine, "Hangup")
    causes = [int(event.get("Cause") or 0) for event in mine if event["Event"] == "Hangup"]
    return Leg(
        where=first.where,
        number=first.number,
        act=first.act,
        rang=first.act not in _UNHEARD,
        shown=headers.shown(first.from_header),
        asserted=headers.user(first.asserted),
        privacy=first.privacy,
        diverted_by=headers.user(first.diversion),
        from_header=first.from_header,
        diversion=first.diversion,
        history=first.history,
        reached=round(first.at - start, 3),
        answered=_when(start, mine, "Newstate", ChannelState=_UP),
        ended=ended,
        cause=causes[0] if causes else None,
        dtmf=_digits(mine),
    )


def _digits(events: Sequence[Event]) -> str:
    heard = [e for e in events if e["Event"] == "DTMFEnd" and e.get("Direction") == "Received"]
    return "".join(event.get("Digit", "") for event in heard)


def _when(start: float, events: Sequence[Event], kind: str, **fields: str) -> float | None:
    for event in events:
        if event["Event"] == kind and all(event.get(name) == value for name, value in fields.items()):
            return round(float(event["Timestamp"]) - start, 3)
    return None
