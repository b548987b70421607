"""What a device that asks for a file gets: looked up and made when it is asked for, so that a change is in force at
the next fetch.

A device's own file goes to the device alone: to whom the secret or the certificate proves it, to its known address,
or to anybody while the technician has a window open for it. What is wrong with one device's data is that device's
trouble: it gets no file, its record says why, and the others get theirs.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from jinja2 import TemplateError

from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState
from provisioning.fetch import Fetch, FetchStatus
from provisioning.firmware import Image
from provisioning.inventory import check_address
from provisioning.lookups import Accounts, Known, Lookups, Who
from provisioning.mac import Mac
from provisioning.makers.all import MAKERS, guess
from provisioning.makers.maker import Maker
from provisioning.naming import Meaning, kind_of, mac_of, meanings, meant
from provisioning.notes import Note
from provisioning.serving import Request, Served
from provisioning.setup import Account
from provisioning.site import Site, hears, setup_of, url_asked, url_for
from store.secrets import WrongKey, unseal
from store.units import Store

log = structlog.get_logger(__name__)

_WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`file` None: whoever asked learns only that there is none. `note` is to be kept once it is known whether the
    file arrived; `digest` is the file's.
    """

    file: Served | None = field(repr=False)
    note: Note

    @property
    def digest(self) -> str:
        return self.note.fetch.digest or ""


