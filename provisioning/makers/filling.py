"""What a room looks at before it prints a device's file: that model, ports and every value can be had. Pure."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.makers.maker import Model, Wanted
from provisioning.setup import Account, Setup

_UNPRINTABLE = {"Cc", "Cs", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Account or port `number` of a model; without an account it is to be switched off."""

    number: int
    account: Account | None


def needed(wanted: Wanted, setup: Setup | None) -> Setup:
    """The setup, with its accounts' labels filled in. Raises BadValue for a device's file without one."""
    if setup is None:
        raise BadValue(f"setup for file {wanted.file}", None, "the setup of the device it is for")
    accounts = tuple(replace(one, label=one.label or one.shown) for one in setup.accounts)
    return replace(setup, accounts=accounts)


def slots(setup: Setup, model: Model) -> tuple[Slot, ...]:
    """Every port of the model in order. Raises BadValue for accounts that it has no place for, and for TLS where it
    cannot.
    """
    if setup.transport is Transport.TLS and not model.tls:
        raise BadValue(f"transport of {model.name}", setup.transport.value, "udp")
    at: dict[int, Account] = {}
    for account in setup.accounts:
        if not 1 <= account.port <= model.ports:
            raise BadValue(f"port of {model.name}", account.port, f"1 to {model.ports}")
        if account.port in at:
            raise BadValue(f"port of {model.name}", account.port, "one account to a port")
        at[account.port] = account
    return tuple(Slot(number=number, account=at.get(number)) for number in range(1, model.ports + 1))


def language(setup: Setup) -> str:
    """ "ja" or "en", of the first account: a phone has one language."""
    return setup.accounts[0].language if setup.accounts else "ja"


def check(setup: Setup, refused: str = "") -> None:
    """Raises BadValue for a value that a file of lines cannot carry: with a sign of `refused`, one that does not
    print, or a blank at an end, which many phones strip. It names the sign, never the value, which may be a secret.
    """
    for thing, value in values(setup):
        sign = next((sign for sign in value if sign in refused or unicodedata.category(sign) in _UNPRINTABLE), None)
        if sign is not None:
            raise BadValue(thing, sign, f"printable text without {' '.join(refused)}".removesuffix(" without "))
        if value != value.strip():
            raise BadValue(thing, " ", "no blank at its beginning or end")


def values(setup: Setup) -> Iterator[tuple[str, str]]:
    """(what it is, the value) of every text that comes from elsewhere."""
    yield "registrar", setup.registrar
    yield "base URL", setup.base_url
    yield "time server", setup.ntp
    yield "admin password", setup.admin_password
    for account in setup.accounts:
        yield f"SIP user of port {account.port}", account.sip_user
        yield f"password of port {account.port}", account.password
        yield f"number of port {account.port}", account.number
        yield f"shown number of port {account.port}", account.shown
        yield f"label of port {account.port}", account.label


def minute_of_night(mac: str) -> str:
    """Between 02:00 and 03:59, when this device looks for a new file: spread, so that not all come at once."""
    minute = int(mac, 16) % 120
    return f"{2 + minute // 60:02}:{minute % 60:02}"
