"""Where flows are started: the first argument of Stasis() names the flow."""

import structlog

from agi.ari.client import Arrival
from agi.desk import Desk
from agi.flows.forwarding import incoming
from dialplan.errors import BadValue

FLOWS = {"incoming": incoming}


class Switchboard:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, arrival: Arrival) -> None:
        """Runs the call's flow to its end. Every log line below carries the call's identity.

        What it raises lets the call go on in the dialplan, whose survival rule then connects it (agi/ari).
        """
        name = arrival.args[0] if arrival.args else ""
        with structlog.contextvars.bound_contextvars(call=arrival.channel.id):
            flow = FLOWS.get(name)
            if flow is None:
                raise BadValue("flow", name, f"one of {', '.join(FLOWS)}, as extensions.conf gives it")
            await flow(self._desk, arrival)
