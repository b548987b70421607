"""The composition root of `denwaban provision serve`: devices' files, and the watching of devices.

It runs as `python -m console.provisioning FILE`, without what only other commands need: the command line with all of
them would hold 30 MB for as long as the service runs.
"""

import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Protocol

import structlog
import uvloop

from agi.ari.lag import LagWatch
from agi.faults import BEYOND
from agi.manager import Manager
from agi.registered import Registered
from console import log as logging
from console.device_accounts import accounts
from console.running import until_stopped, utc
from console.settings import Settings, load
from dialplan.errors import BadValue
from provisioning.answers import Answers
from provisioning.fetch import Via
from provisioning.firmware import read_folder
from provisioning.notes import Notes
from provisioning.site import Site
from provisioning.snmp.client import Client
from provisioning.snmp.traps import TrapReceiver
from provisioning.tftp.desk import TftpDesk
from provisioning.tftp.server import TftpServer
from provisioning.watch import Watcher
from store.engine import open_engine
from store.secrets import WrongKey
from store.units import Store

log = structlog.get_logger()

_PORTS = {"tftp": 69, "http": 80, "https": 443}
_STATUS = 2  # of whatever cannot begin, as of every command


class Listening(Protocol):
    async def listen(self, host: str, port: int) -> int: ...

    async def close(self) -> None: ...


def become(file: Path) -> NoReturn:
    """This process is the service from here on, under the same process id, with the settings of that file."""
    # Its threads need no arenas of their own.
    environment = {"MALLOC_ARENA_MAX": "2"} | os.environ
    os.execve(sys.executable, [sys.executable, "-m", __name__, str(file)], environment)  # noqa: S606 - no shell is the point


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, from a database that is up to date. Raises BadValue when it cannot begin."""
    logging.configure(settings.log)
    uvloop.run(serve(settings))


async def serve(settings: Settings, now: Callable[[], datetime] = utc) -> None:
    key = settings.store.key.get_secret_value()
    async with AsyncExitStack() as stack:
        engine = open_engine(settings.store.url)
        stack.callback(engine.dispose)
        store = Store(engine)
        stack.push_async_callback(store.close)
        lag = LagWatch(limit=settings.serve.lag_limit, notify_socket=os.environ.get("NOTIFY_SOCKET"))
        await stack.enter_async_context(lag)
        notes = Notes(store)
        stack.push_async_callback(notes.close)  # after the servers' own last words
        answers = Answers(
            store=store,
            site=site(settings),
            key=key,
            accounts=accounts(key),
            now=now,
            firmware=read_folder(settings.provision.firmware),
        )
        stack.callback(answers.close)
        await _listen(settings, answers, notes, stack)
        manager = Manager(
            host=settings.ami.host,
            port=settings.ami.port,
            user=settings.ami.user,
            secret=settings.ami.password.get_secret_value(),
        )
        registered = Registered(manager, now)
        watcher = await _watcher(settings, store, registered, now, stack)
        lag.ready()
        log.info("provisioning", switch=settings.switch.name)
        await until_stopped(notes.run(), manager.run(), watcher.run(), registered.run())
        log.info("stopped")


def site(settings: Settings) -> Site:
    """What devices are told, from the settings."""
    provision, switch = settings.provision, settings.switch
    registrar = switch.public_address or switch.sip_host
    host = provision.host or registrar
    shown = f"[{host}]" if ":" in host else host
    ports = {Via.TFTP: provision.tftp_port, Via.HTTP: provision.http_port, Via.HTTPS: provision.https_port}
    return Site(
        registrar=provision.registrar or registrar,
        sip_port=switch.sip_port,
        tls_port=switch.tls_port,
        ntp=provision.ntp,
        manager=host,
        urls={
            via: f"{via.value}://{shown}/" if port in (0, _PORTS[via]) else f"{via.value}://{shown}:{port}/"
            for via, port in ports.items()
        },
        networks=provision.networks,
        base_url=provision.base_url,
    )


async def _listen(settings: Settings, answers: Answers, notes: Notes, stack: AsyncExitStack) -> None:
    provision = settings.provision
    servers = list[tuple[str, int, Listening]]()
    if provision.tftp_port:
        desk = TftpDesk(answers, notes)
        servers.append(("tftp", provision.tftp_port, TftpServer(desk.answer, finished=desk.finished)))
    if provision.http_port or provision.https_port:
        from provisioning.http.server import HttpServer, server_tls  # 14 MB that TFTP alone does not need

        if provision.http_port:
            servers.append(("http", provision.http_port, HttpServer(answers, notes)))
        if provision.https_port and provision.certificate is not None and provision.key is not None:
            tls = server_tls(provision.certificate, provision.key, provision.client_ca)
            servers.append(("https", provision.https_port, HttpServer(answers, notes, tls=tls)))
    for name, port, server in servers:
        stack.push_async_callback(server.close)
        for host in provision.listen:
            try:
                await server.listen(host, port)
            except OSError as problem:
                raise _not_had(name, host, port, problem) from None
            log.info("listening", what=name, host=host, port=port)


async def _watcher(
    settings: Settings, store: Store, registered: Registered, now: Callable[[], datetime], stack: AsyncExitStack
) -> Watcher:
    """Traps are heard on the first IPv4 address that is listened on."""
    provision = settings.provision
    client = Client()
    stack.push_async_callback(client.close)
    watcher = Watcher(
        store=store,
        key=settings.store.key.get_secret_value(),
        poll=client.poll,
        registration=registered.of,
        beyond=BEYOND,
        now=now,
        traps=(lambda hint: TrapReceiver(client.engine, hint)) if provision.trap_port else None,
        every=provision.poll,
        agent_port=provision.agent_port,
    )
    registered.on_change(watcher.registration_changed)
    address = next((host for host in provision.listen if ":" not in host), None)
    if watcher.traps is not None and address is not None:
        try:
            watcher.traps.open(address, provision.trap_port)
        except OSError as problem:
            raise _not_had("trap", address, provision.trap_port, problem) from None
        stack.callback(watcher.traps.close)
        log.info("listening", what="traps", host=address, port=provision.trap_port)
    return watcher


def _not_had(name: str, host: str, port: int, problem: OSError) -> BadValue:
    return BadValue(f"{name} port", f"{host}:{port}", f"one that is free and may be had ({problem.strerror})")


def _main(file: str) -> None:
    try:
        run(load(Path(file)))
    except (BadValue, WrongKey) as problem:
        print(f"denwaban: {problem}", file=sys.stderr)
        raise SystemExit(_STATUS) from None


if __name__ == "__main__":
    _main(sys.argv[1])
