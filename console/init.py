"""`denwaban init`: settings with generated credentials, a current database, the whole Asterisk configuration."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agi.configuration import Fixed, configuration, write
from agi.trunks import add_trunk, list_trunks
from console.settings import Access, Settings, load
from dialplan.codes import AccessNumber
from dialplan.errors import BadValue
from dialplan.numbers import national, normalise
from dialplan.render import Listener, Switch
from dialplan.trunks import Trunk
from store.engine import open_engine, reading, writing
from store.migrate import upgrade
from store.secrets import new_key

SETTINGS = "denwaban.toml"
"""The settings file's name in its home."""

_HEAD = """\
# Denwaban's settings. Every key, with what it means: docs/settings.md. The environment wins over this file:
# DENWABAN_ARI__PORT=8089 overrides port under [ari]. It holds credentials: keep it readable to the service only.
"""


def initialise(home: Path, settings: Mapping[str, Mapping[str, Any]], trunk: Trunk | None = None) -> Path:
    """Prepares `home`; what is there already is kept, so that it may be run again after an update.

    `settings` are the tables to write beside the generated ones. Returns the settings file. Raises BadValue.
    """
    file = home / SETTINGS
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(_HEAD + _toml(_with_credentials(home, settings)), encoding="utf-8")
    loaded = load(file)
    if loaded.rating.folder is not None:
        loaded.rating.folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(loaded.store.url)
    try:
        upgrade(engine)
        with writing(engine) as conn:
            if trunk is not None and not list_trunks(conn, loaded.store.key.get_secret_value()):
                add_trunk(conn, trunk, loaded.store.key.get_secret_value())
        with reading(engine) as conn:
            files = configuration(conn, fixed(loaded), loaded.store.key.get_secret_value())
    finally:
        engine.dispose()
    write(files, loaded.switch.config_dir)
    return file


def fixed(settings: Settings) -> Fixed:
    """The settings' part of Asterisk's configuration."""
    switch = settings.switch
    return Fixed(
        switch=Switch(
            name=switch.name,
            sip_host=switch.sip_host,
            sip_port=switch.sip_port,
            rtp_start=switch.rtp_start,
            rtp_end=switch.rtp_end,
            udptl_start=switch.udptl_start,
            udptl_end=switch.udptl_end,
            public_address=switch.public_address,
            local_networks=switch.local_networks,
            tls_port=switch.tls_port,
            tls_certificate=switch.tls_certificate,
            tls_key=switch.tls_key,
        ),
        ari=_listener(settings.ari),
        ami=_listener(settings.ami),
        fastagi=Listener(host=settings.fastagi.host, port=settings.fastagi.port),
        access_numbers=tuple(_access_numbers(settings)),
    )


def _access_numbers(settings: Settings) -> Iterator[AccessNumber]:
    """Raises BadValue for a setting that is no telephone number."""
    for order, number in (("east", settings.remote.east), ("west", settings.remote.west)):
        if number:
            yield AccessNumber(number=national(normalise(number, f"remote.{order}")), order=order)


def _listener(access: Access) -> Listener:
    return Listener(host=access.host, port=access.port, user=access.user, password=access.password.get_secret_value())


def _with_credentials(home: Path, settings: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    generated: dict[str, dict[str, Any]] = {
        "store": {"url": f"sqlite:///{home.resolve() / 'denwaban.db'}", "key": new_key()},
        "ari": {"password": secrets.token_urlsafe(24)},
        "ami": {"password": secrets.token_urlsafe(24)},
        "switch": {"config_dir": str(home.resolve() / "asterisk")},
        "rating": {"folder": str(home.resolve() / "prices")},
    }
    for name, table in settings.items():
        generated.setdefault(name, {}).update(table)
    return generated


def _toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    return "".join(
        f"\n[{name}]\n" + "".join(f"{key} = {_value(name, key, value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )


def _value(table: str, key: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if any(sign in text for sign in '"\\\r\n'):
        raise BadValue(f"setting {table}.{key}", text, "text without quotes, backslashes or line breaks")
    return f'"{text}"'
