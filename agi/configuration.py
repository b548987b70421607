"""Asterisk's configuration: gathered from the settings' values and the store, written where Asterisk reads it."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from agi.trunks import list_trunks
from dialplan.codes import AccessNumber
from dialplan.numbers import national
from dialplan.render import Configuration, HandsetAccount, Listener, Switch, render
from provisioning.records.find import tls_lines
from store.secrets import unseal
from subscribers.records.find import list_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What the settings say, which only a restart changes."""

    switch: Switch
    ari: Listener
    ami: Listener
    fastagi: Listener
    access_numbers: tuple[AccessNumber, ...] = ()


def configuration(conn: Connection, fixed: Fixed, key: str) -> dict[str, str]:
    """File name → text. Raises BadValue (see render), WrongKey when a password cannot be unsealed."""
    return render(
        Configuration(
            switch=fixed.switch,
            ari=fixed.ari,
            ami=fixed.ami,
            fastagi=fixed.fastagi,
            access_numbers=fixed.access_numbers,
            trunks=list_trunks(conn, key),
            handsets=_handsets(conn, key, tls_lines(conn) if fixed.switch.tls_port else set()),
        )
    )


def _handsets(conn: Connection, key: str, secure: Collection[int]) -> tuple[HandsetAccount, ...]:
    return tuple(
        HandsetAccount(
            sip_user=handset.sip_user,
            password=unseal(handset.sealed_password, key, f"password of handset {handset.sip_user}"),
            number=national(handset.presents or line.number),
            language=line.language,
            tls=line.id in secure,
        )
        for line in (found.line for found in list_lines(conn))
        if (handset := line.handset) is not None
    )


def write(files: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Writes what differs, each file whole or not at all, readable to its owner and group only (it holds
    passwords). The names that changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in files.items():
        file = folder / name
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        fresh = folder / f".{name}.new"
        fresh.touch(mode=0o640)
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, file)
        changed.append(name)
    return tuple(changed)
