"""What attackers are refused: counted by reason, and logged with the address it came from, for fail2ban to read."""

import structlog

from agi.ari.client import Arrival
from agi.ari.errors import AriError
from agi.desk import Desk
from dialplan.refusals import Refusal

log = structlog.get_logger()

HOSTILE = "hostile"
"""Counted for a call whose numbers or names are made to do harm; all others are counted by their Refusal."""

SUSPECT = frozenset({Refusal.LIMIT_REACHED, Refusal.INTERNATIONAL_CLOSED})
"""What somebody with a stolen password runs into, over and over."""

_PEER = "CHANNEL(pjsip,remote_addr)"


async def warn(desk: Desk, arrival: Arrival, event: str, reason: str, **known: object) -> None:
    """While the channel is still ours. `known` never carries a name that a stranger chose: no key is his to write.

    Asking costs Asterisk a turn of another thread: only for calls that are refused, or are not what they say.
    """
    log.warning(event, reason=reason, called=arrival.channel.dialplan.exten, peer=await _peer(desk, arrival), **known)


async def _peer(desk: Desk, arrival: Arrival) -> str | None:
    """The address a call's INVITE came from, without its port; None for a call that came by no wire, or is gone."""
    try:
        found = await desk.ari.get_variable(arrival.channel.id, _PEER)
    except AriError:
        return None
    return (found or "").rpartition(":")[0].strip("[]") or None
