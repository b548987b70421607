"""Taking price books in and telling two versions apart: what `denwaban prices` does."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path

from dialplan.errors import BadValue
from rating.book import Fee, PriceBook, Rate, Row
from rating.load import load_book, open_books, read_blocks
from rating.money import plain
from rating.problems import BadBooks


def import_book(source: Path, into: Path) -> PriceBook:
    """Checks the book in the folder `source` and copies it to `into/<id>/<effective>/`, whole or not at all.

    Raises BadBooks with every problem; BadValue where that version is already there: calls may have been charged by
    it, so a correction is a new version with a later date.
    """
    book, problems = load_book(source)
    if book is None:
        raise BadBooks(problems)
    place = into / book.id / book.effective.isoformat()
    if place.exists():
        expected = f"an effective date without a version of {book.id} in {into}"
        raise BadValue("price book", f"{book.id} {book.effective}", expected)
    place.parent.mkdir(parents=True, exist_ok=True)
    # Prepared beside its place under a name that is never read as a book, then renamed: whole or not there.
    with tempfile.TemporaryDirectory(prefix=".import-", dir=place.parent) as beside:
        ready = Path(beside) / "book"
        shutil.copytree(source, ready)
        ready.rename(place)
    return book


def import_blocks(source: Path, into: Path, book_id: str) -> int:
    """Replaces the operator's number blocks of a book by the table `source`; returns how many blocks it holds.

    Raises BadBooks, the old table kept, for a bad line and for a group that the book does not price.
    """
    blocks, problems = read_blocks(source)
    if problems:
        raise BadBooks(problems)
    with tempfile.TemporaryDirectory(prefix=".blocks-") as trial:
        copy = Path(trial) / book_id
        copy.mkdir()
        shutil.copyfile(source, copy / "blocks.csv")
        open_books(*([into] if into.is_dir() else []), Path(trial))
    place = into / book_id
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=place) as beside:
        ready = Path(beside) / "blocks.csv"
        shutil.copyfile(source, ready)
        ready.replace(place / "blocks.csv")
    return len(blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`before` is None for what is new, `after` None for what is gone; both as one line of text."""

    thing: str
    id: str
    before: str | None
    after: str | None


def diff(old: PriceBook, new: PriceBook) -> tuple[Change, ...]:
    """What differs between two books or versions: heads, rows and fees, in the order of their ids."""
    heads = [
        Change(thing="book", id=name, before=str(getattr(old, name)), after=str(getattr(new, name)))
        for name in ("tax", "default_groups", "included", "unpriced", "blocks", "title", "document")
        if getattr(old, name) != getattr(new, name)
    ]
    return (*heads, *_changes("row", old.rows, new.rows), *_changes("fee", old.fees, new.fees))


def described(item: Row | Fee) -> str:
    """One line with everything that a row or a fee says."""
    parts = []
    for spec in fields(item):
        value = getattr(item, spec.name)
        if spec.name != "id" and value not in (None, "", (), Decimal(0)):
            parts.append(f"{spec.name}={_shown(value)}")
    return " ".join(parts)


def _changes(thing: str, old: Iterable[Row | Fee], new: Iterable[Row | Fee]) -> list[Change]:
    before = {item.id: described(item) for item in old}
    after = {item.id: described(item) for item in new}
    return [
        Change(thing=thing, id=name, before=before.get(name), after=after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Rate):
        first = f"{plain(value.first_price)}/{plain(value.first_seconds)}s"
        then = f"{plain(value.next_price)}/{plain(value.next_seconds)}s"
        return first if first == then else f"{first} then {then}"
    if isinstance(value, frozenset):
        return "+".join(sorted(value))
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value)
