"""Price books from folders of files: all of a book or nothing of it, with every problem named.

A folder `<id>/<effective date>/` holds `book.toml`, `calls*.csv`, and where needed `bands.csv`, `tiers.csv`,
`blocks.csv`, `fees*.csv`. `golden.csv` beside them holds worked examples and is read by the tests.
"""

import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from dialplan.errors import BadValue
from rating import rows
from rating.book import Fee, PriceBook, Row
from rating.books_in_force import Books
from rating.money import Tax, yen
from rating.problems import BadBooks, Problem

_KEYS = {"id", "effective", "title", "document", "tax", "default_groups", "included"}
_OPTIONAL = {"default_groups", "included"}


def packaged() -> Traversable:
    """The books that travel with the program."""
    return files("rating") / "books"


def open_books(*folders: Traversable) -> Books:
    """Every book below the packaged folder and `folders` (a version there replaces the packaged one of its date).

    Raises BadBooks with all problems of all books if there is one: prices are never half-loaded.
    """
    found: dict[tuple[str, date], PriceBook] = {}
    problems: list[Problem] = []
    for root in (packaged(), *folders):
        if not root.is_dir():
            problems.append(Problem(file=str(root), line=0, message="found no folder, expected one of price books"))
            continue
        here: set[tuple[str, date]] = set()
        for book_folder in _folders(root):
            for version in _folders(book_folder):
                book, wrong = load_book(version)
                problems += wrong
                if book is None:
                    continue
                key = (book.id, book.effective)
                wrong_place = (book_folder.name, version.name) != (book.id, book.effective.isoformat())
                if wrong_place or key in here:
                    message = f"folder: found {book_folder.name}/{version.name}, expected {book.id}/{book.effective}"
                    problems.append(Problem(file=str(version), line=0, message=message))
                here.add(key)
                found[key] = book
    if problems:
        raise BadBooks(problems)
    return Books(found.values())


def load_book(folder: Traversable) -> tuple[PriceBook | None, list[Problem]]:
    """One version of one book: (book, []) or (None, problems with file and line)."""
    texts, problems = _texts(folder)
    if problems:
        return None, problems
    head, wrong = _head(texts.get("book.toml"))
    problems += wrong
    call_rows: list[tuple[int, Row]] = []
    seen: dict[str, str] = {}
    keys: dict[object, str] = {}
    for name in sorted(name for name in texts if name.startswith("calls")):
        good, wrong = rows.calls(texts[name], name)
        problems += wrong
        for line, row in good:
            problems += _twice(seen, row.id, name, line, "row")
            for key in _row_keys(row):
                problems += _same_key(keys, key, row, name, line)
            call_rows.append((line, row))
    found_bands, wrong_bands = rows.bands(texts["bands.csv"], "bands.csv") if "bands.csv" in texts else ([], [])
    found_tiers, wrong_tiers = rows.tiers(texts["tiers.csv"], "tiers.csv") if "tiers.csv" in texts else ([], [])
    full_rows, wrong = rows.with_bands_and_tiers(call_rows, found_bands, found_tiers)
    # Bands of a row that did not parse would only repeat the complaint about that row.
    problems += wrong_bands + wrong_tiers + (wrong if not problems else [])
    blocks: dict[str, str] = {}
    if "blocks.csv" in texts:
        good_blocks, wrong = rows.blocks(texts["blocks.csv"], "blocks.csv")
        problems += wrong
        for line, (block, group) in good_blocks:
            if block in blocks:
                problems.append(Problem(file="blocks.csv", line=line, message=f"block {block}: given twice"))
            blocks[block] = group
    found_fees: list[Fee] = []
    fees_seen: dict[str, str] = {}
    for name in sorted(name for name in texts if name.startswith("fees")):
        good_fees, wrong = rows.fees(texts[name], name)
        problems += wrong
        for line, fee in good_fees:
            problems += _twice(fees_seen, fee.id, name, line, "fee")
            found_fees.append(fee)
    if not any(name.startswith("calls") for name in texts):
        problems.append(Problem(file="calls.csv", line=0, message="not there: expected the priced rows"))
    if problems or head is None:
        return None, [_inside(folder, problem) for problem in problems]
    return PriceBook(rows=tuple(full_rows), fees=tuple(found_fees), blocks=blocks, **head), []


