"""`denwaban installation`: where handsets stand, for the notice of location (緊急通報位置通知)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from console.desk import Json, at_desk
from console.files import BOM, put
from console.lines import LineName
from console.shapes import installation_shape
from console.show import answer, fields, print_json, say
from console.which import line_named
from dialplan.errors import BadValue
from dialplan.numbers import shown
from rating.invoice.export import csv_text
from subscribers.installations import Located
from subscribers.records import installations as records

app = typer.Typer(
    no_args_is_help=True, help="Installation addresses (設置場所): where emergency services would come."
)

MISSING = 1
"""Exit status of an export that lines are missing from; 2 is a complaint."""

COLUMNS = ("電話番号", "契約者名", "郵便番号", "住所", "建物名")


@app.command("set")
def set_(
    ctx: typer.Context,
    line: LineName,
    postcode: Annotated[str, typer.Option(metavar="NNN-NNNN", help="Postcode.")],
    address: Annotated[str, typer.Option(help="Prefecture, town and house number.")],
    building: Annotated[str, typer.Option(help="Building, floor and room.")] = "",
    json: Json = False,
) -> None:
    """Put on record where a line's handset stands, in place of what was."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        found = line_named(conn, line)
        new = records.set_installation(
            conn, found.line.id, postcode=postcode, address=address, building=building, at=desk.now()
        )
    sentence = f"Line {found.line.id}, {shown(found.line.number)}: 〒{new.postcode} {new.address} {new.building}"
    say(desk, installation_shape(Located(found=found, installation=new)), sentence.rstrip())


@app.command()
def show(ctx: typer.Context, line: LineName, json: Json = False) -> None:
    """Show where a line's handset stands."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = line_named(conn, line)
        where = records.get_installation(conn, found.line.id)
    data = installation_shape(Located(found=found, installation=where))
    name = f"{found.line.id} {shown(found.line.number)}"
    if where is None:
        say(desk, data, f"Line {name}: no address on record. Set it: denwaban installation set LINE")
        return
    pairs = [
        ("line", name),
        ("member", f"{found.member.id} {found.member.name}"),
        ("postcode", where.postcode),
        ("address", where.address),
        ("building", where.building),
        ("on record since", where.changed_at),
    ]
    answer(desk, data, lambda console: console.print(fields(pairs)))


@app.command()
def export(
    ctx: typer.Context,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the CSV there; else to stdout.")] = None,
    json: Json = False,
) -> None:
    """Every line with a handset and where it stands, as CSV (UTF-8 with a byte order mark).

    A row for each number of a line: its handset may show any. Lines without an address are named on stderr, and the
    exit status is 1.
    """
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = records.located(conn, desk.now())
    known = [one for one in found if one.installation is not None]
    missing = [one for one in found if one.installation is None]
    text = BOM + csv_text([COLUMNS, *_rows(known)])
    if to is not None:
        _write(to, text)
    if desk.as_json:
        print_json(
            {
                "file": None if to is None else str(to),
                "installations": [installation_shape(one) for one in known],
                "missing": [installation_shape(one) for one in missing],
            }
        )
    elif to is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(f"{to}: {len(known)} lines with a handset and an address, {len(missing)} without an address.")
    for one in missing:
        line = one.found.line
        hint = f"denwaban installation set {line.id}"
        typer.echo(f"denwaban: line {line.id}, {shown(line.number)}: no installation address ({hint})", err=True)
    if missing:
        raise typer.Exit(MISSING)


def _rows(known: Sequence[Located]) -> list[tuple[str, ...]]:
    return [
        (shown(number), one.found.member.name, where.postcode, where.address, where.building)
        for one in known
        if (where := one.installation) is not None
        for number in one.found.line.numbers
    ]


def _write(to: Path, text: str) -> None:
    if not to.parent.is_dir() or to.is_dir():
        raise BadValue("file to write", str(to), "a file in a folder that exists")
    put(to, text.encode())
