"""The Route: a decision in the form the dialplan executes. Pure; templates/asterisk/extensions.conf.j2 reads it."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from dialplan.errors import BadValue
from dialplan.refusals import Refusal

UNANSWERED_SECONDS = 180
"""An unanswered leg is dropped after 3 minutes (seed 004)."""

_LIMIT = 3000
"""Characters a Route may have: Asterisk substitutes variables in buffers of 4096."""

_FIELD = re.compile(r"[A-Za-z0-9_./@&*#+:-]*")
_OUTCOME = re.compile(r"[A-Z][A-Z0-9]*")


class Outcome(StrEnum):
    """How a leg that nobody answered ended, in the words of Asterisk's DIALSTATUS."""

    BUSY = "BUSY"
    NO_ANSWER = "NOANSWER"
    UNAVAILABLE = "CHANUNAVAIL"
    CONGESTION = "CONGESTION"
    FULL = "FULL"  # not Asterisk's: the trunk carries as many calls as it takes


TRUNK_FAILED = (Outcome.FULL.value, *(f"C{cause}" for cause in (3, 18, 20, 27, 29, 34, 38, 41, 42, 102, 127)))
"""For `Leg.then`: the carrier could not take the call, by the Q.850 cause that Asterisk makes of 408, of 5xx and
of a peer that does not answer OPTIONS. They count only while the caller has heard nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One attempt.

    dial     what Dial is given: PJSIP/h12, PJSIP/09011112222@carrier, Local/0312345679@on-switch.
    ring     seconds until the attempt is given up.
    group    legs of one group are counted together; with `limit` of them up, this one counts as busy.
    then     the outcomes after which the next leg is tried: of Outcome, or of TRUNK_FAILED.
    diverting  the leased number to name in Diversion when the leg is a forwarded one, national digits.
    show     the number to show instead of the caller's own, national digits; None leaves the caller's.
    trunk    the trunk it goes by, None for a handset or another line of ours; with `capacity` calls on it, the leg
             ends as FULL.
    talk     milliseconds it may last once answered: the core ends it then. None is for ever.
    out      a call out, on which the number shown has been set already.
    """

    dial: str
    ring: int = UNANSWERED_SECONDS
    group: str
    limit: int
    then: tuple[str, ...] = ()
    diverting: str | None = None
    show: str | None = None
    trunk: str | None = None
    capacity: int | None = None
    talk: int | None = None
    out: bool = False

    @property
    def how(self) -> str:
        """The steps of [route] it needs."""
        if self.diverting is None:
            return "out" if self.out else "handset"
        return "forward" if self.show is None else "show"

    def __post_init__(self) -> None:
        for name in ("dial", "group", "diverting", "show", "trunk"):
            value = getattr(self, name) or ""
            if not _FIELD.fullmatch(value):  # a comma or ${ here would be executed, not dialled
                raise BadValue(f"leg's {name}", value, "letters, digits and _./@&*#+:- only")
        for word in self.then:
            if not _OUTCOME.fullmatch(word):
                raise BadValue("leg's outcome", word, "a word of Outcome or TRUNK_FAILED")
        if self.show is not None and self.diverting is None:
            raise BadValue("leg's number to show", self.show, "none on a leg that is not forwarded")
        if self.out and self.diverting is not None:
            raise BadValue("leg", self.dial, "either forwarded or a call out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Legs to try in order, or a refusal; `line` pays for what is charged, None when the number is nobody's."""

    line: int | None
    legs: tuple[Leg, ...] = ()
    refusal: Refusal | None = None

    def __post_init__(self) -> None:
        if bool(self.legs) == (self.refusal is not None):
            raise BadValue("route", self.legs or self.refusal, "either legs or a refusal")
        if self.legs and self.legs[-1].then:
            raise BadValue("last leg of a route", self.legs[-1].dial, "one that no other leg is tried after")


def encode(route: Route) -> str:
    """The JSON the dialplan decodes. A leg is one comma-separated string, so that reading it costs one decode.

    Raises BadValue when the Route is longer than a channel variable may be.
    """
    text = json.dumps(
        {
            "line": route.line,
            "legs": [_encode_leg(leg) for leg in route.legs],
            "say": route.refusal or "",
        },
        separators=(",", ":"),
    )
    if len(text) > _LIMIT:
        raise BadValue("route", f"{len(text)} characters", f"{_LIMIT} at most")
    return text


_NO_TRUNK = "-"  # a name that no trunk has, for Asterisk to count by


def _encode_leg(leg: Leg) -> str:
    fields = (
        leg.how,
        leg.dial,
        leg.ring,
        leg.group,
        leg.limit,
        "&".join(leg.then),
        leg.diverting or "",
        leg.show or "",
        leg.trunk or _NO_TRUNK,
        "" if leg.capacity is None else leg.capacity,
        "" if leg.talk is None else f"L({leg.talk})",
    )
    return ",".join(str(field) for field in fields)


def decode(text: str) -> Route:
    """The inverse of `encode`, for reading a survival copy back. Raises BadValue for anything else."""
    try:
        found = json.loads(text)
        legs = tuple(_decode_leg(leg) for leg in found["legs"])
        return Route(line=found["line"], legs=legs, refusal=Refusal(found["say"]) if found["say"] else None)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        if isinstance(wrong, BadValue):
            raise
        raise BadValue("route", text, f"a Route's JSON ({wrong})") from None


def _decode_leg(text: str) -> Leg:
    how, dial, ring, group, limit, then, diverting, show, trunk, capacity, talk = text.split(",")
    return Leg(
        dial=dial,
        ring=int(ring),
        group=group,
        limit=int(limit),
        then=tuple(word for word in then.split("&") if word),
        diverting=diverting or None,
        show=show or None,
        trunk=trunk if trunk != _NO_TRUNK else None,
        capacity=int(capacity) if capacity else None,
        talk=int(talk[2:-1]) if talk else None,
        out=how == "out",
    )
