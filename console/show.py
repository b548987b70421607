"""Answers: JSON for programs, tables and short sentences for people."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from console.desk import Desk
from dialplan.numbers import shown
from rating.money import plain
from subscribers.calendar import JST

_WIDE = 240  # columns of a table that goes into a file or another program: nothing is cut there


def answer(desk: Desk, data: Mapping[str, Any], people: Callable[[Console], None]) -> None:
    """`data` may hold Decimal, datetime and date; `people` prints the same for people."""
    if desk.as_json:
        print_json(data)
    else:
        people(screen())


def say(desk: Desk, data: Mapping[str, Any], *sentences: str) -> None:
    def people(console: Console) -> None:
        for sentence in sentences:
            console.print(sentence, soft_wrap=True)

    answer(desk, data, people)


def screen() -> Console:
    """Names and numbers are printed as they are: a member called [bold] is called so."""
    width = None if sys.stdout.isatty() else _WIDE
    return Console(markup=False, highlight=False, emoji=False, width=width)


def print_json(data: Mapping[str, Any]) -> None:
    print(json_text(data))


def json_text(data: Mapping[str, Any]) -> str:
    """As `--json` prints it: amounts as text, moments in Japan."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=_plain)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    made = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def fields(pairs: Iterable[tuple[str, object]]) -> Table:
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column()
    for name, value in pairs:
        made.add_row(name, cell(value))
    return made


def cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return when(value)
    return str(value)


def when(at: datetime) -> str:
    """In Japan, where every date of this service is meant."""
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S}".removesuffix(":00") + " JST"


def numbers(several: Iterable[str]) -> str:
    return ", ".join(shown(one) for one in several)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(JST).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
