"""Who asks, and what his device is to be told: read from the store for all who ask at the same moment together.

Five hundred phones after a power cut are some ten readings instead of fifteen hundred.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from provisioning.device import Device, DeviceState, Port
from provisioning.mac import Mac
from provisioning.records.fetches import enrolments_open
from provisioning.records.find import devices_by_mac, devices_by_secret
from provisioning.setup import Account
from store.units import Store

Accounts = Callable[[Connection, Mapping[int, Sequence[Port]]], Mapping[int, tuple[Account, ...] | str]]
"""What devices' ports register with: device id → ports in, device id → accounts out, or what is wrong with them (a
line that has no handset's account, a password that cannot be unsealed). It raises nothing for one device's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """`secret` and `certified` as in Request; `mac` is the one that the name holds."""

    secret: str | None
    certified: Mac | None
    mac: Mac | None
    address: str

    @property
    def proven(self) -> bool:
        return self.secret is not None or self.certified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`near`: the device's own files may go to whoever asked. `problem`: why its accounts cannot be had."""

    device: Device | None = None
    near: bool = False
    accounts: tuple[Account, ...] = ()
    problem: str = ""


NOBODY = Known()


class Lookups:
    """To be used from one event loop."""

    def __init__(self, store: Store, accounts: Accounts, now: Callable[[], datetime]) -> None:
        self._store, self._accounts, self._now = store, accounts, now
        self._waiting: list[tuple[Who, asyncio.Future[Known]]] = []
        self._reading: set[asyncio.Task[None]] = set()

    async def ask(self, who: Who) -> Known:
        """Raises what the store raises."""
        if who.mac is None and not who.proven:
            return NOBODY
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin)  # after all whose turn it is now
        future: asyncio.Future[Known] = loop.create_future()
        self._waiting.append((who, future))
        return await future

    def _begin(self) -> None:
        several, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._read(several))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, several: Sequence[tuple[Who, asyncio.Future[Known]]]) -> None:
        try:
            found = await self._store.glance(look, [who for who, _ in several], self._accounts, self._now())
        except Exception as error:
            for _, future in several:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), known in zip(several, found, strict=True):
            if not future.done():
                future.set_result(known)


def look(conn: Connection, several: Sequence[Who], accounts: Accounts, at: datetime) -> list[Known]:
    """In the same order."""
    macs = {mac for who in several if who.secret is None and (mac := who.certified or who.mac) is not None}
    by_mac = devices_by_mac(conn, macs)
    # Looked up by their digests: how long that takes tells nothing of a secret.
    by_secret = devices_by_secret(conn, {who.secret for who in several if who.secret is not None})
    windows = {window.device_id for window in enrolments_open(conn, at)}

    def known(who: Who) -> Known:
        mac = who.certified or who.mac
        found = None if mac is None else by_mac.get(mac)
        device = found if who.secret is None else by_secret.get(who.secret)
        if device is None or device.state is not DeviceState.LENT:
            return Known(device=device)
        near = who.proven or device.address == who.address or bool(windows & {device.id, None})
        return Known(device=device, near=near)

    found = [known(who) for who in several]
    wanted = {
        one.device.id: one.device.ports
        for who, one in zip(several, found, strict=True)
        if one.device is not None and one.near and who.mac is not None
    }
    told = accounts(conn, wanted) if wanted else {}
    return [_with(one, told) for one in found]


def _with(known: Known, told: Mapping[int, tuple[Account, ...] | str]) -> Known:
    if known.device is None or known.device.id not in told:
        return known
    accounts = told[known.device.id]
    if isinstance(accounts, str):
        return Known(device=known.device, near=known.near, problem=accounts)
    return Known(device=known.device, near=known.near, accounts=accounts)
