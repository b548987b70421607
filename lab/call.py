"""One real call through the lab, and what each end saw of it."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from dialplan.errors import BadValue
from lab import headers
from lab.configure import Handset
from lab.ends import Ends, Watched
from lab.errors import LabError, NotPlaced
from lab.story import Asked, Placed, tell

Charges = Callable[[Placed], Awaitable[Sequence[Mapping[str, object]]]]

_DIALLED = re.compile(r"[0-9A-Za-z*#+._-]{1,64}")
_CALLER = re.compile(r"[0-9+*#]{0,40}")
_KEYS = re.compile(r"[0-9A-Da-d*#wW]{0,64}")  # w and W wait half a second and a second
_SETTLING = 15.0
"""Seconds that legs may outlive their caller: SIP retransmits a BYE for longer than any of ours takes."""


async def place(
    ends: Ends,
    from_: str,
    to: str,
    withhold: bool = False,
    dtmf: str = "",
    talk_seconds: float = 1.0,
    *,
    from_handset: bool = False,
    patience: float = 240.0,
    directly: bool = False,
    charges: Charges | None = None,
) -> Placed:
    """Calls `to`, and returns when every leg has ended.

    From the carrier with `from_` as the caller's number; from a handset when `from_` is its SIP user, or its
    leased number and `from_handset` says so (184 is then dialled to withhold). Once answered, the keys of `dtmf`
    are sent and the caller hangs up `talk_seconds` later, at once after the keys if 0. An unanswered call is
    given up after `patience` seconds. `directly` goes past the switch: to a handset of the lab when `to` is its
    SIP user, else from the phones to the carrier.

    Raises BadValue for what cannot be dialled at all, NotPlaced when no INVITE left, LabError when the
    lab's parts are not there or a leg never ends.
    """
    handset = _handset(ends, from_, from_handset)
    _check("dialled number", to, _DIALLED, "1 to 64 of 0-9 A-Z a-z * # + . _ -")
    _check("DTMF keys", dtmf, _KEYS, "at most 64 of 0-9 A-D * # and w to wait")
    if handset is None:
        _check("caller's number", from_, _CALLER, "at most 40 of 0-9 + * #")
    if talk_seconds < 0 or patience < 1:
        raise BadValue("seconds", min(talk_seconds, patience), "talk 0 or more, patience 1 or more")
    role, trunk = _way(ends, handset, to, directly)
    prefix = "184" if handset is not None and withhold else ""
    token = uuid.uuid4().hex
    caller = (handset.number or handset.sip_user) if handset is not None else from_
    watched = ends.watch(Asked(token=token, role=role, from_=caller, to=to, withheld=withhold))
    variables = {
        "TO": (prefix + to).replace("#", "%23"),
        "FROM": caller,
        "PRES": "prohib" if withhold and handset is None else "allowed",
        "TRUNK": trunk,
        "KEYS": dtmf,
        "TALK": f"{talk_seconds:g}",
        "PATIENCE": f"{patience:g}",
    }
    try:
        await ends.ami(role).originate(
            variables,
            Channel="Local/s@place/n",
            ChannelId=token,
            OtherChannelId=f"{token}-2",
            Context="talk",
            Exten="s",
            Priority="1",
            Timeout=str(round((patience + 5) * 1000)),
        )
        await _over(ends, watched, role, patience + talk_seconds + len(dtmf) + _SETTLING)
    finally:
        ends.forget(watched)
    if not any(event.get("Channel", "").startswith("PJSIP/") for event in watched.own):
        raise NotPlaced(f"no call to {to} left the {role}: see its log (denwaban lab logs {role})")
    placed = tell(watched.asked, watched.own, list(watched.far.values()))
    return placed if charges is None else replace(placed, charges=tuple(await charges(placed)))


async def _over(ends: Ends, watched: Watched, role: str, limit: float) -> None:
    """The two ends report by connections of their own: what one has not told yet may open the call again."""
    lost: asyncio.Future[bool] = asyncio.ensure_future(ends.ami(role).lost.wait())
    try:
        async with asyncio.timeout(limit):
            while True:
                await asyncio.wait((watched.over, lost), return_when=asyncio.FIRST_COMPLETED)
                if lost.done():
                    raise LabError(f"the {role} went away during the call to {watched.asked.to}")
                await ends.settle()
                if not watched.open:
                    return
                watched.over = asyncio.get_running_loop().create_future()
                watched.settle()
    except TimeoutError:
        left = ", ".join(f"{where} {channel}" for where, channel in sorted(watched.open)) or "no channel was made"
        raise LabError(f"the call to {watched.asked.to} did not end within {limit:g} s: {left}") from None
    finally:
        lost.cancel()


def _way(ends: Ends, handset: Handset | None, to: str, directly: bool) -> tuple[str, str]:
    """The role that calls, and the endpoint it calls by."""
    if handset is not None:
        return "phones", f"handset-{handset.sip_user}"
    if not directly:
        return "carrier", "switch"
    return ("carrier", "phones") if to in ends.handsets else ("phones", "carrier")


def _handset(ends: Ends, from_: str, by_number: bool) -> Handset | None:
    if from_ in ends.handsets:
        return ends.handsets[from_]
    if not by_number:
        return None
    for handset in ends.handsets.values():
        if headers.same(handset.number, from_):
            return handset
    raise BadValue("handset to call from", from_, "the SIP user or the leased number of a handset of the lab")


def _check(thing: str, found: str, pattern: re.Pattern[str], expected: str) -> None:
    if not pattern.fullmatch(found):
        raise BadValue(thing, found, expected)
