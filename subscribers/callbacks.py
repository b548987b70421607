"""A callback: the system calls a registered phone, and connects it with a number (services §4). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, dialled

TRIES = 3
PAUSES = (timedelta(seconds=30), timedelta(minutes=2))
"""Between the first try and the second, the second and the third."""

_KEYED = re.compile(r"[0-9*#+]{1,40}", re.ASCII)


class CallbackState(StrEnum):
    PENDING = "pending"
    CALLING = "calling"
    CONNECTED = "connected"  # the phone has answered
    ENDED = "ended"
    FAILED = "failed"


IN_FLIGHT = (CallbackState.PENDING, CallbackState.CALLING, CallbackState.CONNECTED)


class AskedBy(StrEnum):
    PHONE = "phone"  # it rang its leased number and hung up before the answer
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """
    phone    E.164 of the registered phone.
    number   what it is to be connected with, as dialled, 184 or 186 included; None: it is asked.
    tries    how often the phone was called, this time included.
    due_at   when it is called; None once it is no longer waiting.
    channel  Asterisk's identity of our call to the phone, the last one.
    reason   why it failed, or how the last try ended.
    """

    id: int
    line_id: int
    phone: str
    number: str | None
    asked_by: AskedBy
    asked_at: datetime
    state: CallbackState
    tries: int
    due_at: datetime | None
    called_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    channel: str | None = None
    reason: str | None = None


def check_number(text: str | None) -> str | None:
    """What the phone is to be connected with, in the digits that are dialled, 184 or 186 kept in front.

    Raises BadValue for what is no number, and for an emergency number, which is dialled directly.
    """
    if text is None:
        return None
    number = dialled(text)
    if number.kind is NumberClass.EMERGENCY:
        raise BadValue("number to connect", text, "no emergency number: it is dialled directly")
    if number.why is not None:
        raise BadValue("number to connect", text, number.why)
    prefix = {"show": "186", "withhold": "184"}.get(number.presentation, "")
    found = prefix + number.digits
    if not _KEYED.fullmatch(found):
        raise BadValue("number to connect", text, "digits as they are dialled")
    return found


def called(job: Callback, channel: str, at: datetime) -> Callback:
    """Raises BadValue unless it was waiting."""
    _must_be(job, CallbackState.PENDING)
    return replace(job, state=CallbackState.CALLING, tries=job.tries + 1, due_at=None, called_at=at, channel=channel)


def answered(job: Callback, at: datetime) -> Callback:
    """Raises BadValue unless the phone was being called."""
    _must_be(job, CallbackState.CALLING)
    return replace(job, state=CallbackState.CONNECTED, connected_at=at, reason=None)


def over(job: Callback, at: datetime, reason: str, pauses: Sequence[timedelta] = PAUSES) -> Callback:
    """Our call to the phone is gone: the end of an answered one, else one more try or the last.

    Raises BadValue when there was none.
    """
    if job.state is CallbackState.CONNECTED:
        return replace(job, state=CallbackState.ENDED, ended_at=at)
    _must_be(job, CallbackState.CALLING)
    if job.tries >= TRIES:
        return given_up(job, at, reason)
    return replace(job, state=CallbackState.PENDING, due_at=at + pauses[job.tries - 1], reason=reason)


def given_up(job: Callback, at: datetime, reason: str) -> Callback:
    """Raises BadValue for one that is over already."""
    _must_be(job, *IN_FLIGHT)
    return replace(job, state=CallbackState.FAILED, due_at=None, ended_at=at, reason=reason)


def identities(switch: str, job: Callback, at: datetime) -> tuple[str, str]:
    """The identities of the next try's two channels, on the phone's side and on ours, in the form all calls have.

    They are laid down before anything is called, so that whoever comes after a crash knows what to look for.
    """
    serial = f"{int(at.timestamp())}.{job.id}{job.tries + 1}"
    return f"{switch}{_CALL}-{serial}", f"{switch}{_LEG}-{serial}"


def leg_of(channel: str) -> str:
    """The identity on our side of the one on the phone's side: the call to the phone has its record there."""
    switch, _, serial = channel.partition("-")
    return f"{switch.removesuffix(_CALL)}{_LEG}-{serial}"


def made_by(switch: str) -> str:
    """How the identities on the phone's side begin that were made for this switch."""
    return f"{switch}{_CALL}-"


_CALL, _LEG = "CB", "CBL"
"""Capitals: no switch has any in its name, so the identities are nobody else's."""


def _must_be(job: Callback, *states: CallbackState) -> None:
    if job.state not in states:
        raise BadValue(f"callback {job.id}", job.state, " or ".join(states))
