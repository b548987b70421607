"""`denwaban render`: Asterisk's configuration, written again."""

import typer

from agi.configuration import configuration, write
from console.desk import Json, at_desk
from console.init import fixed
from console.show import say


def render(ctx: typer.Context, json: Json = False) -> None:
    """Write Asterisk's configuration from the settings and the store."""
    desk = at_desk(ctx)
    folder = desk.settings.switch.config_dir
    with desk.reading() as conn:
        files = configuration(conn, fixed(desk.settings), desk.key)
    changed = write(files, folder)
    what = f"changed: {', '.join(changed)}" if changed else "nothing had changed"
    say(desk, {"config_dir": str(folder), "changed": list(changed)}, f"{len(files)} files in {folder}; {what}.")
