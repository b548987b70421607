"""Reading CSV text into cells that know their file and line. Good rows and problems, never an exception."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from dialplan.errors import BadValue
from rating.money import yen
from rating.problems import Problem

T = TypeVar("T")
_MOST = 1_000_000_000
_DECIMALS = 6  # what the store's money columns keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One data line: its number in the file and its cells by column, stripped."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """A cell that must not be empty."""
        found = self.cells[column]
        if not found:
            raise BadValue(column, "", "a value")
        return found

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        found = self.cells[column]
        if found not in allowed:
            raise BadValue(column, found, "one of " + ", ".join(f"'{value}'" for value in allowed))
        return found

    def amount(self, column: str) -> Decimal:
        """Yen, zero or more."""
        return _at_least_zero(column, self.text(column))

    def amount_or(self, column: str, default: Decimal | None) -> Decimal | None:
        return _at_least_zero(column, self.cells[column]) if self.cells[column] else default

    def seconds(self, column: str) -> Decimal:
        """Length of a unit in seconds, above zero, at most three decimals."""
        found = _at_least_zero(column, self.text(column))
        if found == 0 or found != round(found, 3):
            raise BadValue(column, self.cells[column], "seconds above zero, to the millisecond")
        return found


def _at_least_zero(column: str, text: str) -> Decimal:
    try:
        amount = yen(text)
    except BadValue:
        raise BadValue(column, text, "a number such as 8.0 or 1,000") from None
    if amount < 0:
        raise BadValue(column, text, "zero or more")
    if amount >= _MOST or amount != round(amount, _DECIMALS):
        raise BadValue(column, text, f"less than {_MOST} and at most {_DECIMALS} decimals")
    return amount


def parse(
    text: str, file: str, columns: Sequence[str], make: Callable[[Line], T]
) -> tuple[list[tuple[int, T]], list[Problem]]:
    """Applies `make` to each line. Lines starting with # are remarks. Returns ((line number, value), problems)."""
    good: list[tuple[int, T]] = []
    problems: list[Problem] = []
    try:
        for number, cells in _cells(text):
            if number == 1:
                if tuple(cells) != tuple(columns):
                    message = f"header: found {','.join(cells)!r}, expected {','.join(columns)!r}"
                    return [], [Problem(file=file, line=1, message=message)]
                continue
            if len(cells) != len(columns):
                message = f"cells: found {len(cells)}, expected {len(columns)}"
                problems.append(Problem(file=file, line=number, message=message))
                continue
            try:
                good.append((number, make(Line(number=number, cells=dict(zip(columns, cells, strict=True))))))
            except BadValue as error:
                problems.append(Problem(file=file, line=number, message=str(error)))
    except _Unreadable as error:
        problems.append(Problem(file=file, line=error.line, message=f"not readable as CSV from here on: {error}"))
    if not text.strip():
        problems.append(Problem(file=file, line=0, message=f"empty: expected the header {','.join(columns)!r}"))
    return good, problems


class _Unreadable(ValueError):
    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(why)


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _Unreadable(start, str(error)) from None
        if cells is None:
            return
        number, start = start, reader.line_num + 1
        if number > 1 and (not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#")):
            continue
        yield number, [cell.strip() for cell in cells]
