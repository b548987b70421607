"""Asking devices by SNMP, with pysnmp.

v2c goes through pysnmp's v1arch: measured at 0.5 ms of CPU a poll of five objects, against 0.75 ms through the SNMP
engine, which besides keeps rows per device in tables that are rebuilt whenever one is added (1,000 devices: 16 s of
CPU). v3 needs the engine: one for all. Its first poll of each device costs 20 ms at 1,000 users for the same reason
(at 300: 7 ms), each further one 1.1 ms.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import structlog
from pysnmp.hlapi.v1arch.asyncio import CommunityData, SnmpDispatcher
from pysnmp.hlapi.v1arch.asyncio import UdpTransportTarget as PlainTarget
from pysnmp.hlapi.v1arch.asyncio import get_cmd as plain_get
from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC96_SHA,
    USM_KEY_TYPE_MASTER,
    USM_PRIV_CFB128_AES,
    ContextData,
    ObjectIdentity,
    ObjectType,
    OctetString,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
)
from pysnmp.hlapi.v3arch.asyncio import get_cmd as secured_get
from pysnmp.proto.errind import requestTimedOut
from pysnmp.proto.rfc1902 import Integer32, Null, ObjectName, TimeTicks
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from provisioning.device import SnmpVersion
from provisioning.snmp.readings import Answer, Kind, Oid, Value
from provisioning.snmp.target import NoAnswer, Target

log = structlog.get_logger(__name__)

SECONDS = 2.0
RETRIES = 1
"""One packet lost is no miss."""
AT_ONCE = 200
"""Requests under way. Dead devices hold their places for SECONDS × (1 + RETRIES): 50 a second may be dead before
anybody has to wait, three times 1,000 devices a minute."""
TOGETHER = 24
"""Objects in a request: their answer stays within one Ethernet frame."""
_ENOUGH_OIDS = 4096
_ENOUGH_TARGETS = 10_000


class Client:
    """`poll` is a provisioning.snmp.target.Poll. To be used from one event loop. `counts`: polls, answers, timeouts,
    refused, errors (an answer that is only an error status), garbage (datagrams that are no answers).

    An answer to v2c is known by its request id alone: whoever can send from inside the devices' network can forge
    one, as the protocol has it. v3 is for networks where that matters.
    """

    def __init__(self, *, seconds: float = SECONDS, retries: int = RETRIES, at_once: int = AT_ONCE) -> None:
        self.counts: Counter[str] = Counter()
        self._seconds, self._retries = seconds, retries
        self._places = asyncio.Semaphore(at_once)
        self._targets: dict[tuple[type, str, int], Any] = {}
        self._plain: SnmpDispatcher | None = None
        self._engine: SnmpEngine | None = None

    @property
    def engine(self) -> SnmpEngine:
        """The one engine, made at its first use; it knows the users of all v3 devices polled so far."""
        if self._engine is None:
            self._engine = SnmpEngine()
        return self._engine

    async def poll(self, target: Target, oids: Sequence[Oid]) -> Answer | NoAnswer:
        """More than `TOGETHER` objects go in several requests: the first decides whether the device is there, and
        what a later one does not get is missing from the answer.
        """
        async with self._places:
            self.counts["polls"] += 1
            found = dict[Oid, Value]()
            for start in range(0, max(len(oids), 1), TOGETHER):
                heard = await self._request(target, oids[start : start + TOGETHER])
                if isinstance(heard, NoAnswer):
                    if target.version is SnmpVersion.V3:
                        _forget_engine(self.engine, target)
                    self.counts["timeouts" if heard.why == _TIMED_OUT else "refused"] += 1
                    if start == 0:
                        return heard
                    break
                found.update(heard)
            self.counts["answers"] += 1
            return found

    async def _request(self, target: Target, oids: Sequence[Oid]) -> Answer | NoAnswer:
        asks = self._ask_plain if target.version is SnmpVersion.V2C else self._ask_secured
        try:
            indication, status, index, found = await asks(target, oids)
            if indication is not None:
                return NoAnswer(why=str(indication)[:200])
            if int(status) != 0:  # it is there, but has nothing to say
                self.counts["errors"] += 1
                log.warning("snmp error status", address=target.address, status=int(status), index=int(index))
                return {}
            return {".".join(map(str, tuple(name))): value(content) for name, content in found}
        except Exception as error:  # pysnmp raises a dozen kinds, for a secret too short as for a strange answer
            return NoAnswer(why=f"{type(error).__name__}: {error}"[:200])

    async def close(self) -> None:
        if self._plain is not None:
            self._plain.transport_dispatcher.close_dispatcher()
        if self._engine is not None:
            self._engine.close_dispatcher()
        await asyncio.sleep(0)  # asyncio closes the sockets in its next round

    async def _ask_plain(self, target: Target, oids: Sequence[Oid]) -> tuple[Any, Any, Any, Any]:
        if self._plain is None:
            self._plain = self._listening()
        whom = await self._whom(PlainTarget, target)
        asked = [(_name(oid), _NULL) for oid in oids]
        found: tuple[Any, Any, Any, Any] = await plain_get(
            self._plain,
            CommunityData(target.secret, mpModel=1),  # noqa: S508 - most adapters speak nothing better
            whom,
            *asked,
            lookupMib=False,
        )
        return found

    async def _ask_secured(self, target: Target, oids: Sequence[Oid]) -> tuple[Any, Any, Any, Any]:
        key = OctetString(_master_key(target.secret))
        user = UsmUserData(
            target.user,
            key,
            key,
            authProtocol=USM_AUTH_HMAC96_SHA,
            privProtocol=USM_PRIV_CFB128_AES,
            authKeyType=USM_KEY_TYPE_MASTER,
            privKeyType=USM_KEY_TYPE_MASTER,
        )
        whom = await self._whom(UdpTransportTarget, target)
        asked = [_object(oid) for oid in oids]
        found: tuple[Any, Any, Any, Any] = await secured_get(
            self.engine, user, whom, ContextData(), *asked, lookupMib=False
        )
        return found

    async def _whom(self, kind: Any, target: Target) -> Any:
        """Kept: to make one, pysnmp asks the resolver in a thread."""
        key = (kind, target.address, target.port)
        if key not in self._targets:
            if len(self._targets) >= _ENOUGH_TARGETS:
                self._targets.clear()
            there = (target.address, target.port)
            self._targets[key] = await kind.create(there, timeout=self._seconds, retries=self._retries)
        return self._targets[key]

    def _listening(self) -> SnmpDispatcher:
        """pysnmp's dispatcher, but a datagram that is no answer is counted instead of raised in the event loop."""
        made = SnmpDispatcher()
        carrier = made.transport_dispatcher
        heard = made._recv_callback

        def survive(*given: Any) -> Any:
            try:
                return heard(*given)
            except Exception:
                self.counts["garbage"] += 1
                return b""

        carrier.unregister_recv_callback()
        carrier.register_recv_callback(survive)
        return made


