"""Where flows are started: the first argument of Stasis() names the flow."""

import structlog

from agi.ari.client import Arrival
from agi.desk import Desk
from agi.flows.callback import callback, rings_first
from agi.flows.entrances import Flow, by_number, from_handset
from agi.flows.forward_menu import forward_menu
from agi.flows.forwarding import incoming
from agi.flows.member_menu import member_menu
from agi.flows.nuisance_menu import nuisance_menu
from agi.flows.number_request import number_request
from agi.flows.outbound import outgoing
from agi.flows.remote import remote
from agi.flows.select_menu import select_menu
from dialplan.codes import CALLBACK, MEMBER_MENU, REMOTE
from dialplan.errors import BadValue

FLOWS: dict[str, Flow] = {
    "incoming": incoming,
    "outgoing": outgoing,
    "forward-menu": from_handset(forward_menu),
    "nuisance-menu": from_handset(nuisance_menu),
    "select-menu": from_handset(select_menu),
    "number-request": from_handset(number_request),
    MEMBER_MENU: rings_first(by_number(member_menu)),
    CALLBACK: callback,
    REMOTE: remote,
}


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
