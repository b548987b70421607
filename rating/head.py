"""`book.toml`: which book this is, from when it holds, and what holds for it as a whole. Text in, fields out."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

from dialplan.errors import BadValue
from rating.book import WorkRules
from rating.money import ZERO, Tax, yen
from rating.problems import Problem

FILE = "book.toml"
_REQUIRED = {"id", "effective", "title", "document", "tax"}
_TABLES = {"default_groups", "included", "works"}
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_WORK_AMOUNTS = ("kept_apart", "evening_factor", "night_factor", "block")
_WORK_FEES = ("per_block", "holiday", "named_holiday", "visit_hour", "cites")


def read_head(text: str | None) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The fields of PriceBook that book.toml holds, or None and the problems; `text` None means no such file."""
    if text is None:
        return None, [Problem(file=FILE, line=0, message="not there: expected the book's id and date")]
    try:
        # As Decimal, so that a price written without quotes stays what was written.
        found = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        return None, [Problem(file=FILE, line=0, message=f"not readable as TOML: {error}")]
    messages = [f"{key}: missing" for key in sorted(_REQUIRED - found.keys())]
    known = ", ".join(sorted(_REQUIRED | _TABLES))
    messages += [f"{key}: unknown, expected one of {known}" for key in sorted(found.keys() - _REQUIRED - _TABLES)]
    fields: dict[str, Any] = {}
    for key, read in _READERS.items():
        if key not in found:
            continue
        try:
            fields[key] = read(key, found[key])
        except BadValue as error:
            messages.append(str(error))
    if messages:
        return None, [Problem(file=FILE, line=0, message=message) for message in messages]
    return fields, []


def _id(key: str, value: object) -> str:
    if not (isinstance(value, str) and _ID.fullmatch(value)):
        raise BadValue(key, value, "at most 40 small letters, digits, dots and hyphens")
    return value


def _day(key: str, value: object) -> date:
    if type(value) is not date:
        raise BadValue(key, str(value), "a date such as 2025-01-10, without quotes")
    return value


def _text(key: str, value: object) -> str:
    if not (isinstance(value, str) and value):
        raise BadValue(key, value, "text")
    return value


def _tax(key: str, value: object) -> Tax:
    if value not in set(Tax):
        raise BadValue(key, value, "one of " + ", ".join(Tax))
    return Tax(str(value))


def _table(key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadValue(key, value, "a table")
    return value


def _groups(key: str, value: object) -> dict[str, str]:
    return {kind: _text(f"{key}.{kind}", group) for kind, group in _table(key, value).items()}


def _included(key: str, value: object) -> dict[str, Decimal]:
    return {plan: _above(f"{key}.{plan}", amount) for plan, amount in _table(key, value).items()}


def _works(key: str, value: object) -> WorkRules:
    table = _table(key, value)
    expected = {*_WORK_AMOUNTS, *_WORK_FEES, "basic"}
    if table.keys() != expected:
        raise BadValue(key, ", ".join(sorted(table)), ", ".join(sorted(expected)))
    basic = table["basic"]
    if not isinstance(basic, list):
        raise BadValue(f"{key}.basic", basic, "a list of fees")
    fields: dict[str, Any] = {name: _above(f"{key}.{name}", table[name]) for name in _WORK_AMOUNTS}
    fields |= {name: _text(f"{key}.{name}", table[name]) for name in _WORK_FEES}
    return WorkRules(basic=tuple(_text(f"{key}.basic", name) for name in basic), **fields)


def _above(thing: str, value: object) -> Decimal:
    try:
        amount = yen(value)
    except BadValue as error:
        raise BadValue(thing, value, error.expected) from None
    if amount <= ZERO:
        raise BadValue(thing, str(value), "above zero")
    return amount


_READERS = {
    "id": _id,
    "effective": _day,
    "title": _text,
    "document": _text,
    "tax": _tax,
    "default_groups": _groups,
    "included": _included,
    "works": _works,
}
