"""Sends what lies in the outbox: one mail at a time, until it is sent or given up."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import aiosmtplib
import structlog

from agi.mail import message
from store.units import Store
from subscribers.records.mails import Mail, any_due, mail_failed, mail_sent, take_due

log = structlog.get_logger()

LOOK_SECONDS = 5.0
_SMTP_SECONDS = 30.0


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte, as on port 465


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`user` is empty where the server asks for none."""

    host: str
    port: int
    sender: str
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


class Postman:
    """`counts`: sent, failed. Neither an address nor a mail's words are logged."""

    def __init__(
        self, *, store: Store, server: MailServer, now: Callable[[], datetime], look_seconds: float = LOOK_SECONDS
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._store, self._server, self._now, self._look_seconds = store, server, now, look_seconds

    async def run(self) -> None:
        """Until cancelled. What fails is logged, counted, and tried again when it is due again."""
        while True:
            try:
                await self.deliver_due()
            except Exception as error:
                self.counts["failed"] += 1
                log.warning("outbox not read", why=str(error), kind=type(error).__name__)
            await asyncio.sleep(self._look_seconds)

    async def deliver_due(self) -> None:
        """Everything that is due now."""
        while await self._store.read(any_due, self._now()):
            mail = await self._store.write(take_due, self._now())
            if mail is None:
                return  # another process was faster
            await self._deliver(mail)

    async def _deliver(self, mail: Mail) -> None:
        server = self._server
        try:
            await aiosmtplib.send(
                message(mail, server.sender, self._now()),
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.security is Security.TLS,
                start_tls=server.security is Security.STARTTLS,
                timeout=_SMTP_SECONDS,
            )
        except Exception as error:  # a template that cannot be filled must not stop the mails behind it
            self.counts["failed"] += 1
            log.warning("mail not sent", mail=mail.id, about=mail.kind, attempt=mail.attempts, why=str(error)[:200])
            await self._store.write(mail_failed, mail.id, f"{type(error).__name__}: {error}")
            return
        self.counts["sent"] += 1
        log.info("mail sent", mail=mail.id, about=mail.kind, attempt=mail.attempts)
        await self._store.write(mail_sent, mail.id, self._now())
