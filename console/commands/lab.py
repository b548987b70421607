"""`denwaban lab`: Asterisk, a carrier and phones in containers, to test with before the live switch is touched."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from console.desk import Json, at_desk
from console.init import SETTINGS, initialise
from console.settings import load
from console.show import answer, cell, print_json, say, screen, table
from console.telling import story
from dialplan.errors import BadValue
from lab import lab
from lab.call import place as place_call
from lab.charges import charges_since
from lab.configure import Handset
from lab.ends import Ends
from lab.engine import find as find_engine
from lab.errors import LabError
from lab.image import ensure
from lab.place import Place, find
from lab.sample import handsets, sow
from lab.story import Placed
from store.engine import open_engine, reading, writing
from voice.build import build, install_shipped

app = typer.Typer(no_args_is_help=True, help="Asterisk, a carrier and phones in containers, on loopback only.")


@app.command()
def up(
    ctx: typer.Context,
    carrier: Annotated[bool, typer.Option("--carrier/--no-carrier", help="The simulated carrier.")] = True,
    phones: Annotated[
        bool, typer.Option("--phones/--no-phones", help="Phones that register as the handsets.")
    ] = True,
    sample: Annotated[
        bool, typer.Option("--sample/--empty", help="Put a member with two lines into a new lab.")
    ] = True,
    json: Json = False,
) -> None:
    """Start what does not run yet, and wait until it is ready. Run again after adding handsets."""
    desk = at_desk(ctx)
    place = find()
    place = replace(place, sounds=place.root / "sounds")
    with _progress("starting the lab", desk.as_json) as tell:
        _speak(place.sounds, tell)

        def prepare(home: Path, overrides: Mapping[str, Mapping[str, Any]]) -> Path:
            return _prepared(place, home, overrides, sample)

        parts = lab.up(
            place,
            prepare=prepare,
            serve=lambda file: [sys.executable, "-m", "console", "--settings", str(file), "serve"],
            carrier=carrier,
            phones=phones,
            handsets=_handsets(place),
            progress=tell,
        )
    _show(desk.as_json, parts, f"for the other commands: export DENWABAN_SETTINGS={place.root / SETTINGS}")


@app.command()
def down(ctx: typer.Context, json: Json = False) -> None:
    """Stop everything. The lab's folder stays, with settings, lines, records and logs."""
    place = find()
    lab.down(place)
    say(at_desk(ctx), {"down": str(place.root)}, f"The lab is down; its folder {place.root} stays.")


@app.command()
def status(ctx: typer.Context, json: Json = False) -> None:
    """What runs, since when, and how it is. Exit 1 when a part is not healthy."""
    parts = lab.status(find())
    _show(at_desk(ctx).as_json, parts)
    if not all(part.healthy for part in parts):
        raise typer.Exit(1)


@app.command()
def logs(
    part: Annotated[str, typer.Argument(help="switch, carrier, phones or serve.")] = "serve",
    lines: Annotated[int, typer.Option(min=1, help="How many of the last lines.")] = 100,
) -> None:
    """The last lines of what a part wrote."""
    typer.echo(lab.logs(find(), part, lines), nl=False)


@app.command()
def image(ctx: typer.Context, json: Json = False) -> None:
    """Build the Asterisk image if it is not there yet (`make setup` does)."""
    with _progress("image", at_desk(ctx).as_json) as tell:
        tag = ensure(find_engine(), tell)
    say(at_desk(ctx), {"image": tag}, f"image {tag}")


@app.command()
def call(
    ctx: typer.Context,
    from_: Annotated[str, typer.Option("--from", help="The caller's number, or a handset's SIP user.")],
    to: Annotated[str, typer.Option("--to", help="The number to dial.")],
    withhold: Annotated[bool, typer.Option("--withhold", help="Withhold the caller's number.")] = False,
    dtmf: Annotated[str, typer.Option(help="Keys to send once answered; w waits half a second.")] = "",
    talk: Annotated[float, typer.Option(min=0, help="Seconds to stay after the answer.")] = 3.0,
    json: Json = False,
) -> None:
    """Place one real call; print what each end saw, how it ended, and what it cost.

    Exit 1 when the call could not be placed; a call that is refused or not answered was placed.
    """
    desk = at_desk(ctx)
    place = find()
    try:
        with _progress(f"calling {to}", desk.as_json):
            placed = asyncio.run(_placed(place, from_, to, withhold, dtmf, talk))
    except LabError as problem:
        if desk.as_json:
            print_json({"error": {"thing": "call", "message": str(problem)}})
        typer.echo(f"denwaban: {problem}", err=True)
        raise typer.Exit(1) from None
    answer(desk, _shape(placed), lambda console: story(console, placed))


def _shape(placed: Placed) -> dict[str, Any]:
    """Every key without the underscore that Python's words force on ours."""
    return {name.rstrip("_"): value for name, value in asdict(placed).items()}


async def _placed(place: Place, from_: str, to: str, withhold: bool, dtmf: str, talk: float) -> Placed:
    engine = open_engine(load(place.root / SETTINGS).store.url)
    try:
        async with Ends(place) as ends:
            charges = charges_since(engine, datetime.now(UTC))
            return await place_call(ends, from_, to, withhold, dtmf, talk, charges=charges)
    finally:
        engine.dispose()


def _prepared(place: Place, home: Path, overrides: Mapping[str, Mapping[str, Any]], sample: bool) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    file = initialise(home, overrides, place.trunk())
    if sample:
        settings = load(file)
        engine = open_engine(settings.store.url)
        with writing(engine) as conn:
            sown = sow(conn, settings.store.key.get_secret_value(), datetime.now(UTC))
        engine.dispose()
        if sown:
            initialise(home, overrides, place.trunk())  # the sample's handset belongs into the configuration
    return file


def _speak(sounds: Path, tell: Callable[[int, int, str], None]) -> None:
    """Every prompt, where the speech engines are installed; else the announcements that are shipped, and menus
    without a voice.
    """
    install_shipped(sounds)
    try:
        build(sounds, progress=tell)
    except BadValue as missing:
        if missing.thing != "speech engine":
            raise
        typer.echo(f"denwaban: the menus will be silent: {missing}", err=True)


def _handsets(place: Place) -> Iterator[Handset]:
    """Read when asked for, which is after `prepare` has made the store."""
    settings = load(place.root / SETTINGS)
    engine = open_engine(settings.store.url)
    try:
        with reading(engine) as conn:
            yield from handsets(conn, settings.store.key.get_secret_value())
    finally:
        engine.dispose()


def _show(as_json: bool, parts: list[lab.Part], *more: str) -> None:
    if as_json:
        print_json({"parts": [asdict(part) for part in parts]})
        return
    console: Console = screen()
    rows = [(part.name, "runs" if part.running else "does not run", cell(part.since), part.health) for part in parts]
    console.print(table(("part", "", "since", "health"), rows))
    for line in more:
        console.print(line, soft_wrap=True)


@contextmanager
def _progress(what: str, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """A line that moves while something takes long; on a terminal only."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(what)
        yield lambda done, total, step: bar.update(task, description=f"{step} ({done} of {total})")
