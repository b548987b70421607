"""The composition root: everything a running service consists of is made here, and nowhere else."""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import structlog
import uvloop

from agi.ari.client import Ari
from agi.ari.lag import LagWatch
from agi.callbacks import Callbacks
from agi.desk import Desk
from agi.fastagi import FastAgiServer
from agi.hangup import HangupHook
from agi.ledger import Tariff
from agi.manager import Manager
from agi.postman import MailServer, Postman, Security
from agi.reconcile import Reconciler
from agi.switchboard import Switchboard
from agi.upkeep import Upkeep
from console import log as logging
from console.init import fixed
from console.limits import default_limits
from console.metrics import Counts, expose
from console.pricing import books_of
from console.running import until_stopped, utc
from console.settings import Callback, Mail, Settings
from dialplan.errors import BadValue
from dialplan.render import APP
from rating.calendar import is_holiday
from store.engine import open_engine
from store.migrate import is_current
from store.units import Store

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises BadValue when it cannot begin."""
    logging.configure(settings.log)
    uvloop.run(serve(settings))


async def serve(settings: Settings, now: Callable[[], datetime] | None = None) -> None:
    now = now or utc
    tariff = Tariff(books=books_of(settings.rating), book=settings.rating.book)
    tariff.books.versions(tariff.book)  # an unknown book is found now, not at the first call
    async with AsyncExitStack() as stack:
        engine = open_engine(settings.store.url)
        stack.callback(engine.dispose)
        if not is_current(engine):
            raise BadValue(
                "database", engine.url.render_as_string(), "one that `denwaban init` has brought up to date"
            )
        store = Store(engine)
        stack.push_async_callback(store.close)
        ari = Ari(
            host=settings.ari.host,
            port=settings.ari.port,
            username=settings.ari.user,
            password=settings.ari.password.get_secret_value(),
            app=APP,
        )
        manager = Manager(
            host=settings.ami.host,
            port=settings.ami.port,
            user=settings.ami.user,
            secret=settings.ami.password.get_secret_value(),
        )
        upkeep = Upkeep(
            store=store,
            manager=manager,
            fixed=fixed(settings),
            folder=settings.switch.config_dir,
            key=settings.store.key.get_secret_value(),
            reconciler=Reconciler(settings.switch.records),
            tariff=tariff,
            now=now,
            refresh_seconds=settings.serve.refresh,
            reconcile_seconds=settings.serve.reconcile,
        )
        await upkeep.load()
        manager.on_connected(upkeep.asterisk_connected)
        hook = FastAgiServer(HangupHook(store, tariff, now))
        await hook.listen(settings.fastagi.host, settings.fastagi.port)
        stack.push_async_callback(hook.close)
        lag = LagWatch(limit=settings.serve.lag_limit, notify_socket=os.environ.get("NOTIFY_SOCKET"))
        await stack.enter_async_context(lag)
        refusals: Counter[str] = Counter()
        postman = None
        if settings.mail.host:
            postman = Postman(store=store, server=_mail_server(settings.mail), now=now)
        desk = Desk(
            ari=ari,
            store=store,
            now=now,
            trunks=upkeep.trunks,
            trusts=upkeep.trusts,
            tariff=tariff,
            limits=default_limits(settings.limits),
            rings_before_menu=settings.callback.rings,
            refusals=refusals,
        )
        callbacks = Callbacks(
            desk=desk,
            switch=settings.switch.name,
            ring_seconds=settings.callback.answer,
            pauses=_pauses(settings.callback),
        )
        if settings.metrics.port:
            counts = Counts(ari, hook, lag, upkeep, postman, refusals, callbacks.counts)
            expose(settings.metrics.host, settings.metrics.port, counts)

        parts = [ari.run(Switchboard(desk)), manager.run(), upkeep.run(), callbacks.run()]
        if postman is not None:
            parts.append(postman.run())
        _settle_the_heap()
        # Makes the calendar, a third of a second that no caller is to wait for.
        asyncio.get_running_loop().run_in_executor(None, is_holiday, now().date())
        lag.ready()
        log.info("serving", switch=settings.switch.name, book=tariff.book)
        await until_stopped(*parts)
        log.info("stopped")


def _settle_the_heap() -> None:
    """What was made until now stays until the end: the collector need not look through it again at every turn, nor
    turn for every 700 objects when a call makes as many.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _pauses(callback: Callback) -> tuple[timedelta, timedelta]:
    return timedelta(seconds=callback.first_pause), timedelta(seconds=callback.second_pause)


def _mail_server(mail: Mail) -> MailServer:
    return MailServer(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        security=Security(mail.security),
        user=mail.user,
        password=mail.password.get_secret_value(),
    )