class Nothing(Exception):
    """There is no file for whoever asked, and why."""

    def __init__(self, status: FetchStatus, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


class Answers:
    """To be used from one event loop; `close` it."""

    def __init__(
        self,
        *,
        store: Store,
        site: Site,
        key: str,
        accounts: Accounts,
        now: Callable[[], datetime],
        firmware: Mapping[str, Image] | None = None,
        makers: Sequence[Maker] = MAKERS,
    ) -> None:
        self._lookups = Lookups(store, accounts, now)
        self._site, self._key, self._now = site, key, now
        self._firmware, self._makers = firmware or {}, makers
        # Apart from the store's readers: a slow template must not keep the others from the store.
        self._makes = ThreadPoolExecutor(_WORKERS, thread_name_prefix="device-files")

    def close(self) -> None:
        self._makes.shutdown(wait=False, cancel_futures=True)

    async def find(self, request: Request) -> Found:
        """Raises what the store raises (StoreBusy); nothing else."""
        several = meanings(request.name, self._makers)
        mac = mac_of(several)
        who = Who(secret=request.secret, certified=request.certified, mac=mac, address=request.address)
        known = await self._lookups.ask(who)
        device = known.device
        fetch = Fetch(
            device_id=None if device is None else device.id,
            mac=mac if device is None else device.mac,
            name=request.name,
            address=request.address,
            via=request.via,
            at=self._now(),
            status=FetchStatus.SERVED,
            agent=request.agent,
        )
        try:
            file, digest = await self._file(request, several, mac, known)
        except Nothing as why:
            fetch = replace(fetch, status=why.status, reason=why.reason)
            return Found(file=None, note=Note(fetch=fetch, guess=self._stranger(request, mac, device)))
        fetch = replace(fetch, bytes=len(file.data), digest=digest)
        own = device is not None and (mac is not None or _proven(request))
        return Found(file=file, note=self._learned(Note(fetch=fetch), request, device if own else None))

    # ---- who asks ----------------------------------------------------------------------------------------

    def _stranger(
        self, request: Request, mac: Mac | None, device: Device | None
    ) -> tuple[str | None, str | None] | None:
        """A guess at who it is, when a technician should see it."""
        if mac is None or device is not None or _proven(request) or not hears(self._site, request.address):
            return None
        return guess(mac, request.name.lstrip("/"), self._makers)

    def _learned(self, note: Note, request: Request, device: Device | None) -> Note:
        if device is None:
            return note
        maker = next((one for one in self._makers if one.key == device.maker), None)
        # A secret or a certificate says who asks and nothing about the address: behind a proxy or a router everybody
        # else has it too, and whoever is at a device's known address needs no secret.
        moved = request.address != device.address and not _proven(request)
        firmware = maker.firmware(request.agent) if maker is not None and request.agent else None
        return replace(
            note,
            address=_address(request.address) if moved else None,
            firmware=firmware if firmware != device.firmware else None,
        )

    # ---- what there is for him -----------------------------------------------------------------------------

    async def _file(
        self, request: Request, several: Sequence[Meaning], mac: Mac | None, known: Known
    ) -> tuple[Served, str]:
        """The file and its digest. Raises Nothing."""
        device = known.device
        self._admit(request, device)
        if not several and (image := self._firmware.get(request.name.lstrip("/"))) is not None:
            return image.served, image.digest
        if mac is None:
            found = meant(several, device.maker if device is not None else None)
            if found is None or found.wanted.mac is not None:
                raise Nothing(FetchStatus.UNKNOWN, "no maker's file" if device is None else "no file of its maker's")
            make, base_url = found.maker.make, url_asked(self._site, request.via, request.secret)
            wanted = replace(found.wanted, base_url=base_url)
            return await self._made(request, lambda: make(wanted, None))
        if device is None:
            raise Nothing(FetchStatus.UNKNOWN, "no device of ours")
        found = meant(several, device.maker)
        if found is None:
            raise Nothing(FetchStatus.UNKNOWN, f"no file of {device.maker}'s")
        if found.wanted.mac != device.mac:
            raise Nothing(FetchStatus.REFUSED, "another device's file")
        if not known.near:
            raise Nothing(FetchStatus.REFUSED, "not its address, and no enrolment window is open")
        if known.problem:
            self._complain(request, known.problem)
            raise Nothing(FetchStatus.FAILED, known.problem)
        return await self._made(request, lambda: self._own(request, device, found, known.accounts))

    def _admit(self, request: Request, device: Device | None) -> None:
        """Raises Nothing for whom no file is at all."""
        if _proven(request):
            if device is None:
                raise Nothing(FetchStatus.UNKNOWN, "secret of no device" if request.secret else "no device of ours")
        elif not hears(self._site, request.address):
            raise Nothing(FetchStatus.REFUSED if device else FetchStatus.UNKNOWN, "outside of the networks served")
        if device is not None and device.state is not DeviceState.LENT:
            raise Nothing(FetchStatus.UNKNOWN, f"the device is {device.state}, not lent")

    def _own(self, request: Request, device: Device, found: Meaning, accounts: tuple[Account, ...]) -> bytes:
        named = f"of device {device.mac.colons}"
        secret = unseal(device.sealed_secret, self._key, f"secret {named}")
        base_url = url_for(self._site, request.via, request.secret, secret)
        setup = setup_of(
            device,
            self._site,
            accounts,
            base_url=base_url,
            admin_password=unseal(device.sealed_admin_password, self._key, f"admin password {named}"),
            snmp_secret=unseal(device.sealed_snmp, self._key, f"SNMP secret {named}"),
        )
        return found.maker.make(replace(found.wanted, base_url=base_url), setup)

    async def _made(self, request: Request, make: Callable[[], bytes]) -> tuple[Served, str]:
        """In a thread: a slow template delays nobody else."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._makes, _print, make)
        except (BadValue, WrongKey, TemplateError) as problem:
            self._complain(request, str(problem))
            raise Nothing(FetchStatus.FAILED, f"{type(problem).__name__}: {problem}") from None
        except Exception as problem:
            log.exception("device's file not made", name=request.name, address=request.address)
            raise Nothing(FetchStatus.FAILED, type(problem).__name__) from None

    def _complain(self, request: Request, why: str) -> None:
        log.error("device's file not made", name=request.name, address=request.address, why=why)


def _proven(request: Request) -> bool:
    return request.secret is not None or request.certified is not None


def _address(text: str) -> str | None:
    """Only IPv4 ones are kept; without ::ffff: in front."""
    try:
        return check_address(text.removeprefix("::ffff:"))
    except BadValue:
        return None


def _print(make: Callable[[], bytes]) -> tuple[Served, str]:
    data = make()
    return Served(data=data, kind=kind_of(data)), hashlib.sha256(data).hexdigest()
