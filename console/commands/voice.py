"""`denwaban voice`: the announcements and prompts as sound."""

from pathlib import Path
from typing import Annotated

import typer

from console.desk import Json, at_desk
from console.progress import progress
from console.settings import settings_file
from console.show import say
from voice.build import build as build_prompts
from voice.rows import Language

app = typer.Typer(no_args_is_help=True, help="What callers hear.")


@app.callback()
def voice() -> None:
    pass


@app.command()
def build(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Else sounds/ beside the settings file.")] = None,
    language: Annotated[list[Language] | None, typer.Option(help="ja or en; else both.")] = None,
    json: Json = False,
) -> None:
    """Speak every prompt that is missing or whose text has changed; your own recordings are left alone."""
    desk = at_desk(ctx)
    folder = out or settings_file(desk.given).absolute().parent / "sounds"
    with progress(desk, "Speaking the prompts") as step:
        report = build_prompts(folder, language or tuple(Language), step)
    say(
        desk,
        {
            "out": str(folder),
            "built": list(report.built),
            "kept": list(report.kept),
            "studio": list(report.studio),
        },
        f"{folder}: {len(report.built)} built, {len(report.kept)} up to date, {len(report.studio)} of your own.",
    )
