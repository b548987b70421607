"""`denwaban invoice`: the monthly run, and what becomes of an invoice after it."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from console import times
from console.accounts import account
from console.commands import invoice_entries, invoice_export
from console.desk import Json, at_desk
from console.invoicing import amount_of, outcome_shape, paper, print_invoice, run_month, standing_shape
from console.progress import progress
from console.show import answer, say, table
from console.which import line_named
from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.invoice import archive, words
from rating.invoice.entries import add_payment
from rating.invoice.issue import check_over, issue_correction, issue_first
from rating.invoice.oneoff import other
from rating.money import ZERO
from subscribers.calendar import japanese_date

app = typer.Typer(no_args_is_help=True, help="Monthly invoices: issued once, never changed.")
app.add_typer(invoice_entries.items, name="item")
app.add_typer(invoice_entries.subscriptions, name="subscription")
app.add_typer(invoice_entries.outages, name="outage")
app.command("export")(invoice_export.export)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's number.")]


@app.command()
def run(
    ctx: typer.Context,
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The month of the calls; it must be over.")],
    member: Annotated[int | None, typer.Option(metavar="ID", help="Only this member.")] = None,
    leave_unrated: Annotated[
        bool, typer.Option("--leave-unrated", help="Bill members with calls that have no price yet, without those.")
    ] = False,
    json: Json = False,
) -> None:
    """Issue a month's invoices. Run again, it issues what is missing and leaves the others as they are."""
    desk = at_desk(ctx)
    wanted = times.month(month, "month of the invoice")
    check_over(wanted, desk.now())
    with desk.store() as engine, progress(desk, f"invoices {month}") as step:
        outcomes = run_month(engine, desk, wanted, member_id=member, leave_unrated=leave_unrated, step=step)
    issued = [one for one in outcomes if one.fresh]
    held = [one for one in outcomes if one.held is not None]
    changed = [one for one in outcomes if one.changed and one.invoice is not None]
    before = [one for one in outcomes if one.invoice is not None and not one.fresh]
    total = sum((one.invoice.total for one in issued if one.invoice is not None), ZERO)
    say(
        desk,
        {"month": month, "invoices": [outcome_shape(one) for one in outcomes]},
        f"{month}: invoices issued: {len(issued)}, {words.yen(total)};"
        f" issued before: {len(before)}; held back: {len(held)}.",
        *(f"Member {one.member_id}, {one.name}, is held back: {one.held}." for one in held),
        *(
            f"Invoice {one.invoice.number}: calls have changed since: denwaban invoice correct {one.invoice.number}"
            for one in changed
            if one.invoice is not None
        ),
    )


@app.command()
def first(
    ctx: typer.Context,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line's leased number or id.")],
    due: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it is to be paid; else the day before the start.")
    ] = None,
    json: Json = False,
) -> None:
    """Issue a line's first bill before it starts: initial fee and two months."""
    desk = at_desk(ctx)
    common = paper(desk)
    with desk.writing() as conn:
        found = line_named(conn, line)
        day_before = japanese_date(found.line.starts_at) - timedelta(days=1)
        on = max(day_before, common.today) if due is None else times.day(due, "due date")
        billed = account(conn, found.member.id, desk.settings.rating)
        invoice = issue_first(conn, billed, found.line.id, common, on)
        shape = standing_shape(conn, invoice)
    say(desk, shape, f"Invoice {invoice.number}: {words.yen(invoice.total)}, due {invoice.due_on}.")


@app.command("list")
def list_(
    ctx: typer.Context,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Only of this month.")] = None,
    member: Annotated[int | None, typer.Option(metavar="ID", help="Only of this member.")] = None,
    json: Json = False,
) -> None:
    """List issued invoices and what is still owed of them."""
    desk = at_desk(ctx)
    wanted = None if month is None else times.month(month, "month of the invoice")
    with desk.reading() as conn:
        found = [(one, archive.owed(conn, one)) for one in archive.find(conn, month=wanted, member_id=member)]
    data = [
        {
            "number": one.number,
            "kind": one.kind.value,
            "member": one.member_id,
            "month": f"{one.month:%Y-%m}",
            "issued_on": one.issued_on,
            "due_on": one.due_on,
            "total": one.total,
            "owed": owed,
        }
        for one, owed in found
    ]
    rows = [
        (one.number, one.kind, one.addressee, one.issued_on, one.due_on, words.yen(one.total), words.yen(owed))
        for one, owed in found
    ]
    columns = ("invoice", "kind", "to", "issued", "due", "total", "owed")
    answer(desk, {"invoices": data}, lambda console: console.print(table(columns, rows)))


@app.command()
def show(ctx: typer.Context, number: Number, json: Json = False) -> None:
    """Show an invoice, its payments and its corrections."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        invoice = archive.get(conn, number)
        shape, owed = standing_shape(conn, invoice), archive.owed(conn, invoice)

    def people(console: Console) -> None:
        print_invoice(console, invoice, owed)
        for payment in shape["payments"]:
            console.print(f"paid {payment['paid_on']}: {words.yen(payment['amount'])}")
        for correction in shape["corrections"]:
            console.print(f"corrected by {correction}")

    answer(desk, shape, people)


@app.command()
def correct(
    ctx: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why, as the paper shall say.")] = "通話料金の訂正",
    text: Annotated[str | None, typer.Option(help="A line by hand: what it is.")] = None,
    amount: Annotated[str | None, typer.Option(metavar="YEN", help="A line by hand: negative to give back.")] = None,
    tax: Annotated[FeeTax, typer.Option(help="Of the line by hand.")] = FeeTax.INCLUDED,
    json: Json = False,
) -> None:
    """Issue a correction: of the calls as they are known now, or of a line by hand."""
    desk = at_desk(ctx)
    if (text is None) != (amount is None):
        raise BadValue("line by hand", text if amount is None else amount, "both --text and --amount, or neither")
    common = paper(desk)
    yen = amount_of(amount, "amount")
    with desk.writing() as conn:
        original = archive.get(conn, number)
        by_hand = None if yen is None or text is None else other(text, yen, tax, original.month)
        billed = account(conn, original.member_id, desk.settings.rating)
        made = issue_correction(conn, billed, number, common, reason, by_hand)
        shape = None if made is None else standing_shape(conn, made)
    if made is None:
        say(desk, {"correction": None}, f"Invoice {number}: nothing to correct.")
    else:
        say(desk, {"correction": shape}, f"Correction {made.number} of {number}: {words.yen(made.total)}.")


@app.command()
def paid(
    ctx: typer.Context,
    number: Number,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day of payment.")],
    amount: Annotated[str | None, typer.Option(metavar="YEN", help="A part; else all that is owed.")] = None,
    json: Json = False,
) -> None:
    """Record a payment. What comes late brings its interest on the next invoice."""
    desk = at_desk(ctx)
    day = times.day(on, "day of payment")
    if day > japanese_date(desk.now()):
        raise BadValue("day of payment", on, "a day that has come")
    with desk.writing() as conn:
        payment = add_payment(conn, number, day, amount_of(amount, "amount paid"), desk.now())
        owed = archive.owed(conn, archive.get(conn, number))
    data = {"payment": payment.id, "invoice": number, "paid_on": day, "amount": payment.amount, "owed": owed}
    say(desk, data, f"Invoice {number}: {words.yen(payment.amount)} paid on {day}, {words.yen(owed)} owed.")
