"""What the invoice commands share: the issuer, the run, and how an invoice is told."""

from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from sqlalchemy import Connection, Engine

from console.accounts import account, accounts
from console.desk import Desk
from console.pricing import books_of
from console.progress import Step
from console.show import fields, table
from dialplan.errors import BadValue
from dialplan.numbers import shown
from rating.invoice import archive, words
from rating.invoice.document import Invoice, Issuer
from rating.invoice.export import invoice_shape
from rating.invoice.issue import Outcome, Paper, issue_month
from rating.ledger import rate_pending
from rating.money import yen
from store.engine import reading, writing
from subscribers.calendar import japanese_date


def paper(desk: Desk) -> Paper:
    """Raises BadValue where the settings do not say who issues invoices."""
    issuer = desk.settings.issuer
    if issuer is None:
        raise BadValue("setting issuer", None, "a table [issuer] with name and registration (T and 13 digits)")
    return Paper(
        issuer=Issuer(**issuer.model_dump()),
        books=books_of(desk.settings.rating),
        today=japanese_date(desk.now()),
    )


def run_month(
    engine: Engine,
    desk: Desk,
    month: date,
    *,
    member_id: int | None = None,
    leave_unrated: bool = False,
    step: Step | None = None,
) -> list[Outcome]:
    """Every member's invoice of the month, each in a transaction of its own: a run that is cut short goes on."""
    common, rating = paper(desk), desk.settings.rating
    with writing(engine) as conn:
        rate_pending(conn, common.books)
    with reading(engine) as conn:
        billed = accounts(conn, rating) if member_id is None else [account(conn, member_id, rating)]
    outcomes = []
    for done, one in enumerate(billed, 1):
        with writing(engine) as conn:
            # Read again where it is billed: the member may have changed since the list was made.
            now = account(conn, one.member_id, rating)
            outcomes.append(issue_month(conn, now, month, common, leave_unrated=leave_unrated))
        if step is not None:
            step(done, len(billed), one.name)
    return outcomes


def standing_shape(conn: Connection, invoice: Invoice) -> dict[str, Any]:
    """The invoice, what has been paid of it, and its corrections."""
    return invoice_shape(invoice) | {
        "owed": archive.owed(conn, invoice),
        "payments": [
            {"id": one.id, "paid_on": one.paid_on, "amount": one.amount}
            for one in archive.payments_of(conn, invoice.number)
        ],
        "corrections": [one.number for one in archive.corrections(conn, invoice.number)],
    }


def outcome_shape(outcome: Outcome) -> dict[str, Any]:
    invoice = outcome.invoice
    return {
        "member": outcome.member_id,
        "invoice": invoice and invoice.number,
        "total": invoice and invoice.total,
        "issued": outcome.fresh,
        "changed": outcome.changed,
        "held": outcome.held,
    }


def print_invoice(console: Console, invoice: Invoice, owed: Decimal) -> None:
    facts: list[tuple[str, object]] = [
        ("invoice", f"{invoice.number} {words.TITLES[invoice.kind]}"),
        ("to", words.addressed(invoice.addressee)),
        ("issued", invoice.issued_on),
        ("due", invoice.due_on),
        ("corrects", invoice.corrects),
        ("reason", invoice.reason),
    ]
    console.print(fields([(name, value) for name, value in facts if value]))
    console.print()
    rows = [
        (
            words.SECTIONS[item.section],
            shown(item.number) if item.number else "",
            item.text,
            words.period(item),
            words.counted(item),
            "".join(words.digits(item.amount_on(invoice.side))),
            words.tax_mark(item),
        )
        for item in invoice.items
    ]
    made = table(("section", "number", "item", "period", "quantity", f"yen ({words.side(invoice)})", "tax"), rows)
    for column in (4, 5):
        made.columns[column].justify = "right"
    console.print(made)
    console.print()
    sums = [(text, words.yen(amount)) for text, amount, _ in words.sums(invoice)]
    ends = fields([*sums, ("ご請求金額（税込）", words.yen(invoice.total)), ("owed", words.yen(owed))])
    ends.columns[1].justify = "right"
    console.print(ends)


def amount_of(text: str | None, thing: str) -> Decimal | None:
    """Raises BadValue, naming `thing`."""
    if text is None:
        return None
    try:
        return yen(text)
    except BadValue as error:
        raise BadValue(thing, text, error.expected) from None
