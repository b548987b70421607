"""`denwaban prices`: the price books, checked, compared and taken in."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from console import times
from console.desk import Json, at_desk
from console.pricing import books_at, own_folder
from console.show import answer, say, table
from dialplan.errors import BadValue
from rating.book import PriceBook
from rating.books_in_force import Books
from rating.catalogue import diff as differences
from rating.catalogue import import_blocks, import_book
from rating.charge import TOKYO
from rating.load import load_book, open_books
from rating.problems import BadBooks

app = typer.Typer(no_args_is_help=True, help="Price books: versions by the date from which they hold.")

Own = Annotated[
    list[Path] | None, typer.Option("--books", metavar="DIR", help="A folder of your own price books; repeat.")
]

Into = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Your folder of price books; else [rating] folder of the settings.")
]


@app.command("list")
def list_(ctx: typer.Context, books: Own = None, json: Json = False) -> None:
    """List every version of every price book."""
    desk = at_desk(ctx)
    today = desk.now().astimezone(TOKYO).date()
    found = books_at(desk, books)
    rows = []
    for book_id in found.ids():
        versions = found.versions(book_id)
        holds = max((one.effective for one in versions if one.effective <= today), default=None)
        rows += [_shape(one) | {"in_force": one.effective == holds} for one in versions]
    columns = ("book", "from", "in force", "tax", "rows", "fees", "title")
    keys = ("id", "effective", "in_force", "tax", "rows", "fees", "title")
    cells = [[row[key] for key in keys] for row in rows]
    answer(desk, {"books": rows}, lambda console: console.print(table(columns, cells)))


@app.command()
def check(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="One version of a book, or a folder of ID/DATE/ folders.")],
    json: Json = False,
) -> None:
    """Read price books and name every problem with its file and line; nothing is changed."""
    desk = at_desk(ctx)
    good = [_version(folder)] if (folder / "book.toml").is_file() else _under(folder)
    say(
        desk,
        {"books": [_shape(book) for book in good]},
        *(f"{book.id} {book.effective}: {len(book.rows)} rows, {len(book.fees)} fees, no problem." for book in good),
    )


@app.command()
def diff(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A folder, ID@DATE, or ID for the version in force.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    books: Own = None,
    json: Json = False,
) -> None:
    """Tell what differs between two books, row by row."""
    desk = at_desk(ctx)
    opened = books_at(desk, books)
    now = desk.now().isoformat()
    before, after = (_named(opened, text, now) for text in (old, new))
    changes = differences(before, after)

    def people(console: Console) -> None:
        for change in changes:
            console.print(f"{change.thing} {change.id}", soft_wrap=True)
            for sign, side in (("-", change.before), ("+", change.after)):
                if side is not None:
                    console.print(f"  {sign} {side}", soft_wrap=True)
        console.print(f"{len(changes)} differences.")

    data = [{"thing": one.thing, "id": one.id, "before": one.before, "after": one.after} for one in changes]
    answer(desk, {"old": _shape(before), "new": _shape(after), "changes": data}, people)


@app.command("import")
def import_(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="One version of a book.")],
    into: Into = None,
    json: Json = False,
) -> None:
    """Check a price book and copy it among your own: whole, or not at all."""
    desk = at_desk(ctx)
    into = own_folder(desk, into)
    book = import_book(folder, into)
    where = into / book.id / book.effective.isoformat()
    say(
        desk,
        _shape(book) | {"folder": str(where)},
        f"{book.id} {book.effective} is now in {where}: {len(book.rows)} rows, {len(book.fees)} fees.",
    )


@app.command()
def blocks(
    ctx: typer.Context,
    book: Annotated[str, typer.Argument(help="Id of the price book.")],
    file: Annotated[Path, typer.Argument(help="A table of number blocks and their groups (blocks.csv).")],
    into: Into = None,
    json: Json = False,
) -> None:
    """Check a table of number blocks and let it tell the groups of a book's numbers from now on."""
    desk = at_desk(ctx)
    into = own_folder(desk, into)
    open_books(*([into] if into.is_dir() else [])).versions(book)  # a misspelt id is no new folder
    held = import_blocks(file, into, book)
    say(desk, {"book": book, "blocks": held}, f"{held} number blocks of {book} are now in {into / book}.")


def _shape(book: PriceBook) -> dict[str, Any]:
    return {
        "id": book.id,
        "effective": book.effective,
        "title": book.title,
        "document": book.document,
        "tax": book.tax.value,
        "rows": len(book.rows),
        "fees": len(book.fees),
    }


def _version(folder: Path) -> PriceBook:
    book, problems = load_book(folder)
    if book is None:
        raise BadBooks(problems)
    return book


def _under(folder: Path) -> list[PriceBook]:
    """Those that the folder itself holds, beside the ones that come with the program."""
    packaged = {(book.id, book.effective, book.rows) for book in open_books()}
    found = [book for book in open_books(folder) if (book.id, book.effective, book.rows) not in packaged]
    if not found:
        raise BadValue("price books", str(folder), "a folder with book.toml, or with ID/DATE/book.toml below it")
    return found


def _named(books: Books, text: str, now: str) -> PriceBook:
    if Path(text).is_dir():
        return _version(Path(text))
    book_id, at, date = text.partition("@")
    moment = times.moment(date if at else now, "date of the price book")
    return books.in_force(book_id, moment)
