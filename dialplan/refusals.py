"""Why a call is not connected: what the caller hears, and the Q.850 cause the call is released with."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """The value is also the key of the announcement in voice/rows and the extension in [refuse]."""

    NOT_IN_USE = "not-in-use"
    SUSPENDED = "suspended"
    CANNOT_BE_REACHED = "cannot-be-reached"
    FORWARD_REFUSED = "forward-refused"
    FORWARD_LOOP = "forward-loop"
    NO_ANSWER = "no-answer"
    NUISANCE_BLOCKED = "nuisance-blocked"
    NUMBER_REQUEST = "number-request"
    CALLER_NOT_ALLOWED = "caller-not-allowed"
    CANNOT_BE_DIALLED = "cannot-be-dialled"
    INTERNATIONAL_CLOSED = "international-closed"
    LIMIT_REACHED = "limit-reached"
    TRY_LATER = "try-later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    refusal: Refusal
    cause: int
    """ITU-T Q.850; Asterisk turns it into the SIP status and the Reason header."""


RELEASES = (
    Release(refusal=Refusal.NOT_IN_USE, cause=1),  # unallocated number
    Release(refusal=Refusal.SUSPENDED, cause=21),  # call rejected
    Release(refusal=Refusal.CANNOT_BE_REACHED, cause=20),  # subscriber absent
    Release(refusal=Refusal.FORWARD_REFUSED, cause=21),
    Release(refusal=Refusal.FORWARD_LOOP, cause=25),  # exchange routing error
    Release(refusal=Refusal.NO_ANSWER, cause=19),  # no answer from user (user alerted)
    Release(refusal=Refusal.NUISANCE_BLOCKED, cause=21),
    Release(refusal=Refusal.NUMBER_REQUEST, cause=21),
    Release(refusal=Refusal.CALLER_NOT_ALLOWED, cause=21),
    Release(refusal=Refusal.CANNOT_BE_DIALLED, cause=21),
    Release(refusal=Refusal.INTERNATIONAL_CLOSED, cause=21),
    Release(refusal=Refusal.LIMIT_REACHED, cause=21),
    Release(refusal=Refusal.TRY_LATER, cause=41),  # temporary failure
)