_NULL = Null("")
_TIMED_OUT = str(requestTimedOut)


@lru_cache(_ENOUGH_OIDS)
def _name(oid: Oid) -> ObjectName:
    return ObjectName(oid)


@lru_cache(_ENOUGH_OIDS)
def _object(oid: Oid) -> ObjectType:
    """Kept because pysnmp looks every one up in its MIBs: that is a third of a poll's CPU."""
    return ObjectType(ObjectIdentity(oid))


@lru_cache(_ENOUGH_OIDS)
def _master_key(phrase: str) -> bytes:
    """RFC 3414 A.2.2, before it is localised. pysnmp takes 6 ms for it, twice a device."""
    octets = phrase.encode()
    if len(octets) < 8:
        raise ValueError("SNMPv3 pass phrase: found fewer than 8 octets, expected 8 or more")
    whole, part = divmod(1_048_576, len(octets))
    return hashlib.sha1(octets * whole + octets[:part]).digest()  # noqa: S324 - the protocol's own


def _forget_engine(engine: Any, target: Target) -> None:
    """Which engine id this address had: a device that was reset has another one, and its report of that is dropped
    by pysnmp, which asks the old one for five minutes. There is no public way to say so.
    """
    model = engine.message_processing_subsystems[3]
    known = getattr(model, "_SnmpV3MessageProcessingModel__engineIdCache", {})
    expiring = getattr(model, "_SnmpV3MessageProcessingModel__engineIdCacheExpQueue", {})
    for key in [one for one in known if tuple(one[1])[:2] == (target.address, target.port)]:
        del known[key]
        for keys in expiring.values():
            keys[:] = [one for one in keys if one != key]


def value(content: Any) -> Value:
    """From pysnmp's type. Subtypes that SNMP does not tell apart on the wire are one: INTEGER and Integer32."""
    if isinstance(content, NoSuchObject | NoSuchInstance | EndOfMibView):
        return Value(kind=Kind.ABSENT, content="")
    if isinstance(content, TimeTicks):
        return Value(kind=Kind.TICKS, content=int(content))
    if type(content).__name__ in ("Integer32", "Integer") or type(content) is Integer32:
        return Value(kind=Kind.INTEGER, content=int(content))
    if type(content).__name__ == "OctetString":
        return Value(kind=Kind.STRING, content=content.asOctets().decode("ascii", "backslashreplace"))
    return Value(kind=Kind.OTHER, content=f"{type(content).__name__} {content.prettyPrint()}"[:80])
