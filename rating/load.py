"""Price books from folders of files: all of a book or nothing of it, with every problem named.

A folder `<id>/<effective date>/` holds `book.toml`, `calls*.csv`, and where needed `bands.csv`, `tiers.csv`,
`blocks.csv`, `unpriced.csv`, `fees*.csv`. `golden.csv` beside them holds worked examples, read by the tests.
An operator's own `<id>/blocks.csv`, beside the dates, adds number blocks to every version of that book.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

from rating import rows
from rating.book import Fee, PriceBook, Row
from rating.books_in_force import Books
from rating.head import read_head
from rating.problems import BadBooks, Problem


def packaged() -> Traversable:
    """The books that travel with the program."""
    return files("rating") / "books"


def open_books(*folders: Traversable) -> Books:
    """Every book below the packaged folder and `folders` (a version there replaces the packaged one of its date).

    Raises BadBooks with all problems of all books if there is one: prices are never half-loaded.
    """
    found: dict[tuple[str, date], PriceBook] = {}
    blocks: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for root in (packaged(), *folders):
        if not root.is_dir():
            problems.append(Problem(file=str(root), line=0, message="found no folder, expected one of price books"))
            continue
        for book_folder in _folders(root):
            for version in _folders(book_folder):
                book, wrong = load_book(version)
                problems += wrong
                if book is None:
                    continue
                if (book_folder.name, version.name) != (book.id, book.effective.isoformat()):
                    message = f"folder: found {book_folder.name}/{version.name}, expected {book.id}/{book.effective}"
                    problems.append(Problem(file=str(version), line=0, message=message))
                found[(book.id, book.effective)] = book
            if (table := book_folder / "blocks.csv").is_file():
                good, wrong = read_blocks(table)
                blocks.setdefault(book_folder.name, {}).update(good)
                problems += wrong
    for key, book in found.items():
        if added := blocks.get(book.id):
            found[key] = replace(book, blocks={**book.blocks, **added})
            problems += _unknown_groups(found[key], f"{book.id}/blocks.csv")
    for name in blocks.keys() - {book_id for book_id, _ in found}:
        message = f"found blocks of {name!r}, expected a price book with a version"
        problems.append(Problem(file=f"{name}/blocks.csv", line=0, message=message))
    if problems:
        raise BadBooks(problems)
    return Books(found.values())


def read_blocks(file: Traversable) -> tuple[dict[str, str], list[Problem]]:
    """A table of number blocks → (E.164 digits → group, problems)."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        return {}, [Problem(file=str(file), line=0, message=f"not UTF-8: {error.reason}")]
    good, problems = rows.blocks(text, str(file))
    return _once(good, str(file), "block", problems), problems


def load_book(folder: Traversable) -> tuple[PriceBook | None, list[Problem]]:
    """One version of one book: (book, []) or (None, problems with file and line)."""
    texts, problems = _texts(folder)
    if problems:
        return None, problems
    head, problems = read_head(texts.get("book.toml"))
    call_rows, wrong = _calls(texts)
    problems += wrong
    bands, wrong_bands = rows.bands(texts["bands.csv"], "bands.csv") if "bands.csv" in texts else ([], [])
    tiers, wrong_tiers = rows.tiers(texts["tiers.csv"], "tiers.csv") if "tiers.csv" in texts else ([], [])
    full_rows, wrong = rows.with_bands_and_tiers(call_rows, bands, tiers)
    # Bands of a row that did not parse would only repeat the complaint about that row.
    problems += wrong_bands + wrong_tiers + (wrong if not problems else [])
    blocks, wrong = rows.blocks(texts["blocks.csv"], "blocks.csv") if "blocks.csv" in texts else ([], [])
    problems += wrong
    holes, wrong = rows.unpriced(texts["unpriced.csv"], "unpriced.csv") if "unpriced.csv" in texts else ([], [])
    problems += wrong
    fees, wrong = _fees(texts)
    problems += wrong
    book = None
    if head is not None:
        book = PriceBook(
            rows=tuple(full_rows),
            fees=tuple(fees),
            blocks=_once(blocks, "blocks.csv", "block", problems),
            unpriced=_once(holes, "unpriced.csv", "prefix", problems),
            **head,
        )
        if not problems:
            problems += _unknown_groups(book, "blocks.csv")
    if problems:
        return None, [_inside(folder, problem) for problem in problems]
    return book, []


def _calls(texts: Mapping[str, str]) -> tuple[list[tuple[int, Row]], list[Problem]]:
    """The rows of every calls*.csv; two rows may price the same calls only at the same price."""
    names = sorted(name for name in texts if name.startswith("calls"))
    if not names:
        return [], [Problem(file="calls.csv", line=0, message="not there: expected the priced rows")]
    found: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    keys: dict[object, Row] = {}
    for name in names:
        good, wrong = rows.calls(texts[name], name)
        problems += wrong
        for line, row in good:
            problems += _twice(seen, row.id, name, line, "row")
            for key in _row_keys(row):
                other = keys.setdefault(key, row)
                if _price(other) != _price(row):
                    message = f"row {row.id}: prices the same calls as row {other.id}, and differently"
                    problems.append(Problem(file=name, line=line, message=message))
            found.append((line, row))
    return found, problems


def _fees(texts: Mapping[str, str]) -> tuple[list[Fee], list[Problem]]:
    found: list[Fee] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name in sorted(name for name in texts if name.startswith("fees")):
        good, wrong = rows.fees(texts[name], name)
        problems += wrong
        for line, fee in good:
            problems += _twice(seen, fee.id, name, line, "fee")
            found.append(fee)
    return found, problems


def _once(pairs: list[tuple[int, tuple[str, str]]], file: str, thing: str, problems: list[Problem]) -> dict[str, str]:
    """The pairs as a mapping; a key given twice is added to `problems`."""
    found: dict[str, str] = {}
    for line, (key, value) in pairs:
        if key in found:
            problems.append(Problem(file=file, line=line, message=f"{thing} {key}: given twice"))
        found[key] = value
    return found


def _unknown_groups(book: PriceBook, file: str) -> list[Problem]:
    known = {row.group for row in book.rows if row.group}
    expected = ", ".join(sorted(known)) or "no group at all"
    used = {**{f"block {block}": group for block, group in book.blocks.items()}, **book.default_groups}
    wrong = {group: where for where, group in used.items() if group not in known}
    return [
        Problem(file=file, line=0, message=f"{where}: found group {group!r}, expected one of {expected}")
        for group, where in wrong.items()
    ]


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


def _row_keys(row: Row) -> Iterable[object]:
    """What must be unique: two rows with one key would leave the price to their order in the file."""
    for service in row.services:
        for prefix in row.prefixes or ("",):
            yield (service, row.far, row.plan, row.near, "" if prefix else row.group, row.variant, prefix)


def _price(row: Row) -> tuple[object, ...]:
    return (row.rate, row.connection, row.minimum, row.cap)


def _twice(seen: dict[str, str], name: str, file: str, line: int, thing: str) -> list[Problem]:
    if name in seen:
        message = f"{thing} {name}: given twice, first at {seen[name]}"
        return [Problem(file=file, line=line, message=message)]
    seen[name] = f"{file}:{line}"
    return []


def _inside(folder: Traversable, problem: Problem) -> Problem:
    return Problem(file=f"{folder}/{problem.file}", line=problem.line, message=problem.message)