def _folders(root: Traversable) -> list[Traversable]:
    inside = (entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(("_", ".")))
    return sorted(inside, key=lambda entry: entry.name)


def _texts(folder: Traversable) -> tuple[dict[str, str], list[Problem]]:
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    if not folder.is_dir():
        return {}, [Problem(file=str(folder), line=0, message="found no folder, expected a price book's")]
    for entry in folder.iterdir():
        if not entry.name.endswith((".csv", ".toml")):
            continue
        try:
            texts[entry.name] = entry.read_text("utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(file=str(entry), line=0, message=f"not UTF-8: {error.reason}"))
    return texts, problems


def _head(text: str | None) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The fields of PriceBook that book.toml holds."""
    if text is None:
        return None, [Problem(file="book.toml", line=0, message="not there: expected the book's id and date")]
    try:
        # Decimal as parse_float: a price written without quotes stays what was written.
        found = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        return None, [Problem(file="book.toml", line=0, message=str(error))]
    messages = [f"{key}: missing" for key in sorted(_KEYS - _OPTIONAL - found.keys())]
    messages += [
        f"{key}: unknown, expected one of {', '.join(sorted(_KEYS))}" for key in sorted(found.keys() - _KEYS)
    ]
    for key in ("id", "title", "document"):
        if key in found and not (isinstance(found[key], str) and found[key]):
            messages.append(str(BadValue(key, found[key], "text")))
    if "effective" in found and type(found["effective"]) is not date:
        messages.append(str(BadValue("effective", str(found["effective"]), "a date such as 2025-01-10")))
    if "tax" in found and found["tax"] not in set(Tax):
        messages.append(str(BadValue("tax", found["tax"], "one of " + ", ".join(Tax))))
    for key in _OPTIONAL & found.keys():
        if not isinstance(found[key], dict):
            messages.append(str(BadValue(key, found[key], "a table")))
    included: dict[str, Decimal] = {}
    if isinstance(found.get("included"), dict):
        for plan, amount in found["included"].items():
            try:
                included[plan] = yen(amount)
            except BadValue as error:
                messages.append(f"included.{plan}: {error}")
    if messages:
        return None, [Problem(file="book.toml", line=0, message=message) for message in messages]
    return {
        "id": found["id"],
        "effective": found["effective"],
        "title": found["title"],
        "document": found["document"],
        "tax": Tax(found["tax"]),
        "default_groups": dict(found.get("default_groups", {})),
        "included": included,
    }, []


def _row_keys(row: Row) -> Iterable[object]:
    """What must be unique: two rows with one key would leave the price to their order in the file."""
    for service in row.services:
        for prefix in row.prefixes or ("",):
            yield (service, row.far, row.plan, row.near, "" if prefix else row.group, row.variant, prefix)


def _same_key(keys: dict[object, str], key: object, row: Row, file: str, line: int) -> list[Problem]:
    if key in keys and keys[key] != row.id:
        message = f"row {row.id}: prices the same calls as row {keys[key]}"
        return [Problem(file=file, line=line, message=message)]
    keys[key] = row.id
    return []


def _twice(seen: dict[str, str], name: str, file: str, line: int, thing: str) -> list[Problem]:
    if name in seen:
        message = f"{thing} {name}: given twice, first at {seen[name]}"
        return [Problem(file=file, line=line, message=message)]
    seen[name] = f"{file}:{line}"
    return []


def _inside(folder: Traversable, problem: Problem) -> Problem:
    return Problem(file=f"{folder}/{problem.file}", line=problem.line, message=problem.message)
