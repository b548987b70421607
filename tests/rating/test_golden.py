"""Every worked example beside every packaged book, as a reader of the price list wrote it."""

import csv
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

from rating.book import PriceBook
from rating.charge import TOKYO, NoPrice, rate
from rating.load import open_books, packaged
from rating.party import party
from rating.usage import Party, Plan, Service, Usage

BOOKS = open_books()
CASES: list[tuple[str, dict[str, str]]] = []
for folder in (entry for entry in packaged().iterdir() if entry.is_dir()):
    for version in (entry for entry in folder.iterdir() if entry.is_dir()):
        for file in (entry for entry in version.iterdir() if entry.name.startswith("golden")):
            CASES += [(folder.name, case) for case in csv.DictReader(file.read_text("utf-8").splitlines())]


def end(text: str, group: str) -> Party | None:
    """ "handset:03-…", "payphone:" and "group:03-…" say what no number tells."""
    kind, colon, number = text.partition(":")
    if colon:
        return Party(kind, party(number).digits if number else "", group)
    return Party(party(text).kind, party(text).digits, group) if text else None


def usage(case: dict[str, str]) -> Usage:
    service = Service(case["service"])
    called = end(case["to"], case["group"] if service is not Service.FREEPHONE else "")
    assert called is not None
    return Usage(
        service=service,
        plan=Plan(case["plan"]) if case["plan"] else None,
        caller=end(case["from"], case["group"] if service is Service.FREEPHONE else ""),
        to=called,
        variant=case["variant"],
        at=datetime.fromisoformat(case["at"]).replace(tzinfo=TOKYO),
        answered=Decimal(case["seconds"]) if case["seconds"] else None,
    )


@pytest.mark.parametrize("book", sorted({book for book, _ in CASES}))
def test_every_worked_example_costs_what_the_price_list_says(book: str) -> None:
    wrong = []
    for case in (case for name, case in CASES if name == book):
        used = usage(case)
        try:
            charge = rate(BOOKS.in_force(book, used.at), used)
            found = (f"{charge.amount.normalize():f}", charge.row)
        except NoPrice:
            found = ("refused", "")
        if found != (case["yen"], case["row"]):
            wrong.append((case, found))
    assert wrong == []


def seen(book: str) -> dict[str, set[int]]:
    """Row → the seconds at which it has an example."""
    found: dict[str, set[int]] = defaultdict(set)
    for name, case in CASES:
        if name == book and case["seconds"]:
            found[case["row"]].add(int(case["seconds"]))
    return found


@pytest.mark.parametrize("book", tuple(BOOKS), ids=lambda book: f"{book.id}-{book.effective}")
def test_every_row_has_examples_around_its_unit(book: PriceBook) -> None:
    examples = seen(book.id)
    missing = [
        row.id
        for row in book.rows
        if not row.id.startswith(("intl.", "sat."))
        and row.id not in FEWER
        and not {0, 1, *(int(row.rate.first_seconds) + step for step in (-1, 0, 1))} <= examples[row.id]
    ]
    assert missing == []


# Free or the same price as a row that has them all.
FEWER = {"out-mobile-special.fixed-phone", "out-handset-free-phone", "on-net", "emergency"}


def test_every_country_and_satellite_has_an_example() -> None:
    (book,) = BOOKS.versions("reseller")
    abroad = {row.id for row in book.rows if row.id.startswith("intl.")}
    satellites = {row.id for row in book.rows if row.id.startswith("sat.")}
    assert (len(abroad), len(satellites)) == (223, 10)
    # The document lists the United Kingdom twice, under both its names and at one price.
    assert (abroad | satellites) - seen("reseller").keys() == {"intl.great-britain"}
