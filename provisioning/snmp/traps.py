"""Hearing devices: SNMP traps, v2c and v3, as a reason to look at the sender at once.

A trap is a hint, never the truth: what it says is not read, its sender is polled. So a lost one costs a minute at
most, and a forged one a poll.

v2c is told apart by pysnmp's routing callback and read with its message classes, without the engine's tables of
communities. v3 is the engine's: it knows the users that the client has polled, and a device's own engine id since its
first answer; a trap sent before that is counted as refused.
"""

import socket
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from pyasn1.codec.ber import decoder
from pysnmp.carrier.asyncio.dgram.udp import DOMAIN_NAME, UdpAsyncioTransport
from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.ntfrcv import NotificationReceiver
from pysnmp.proto.api import v2c
from pysnmp.proto.api.verdec import decode_message_version

from provisioning.device import SnmpVersion
from provisioning.snmp.target import Target

log = structlog.get_logger(__name__)

TRAP_PORT = 162
_DOMAIN = (*DOMAIN_NAME, 2)
"""One more of the kind: the first is the one that the engine asks from."""
_V2C, _GARBAGE = "v2c", "garbage"
_AUTH_PRIV = 3
_BUFFER = 4 * 1024 * 1024  # as far as the kernel allows; for a power cut, when everybody starts at once
_LOGGED = 1000


class TrapReceiver:
    """`counts`: heard (v2c traps and informs, v3 ones of known users), hints, strangers (from an address of no
    device), refused (not the device's community, user or level), garbage. To be used from one event loop.
    """

    def __init__(self, engine: SnmpEngine, hint: Callable[[int], None]) -> None:
        """`hint` is told the device that sent something."""
        self.counts: Counter[str] = Counter()
        self._engine, self._hint = engine, hint
        self._communities: dict[str, dict[bytes, int]] = {}
        self._users: dict[str, int] = {}
        self._logged: set[tuple[str, str]] = set()
        self._transport: Any = None
        self._receiver: Any = None

    def know(self, targets: Mapping[int, Target]) -> None:
        """From now on these devices, by id."""
        self._communities, self._users = {}, {}
        for device_id, target in targets.items():
            if target.version is SnmpVersion.V2C:
                self._communities.setdefault(target.address, {})[target.secret.encode()] = device_id
            else:
                self._users[target.user] = device_id

    def open(self, address: str, port: int = TRAP_PORT) -> tuple[str, int]:
        """Listens; returns the address and port it is bound to. Raises OSError. `close` it."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            sock.bind((address, port))
            sock.setblocking(False)
        except OSError:
            sock.close()
            raise
        carrier = self._carrier()
        self._transport = UdpAsyncioTransport().open_server_mode(sock=sock)
        carrier.register_transport(_DOMAIN, self._transport)
        carrier.register_routing_callback(self._route)
        carrier.register_recv_callback(self._plain, _V2C)
        carrier.register_recv_callback(self._garbage, _GARBAGE)
        self._receiver = NotificationReceiver(self._engine, self._secured)
        self._engine.observer.register_observer(self._not_secured, "rfc3412.prepareDataElements:sm-failure")
        bound: tuple[str, int] = sock.getsockname()
        return bound

    def close(self) -> None:
        if self._transport is None:
            return
        carrier = self._carrier()
        self._receiver.close(self._engine)
        self._engine.observer.unregister_observer(self._not_secured)
        carrier.unregister_routing_callback()
        carrier.unregister_recv_callback(_V2C)
        carrier.unregister_recv_callback(_GARBAGE)
        carrier.unregister_transport(_DOMAIN)
        self._transport.close_transport()
        self._transport = None

    def _carrier(self) -> Any:
        """The engine's own, which pysnmp makes only when something is asked for the first time."""
        if self._engine.transport_dispatcher is None:
            self._engine.register_transport_dispatcher(AsyncioDispatcher())
        return self._engine.transport_dispatcher

    def _route(self, domain: tuple[int, ...], sender: Any, datagram: bytes) -> str | None:
        """What reads it: None is the engine."""
        try:
            version = int(decode_message_version(datagram))
        except Exception:
            return _GARBAGE
        if version == 3 or tuple(domain) != _DOMAIN:
            return None
        return _V2C if version == 1 else _GARBAGE

    def _garbage(self, carrier: Any, domain: Any, sender: Any, datagram: bytes) -> None:
        self.counts["garbage"] += 1
        self._log_once("trap not understood", str(sender[0]))

    def _plain(self, carrier: Any, domain: Any, sender: Any, datagram: bytes) -> None:
        address = str(sender[0])
        try:
            message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
            kind = v2c.apiMessage.get_pdu(message).tagSet
            community = v2c.apiMessage.get_community(message).asOctets()
        except Exception:
            self._garbage(carrier, domain, sender, datagram)
            return
        if kind not in (v2c.SNMPv2TrapPDU.tagSet, v2c.InformRequestPDU.tagSet):
            self._garbage(carrier, domain, sender, datagram)
            return
        self.counts["heard"] += 1
        known = self._communities.get(address)
        if known is None:
            self.counts["strangers"] += 1
            self._log_once("trap from a stranger", address)
        elif community not in known:
            self.counts["refused"] += 1
            self._log_once("trap with a wrong community", address)
        else:
            self.counts["hints"] += 1
            self._hint(known[community])

    def _secured(self, engine: Any, reference: Any, *_: Any) -> None:
        context = engine.observer.get_execution_context("rfc3412.receiveMessage:request")
        self.counts["heard"] += 1
        user, level = str(context["securityName"]), int(context["securityLevel"])
        device_id = self._users.get(user)
        if device_id is None or level != _AUTH_PRIV:
            self.counts["refused"] += 1
            self._log_once("trap of no device's user", str(context["transportAddress"][0]))
        else:
            self.counts["hints"] += 1
            self._hint(device_id)

    def _not_secured(self, engine: Any, point: str, variables: Mapping[str, Any], _: Any) -> None:
        if tuple(variables["transportDomain"]) == _DOMAIN:
            self.counts["refused"] += 1
            self._log_once("trap that proves nothing", str(variables["transportAddress"][0]))

    def _log_once(self, event: str, address: str) -> None:
        if (event, address) not in self._logged and len(self._logged) < _LOGGED:
            self._logged.add((event, address))
            log.warning(event, address=address)
