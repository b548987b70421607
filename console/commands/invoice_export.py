"""`denwaban invoice export`: PDF, CSV and JSON files."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from console import times
from console.accounts import account
from console.desk import Desk, Json, at_desk
from console.files import BOM, put
from console.pricing import books_of
from console.progress import progress
from console.show import json_text, say
from dialplan.errors import BadValue
from rating.books_in_force import Books
from rating.invoice import archive
from rating.invoice.calls import charged_calls
from rating.invoice.document import Invoice, Kind
from rating.invoice.export import as_csv, call_shape, calls_csv, invoice_shape
from rating.invoice.itemised import CallLine, check_agrees, itemise
from rating.invoice.pdf import pdf
from store.engine import reading

HERE = Path()


class Format(StrEnum):
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


def export(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="[NUMBER]", help="An invoice; or give --month.")] = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Every invoice of a month.")] = None,
    to: Annotated[Path, typer.Option(metavar="DIR", help="An existing folder for the files.")] = HERE,
    format_: Annotated[Format, typer.Option("--format", help="For the member, or for programs.")] = Format.PDF,
    itemised: Annotated[bool, typer.Option("--itemised", help="With every call (通話明細).")] = False,
    json: Json = False,
) -> None:
    """Write invoices to files named by their numbers."""
    desk = at_desk(ctx)
    if (number is None) == (month is None):
        raise BadValue("invoices to export", number and month, "either a number or --month")
    if not to.is_dir():
        raise BadValue("folder for the files", str(to), "a folder that exists")
    books = books_of(desk.settings.rating) if itemised else None
    written: list[Path] = []
    with desk.store() as engine, progress(desk, "export") as step:
        with reading(engine) as conn:
            wanted = None if month is None else times.month(month, "month of the invoices")
            found = archive.find(conn, month=wanted) if number is None else [archive.get(conn, number)]
        for done, invoice in enumerate(found, 1):
            with reading(engine) as conn:
                calls = () if books is None else _calls(conn, desk, invoice, books)
                before = archive.total_before(conn, invoice) if invoice.kind is Kind.CORRECTION else None
            if format_ is Format.PDF:
                written.append(put(to / f"{invoice.number}.pdf", pdf(invoice, calls, before)))
            else:
                written += _write(invoice, calls, to, format_, itemised=itemised)
            if step is not None:
                step(done, len(found), invoice.number)
    data = {"files": [str(path) for path in written]}
    say(desk, data, *(str(path) for path in written), f"{len(found)} invoices written to {to}.")


def _write(invoice: Invoice, calls: Sequence[CallLine], to: Path, format_: Format, *, itemised: bool) -> list[Path]:
    """For programs."""
    if format_ is Format.CSV:
        files = [put(to / f"{invoice.number}.csv", (BOM + as_csv(invoice)).encode())]
        if itemised:
            files.append(put(to / f"{invoice.number}-calls.csv", (BOM + calls_csv(invoice, calls)).encode()))
        return files
    shape = invoice_shape(invoice)
    if itemised:
        shape["calls"] = [call_shape(call) for call in calls]
    return [put(to / f"{invoice.number}.json", (json_text(shape) + "\n").encode())]


def _calls(conn: Connection, desk: Desk, invoice: Invoice, books: Books) -> tuple[CallLine, ...]:
    """Of a monthly invoice; other papers have none. Raises BadValue when the calls are no longer what it bills."""
    if invoice.kind is not Kind.MONTHLY:
        return ()
    billed = account(conn, invoice.member_id, desk.settings.rating)
    lines = itemise(charged_calls(conn, invoice.month, [line.id for line in billed.lines]), books)
    papers = [invoice, *archive.corrections(conn, invoice.number)]
    check_agrees(invoice.number, invoice.month, [item for paper in papers for item in paper.items], lines)
    return lines
