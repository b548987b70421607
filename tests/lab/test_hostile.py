"""What a stranger on the wire can put into an INVITE does not get into our books."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from lab import lab, sip
from lab.until import until
from subscribers.records.lines import LineOptions
from tests.fixtures.service import Service

pytestmark = pytest.mark.lab


class _Caller(asyncio.DatagramProtocol):
    """Sends one INVITE and keeps what comes back."""

    def __init__(self) -> None:
        self.heard: list[sip.Message] = []

    def datagram_received(self, data: bytes, _: Any) -> None:
        self.heard.append(sip.parse(data))


async def invite(service: Service, user: str, source: str, display: str = "", to: str = "0312349999") -> _Caller:
    """An INVITE from `source`, with whatever `user` and `display` are, without anything being checked."""
    loop, at = asyncio.get_running_loop(), service.place.addresses
    transport, caller = await loop.create_datagram_endpoint(_Caller, local_addr=(source, 0))
    host, port = transport.get_extra_info("sockname")
    one = uuid.uuid4().hex
    headers = {
        "Via": f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{one}",
        "From": f"{display}<sip:{user}@{host}>;tag=1",
        "To": f"<sip:{to}@{at.switch}>",
        "Call-ID": f"{one}@{host}",
        "CSeq": "1 INVITE",
        "Contact": f"<sip:x@{host}:{port}>",
        "Max-Forwards": "70",
        "Content-Type": "application/sdp",
    }
    transport.sendto(
        sip.write(f"INVITE sip:{to}@{at.switch} SIP/2.0", headers, sip.offer(host, 30000)), (at.switch, at.sip)
    )
    try:
        await until(lambda: any((one.status or 0) >= 300 for one in caller.heard), 20, "a final answer")
    finally:
        transport.close()
    return caller


def said(service: Service, event: str) -> list[dict[str, Any]]:
    lines = lab.logs(service.place, "serve", 2000).splitlines()
    return [found for line in lines if line.startswith("{") and (found := json.loads(line)).get("event") == event]


@pytest.mark.parametrize(
    ("user", "display", "to"),
    [
        ("0901%0a%0aagi_uniqueid:%20sw1-1.1", "", "0312349999"),
        ("0901%0aagi_extension:%200312345678", "", "0312349999"),
        ("0901%01", "", "0312349999"),
        ("09011112222", "", "0312349999%0aagi_arg_1:%201"),
    ],
)
async def test_a_line_break_in_a_name_is_refused_before_it_can_become_a_line_of_the_hook(
    service: Service, user: str, display: str, to: str
) -> None:
    before = len(said(service, "ended")), len(said(service, "agi connection given up"))
    caller = await invite(service, user, service.place.addresses.carrier, display, to)
    assert next(one.status for one in caller.heard if one.status and one.status >= 300) in (400, 403, 404)
    assert (len(said(service, "ended")), len(said(service, "agi connection given up"))) == before


@pytest.mark.parametrize(
    ("user", "display"),
    [
        ("%24%7BHANGUPCAUSE%7D", ""),
        ("x", '"${SHELL(id)}, a, b"'),
        ("9" * 200, '"' + "長" * 60 + '"'),
        ("x'--", '"|;[]"'),
    ],
)
async def test_a_caller_made_of_dialplan_is_text_like_any_other(service: Service, user: str, display: str) -> None:
    before = len(said(service, "ended")), len(said(service, "agi connection given up"))
    caller = await invite(service, user, service.place.addresses.carrier, display)
    assert next(one.status for one in caller.heard if one.status and one.status >= 300) == 404
    await until(lambda: len(said(service, "ended")) > before[0], 5, "the hook of the refused call")
    assert len(said(service, "agi connection given up")) == before[1]


async def test_a_caller_made_of_variables_sets_none_where_the_leased_number_is_shown(
    service: Service,
) -> None:
    """The busy number is called that the line forwards to, not the one that answers."""
    line = service.line("0312349417", options=LineOptions(present_leased=True))
    user = "0901,DIAL=PJSIP%2f0312349450%40carrier"
    caller = await invite(service, user, service.place.addresses.carrier, to="0" + line.number[3:])
    assert [one.status for one in caller.heard if one.status and one.status >= 200] == [486]
    (booked,) = await service.booked(line)
    assert (booked.call.to_number, booked.call.outcome) == ("+81312349417", "BUSY")


async def test_a_stranger_who_is_no_trunk_gets_no_call(service: Service) -> None:
    stranger = service.place.addresses.carrier.rpartition(".")[0] + ".77"
    caller = await invite(service, "09011112222", stranger)
    assert next(one.status for one in caller.heard if one.status and one.status >= 300) == 401


async def test_a_stranger_who_calls_himself_by_a_trunks_name_gets_no_call_either(service: Service) -> None:
    """From is the sender's own to write, and a trunk asks for no password: only its address makes a trunk."""
    stranger = service.place.addresses.carrier.rpartition(".")[0] + ".78"
    caller = await invite(service, service.place.trunk().name, stranger)
    assert next(one.status for one in caller.heard if one.status and one.status >= 300) == 401
