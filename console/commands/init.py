"""`denwaban init`: everything a new switch needs, in one folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import make_url

from agi.trunks import list_trunks
from console.desk import Json, at_desk
from console.init import SETTINGS, initialise
from console.progress import progress
from console.settings import Settings, load, settings_file
from console.show import say
from dialplan.errors import BadValue
from dialplan.trunks import Trunk, check_trunk
from store.engine import open_engine, reading
from subscribers.records.members import list_members
from voice.build import install_shipped


def init(
    ctx: typer.Context,
    home: Annotated[Path | None, typer.Option(metavar="DIR", help="Else the folder of the settings file.")] = None,
    trunk_name: Annotated[str, typer.Option(help="Name of the first trunk.")] = "carrier",
    trunk_host: Annotated[str | None, typer.Option(help="The carrier's SIP host; without it, no trunk.")] = None,
    trunk_source: Annotated[list[str] | None, typer.Option(help="Address its calls come from; repeat.")] = None,
    database: Annotated[str | None, typer.Option(metavar="URL", help="Else a SQLite file in the folder.")] = None,
    switch_name: Annotated[str | None, typer.Option(help="Leads every call's identity; else sw1.")] = None,
    sip_host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Bound for SIP and RTP.")] = None,
    config_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="For Asterisk's configuration; else asterisk/ in the folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Make settings, database and Asterisk configuration, or bring them up to date; what is there is kept."""
    desk = at_desk(ctx)
    home, file = _place(home, desk.given)
    trunk = _trunk(trunk_name, trunk_host, trunk_source)
    given = {
        "store.url": database,
        "switch.name": switch_name,
        "switch.sip_host": sip_host,
        "switch.config_dir": None if config_dir is None else str(config_dir.resolve()),
    }
    kept = file.exists()
    try:
        with progress(desk, "Preparing the store and the configuration"):
            initialise(home, _tables(given), trunk)
            announcements = install_shipped(home / "sounds")
    except BaseException:
        # A first attempt that failed must not decide what the next one finds.
        if not kept:
            file.unlink(missing_ok=True)
        raise
    settings = load(file)
    trunks, members = _there(settings)
    ignored = [key for key, value in given.items() if kept and value is not None and not _holds(settings, key, value)]
    data = {
        "settings": str(file),
        "settings_kept": kept,
        "ignored": ignored,
        "database": make_url(settings.store.url).render_as_string(hide_password=True),
        "config_dir": str(settings.switch.config_dir),
        "sounds": str(home / "sounds"),
        "announcements_built": len(announcements.built),
        "trunks": [one.name for one in trunks],
        "trunk_kept": trunk is not None and trunk not in trunks,
        "members": members,
    }
    say(desk, data, *_story(data))


def _story(data: dict[str, Any]) -> Iterator[str]:
    file = data["settings"]
    yield f"Settings: {file} ({'kept as they were' if data['settings_kept'] else 'new, with generated credentials'})"
    if data["ignored"]:
        yield f"Not applied, because the settings were there already: {', '.join(data['ignored'])}. Edit the file."
    yield f"Database: {data['database']} (up to date)"
    yield f"Asterisk's configuration: {data['config_dir']}"
    yield f"Announcements: {data['sounds']} (to be its sounds/ja/denwaban and sounds/en/denwaban)"
    if data["trunk_kept"]:
        yield f"Trunks kept as they were: {', '.join(data['trunks'])}. To add one: denwaban trunk add"
    yield "Next:"
    command = f"  denwaban --settings {file}"
    if not data["trunks"]:
        yield f"{command} trunk add carrier --host HOST --source ADDRESS   (no call comes or goes without one)"
    if not data["members"]:
        yield f"{command} member add NAME --kind rental-office --capacity 1"
        yield f"{command} member identity 1 --on DATE --method in-person --by WHO"
        yield f"{command} line add NUMBER --member 1 --plan fixed-phone"
    yield f"{command} serve"


def _place(home: Path | None, given: Path | None) -> tuple[Path, Path]:
    home = home or settings_file(given).absolute().parent
    file = home / SETTINGS
    if given is not None and given.absolute() != file.absolute():
        raise BadValue("settings file", str(given), f"{file}: init writes {SETTINGS} in --home")
    return home, file


def _trunk(name: str, host: str | None, sources: list[str] | None) -> Trunk | None:
    if host is None and not sources:
        return None
    trunk = Trunk(name=name, host=host or "", sources=tuple(sources or ()))
    check_trunk(trunk)
    return trunk


def _tables(given: dict[str, str | None]) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        if value is not None:
            table, name = key.split(".")
            tables.setdefault(table, {})[name] = value
    return tables


def _holds(settings: object, key: str, value: str) -> bool:
    for name in key.split("."):
        settings = getattr(settings, name)
    return str(settings) == value


def _there(settings: Settings) -> tuple[tuple[Trunk, ...], int]:
    """The trunks, and how many members there are."""
    engine = open_engine(settings.store.url)
    try:
        with reading(engine) as conn:
            return list_trunks(conn, settings.store.key.get_secret_value()), len(list_members(conn))
    finally:
        engine.dispose()
