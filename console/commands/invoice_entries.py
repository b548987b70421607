"""`denwaban invoice item|subscription|outage`: what is entered for the next invoices."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy import Connection

from console import times
from console.desk import Json, at_desk
from console.invoicing import amount_of
from console.pricing import books_of
from console.show import answer, say, table
from console.which import line_named
from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.invoice import words
from rating.invoice.account import Subscription
from rating.invoice.entries import (
    Entered,
    add_one_off,
    add_outage,
    add_subscription,
    end_subscription,
    one_offs_of,
    remove_one_off,
    subscriptions_of,
)
from rating.invoice.oneoff import OneOff, by_fee, by_works, evasion, other
from rating.invoice.outage import spans
from rating.invoice.recurring import book_on
from rating.works import VisitHour
from subscribers.calendar import japanese_date
from subscribers.records.find import list_lines
from subscribers.records.members import get_contract, get_member

items = typer.Typer(no_args_is_help=True, help="Charged once: changes, visits, works, damages, early termination, ….")
subscriptions = typer.Typer(no_args_is_help=True, help="Monthly fees besides a line's basic fee.")
outages = typer.Typer(no_args_is_help=True, help="Lines that could not be used: 24 hours and more are credited.")

Line = Annotated[str, typer.Option("--line", metavar="LINE", help="The line's leased number or id.")]
Book = Annotated[str | None, typer.Option(help="Price book of the fee; else the one lines are charged under.")]


@items.command()
def add(
    ctx: typer.Context,
    member: Annotated[int | None, typer.Option(metavar="ID", help="Who pays; or give --line.")] = None,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="The line it is about: number or id.")] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="The day it is charged for; else today.")] = None,
    fee: Annotated[str | None, typer.Option(metavar="ID", help="A fee: change, visit, damage.router, ….")] = None,
    quantity: Annotated[int, typer.Option(help="Of the fee.")] = 1,
    contract: Annotated[
        int | None, typer.Option(metavar="ID", help="The contract that an early termination ends.")
    ] = None,
    work: Annotated[list[str] | None, typer.Option(metavar="ID", help="A work of the visit; repeat.")] = None,
    done_at: Annotated[str | None, typer.Option(metavar="TIME", help="When the works were done.")] = None,
    named_holiday: Annotated[
        bool, typer.Option("--named-holiday", help="The member asked for a weekend or holiday.")
    ] = False,
    visit_hour: Annotated[VisitHour | None, typer.Option(help="The member asked for an hour.")] = None,
    evaded: Annotated[
        str | None,
        typer.Option(metavar="YEN", help="Evaded, before tax: charges twice as much."),
    ] = None,
    text: Annotated[str | None, typer.Option(help="Anything else: what it is.")] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="YEN", help="Of --text; or of a fee that the price list only bounds.")
    ] = None,
    tax: Annotated[FeeTax, typer.Option(help="Of --text.")] = FeeTax.EXCLUDED,
    book: Book = None,
    json: Json = False,
) -> None:
    """Enter an item for the next invoice: one of --fee, --work, --evaded, --text."""
    desk = at_desk(ctx)
    kinds = [
        name for name, given in (("--fee", fee), ("--work", work), ("--evaded", evaded), ("--text", text)) if given
    ]
    if len(kinds) != 1:
        raise BadValue("item", " ".join(kinds) or None, "one of --fee, --work, --evaded, --text")
    now = desk.now()
    day = japanese_date(now) if on is None else times.day(on, "day of the item")
    price_book = book_on(books_of(desk.settings.rating), book or desk.settings.rating.book, day)
    yen = amount_of(amount, "amount")
    with desk.writing() as conn:
        member_id, line_id = _whose(conn, member, line)
        priced: list[OneOff]
        if fee is not None:
            opened = None if contract is None else _contract_opened(conn, contract, member_id)
            priced = [by_fee(price_book, fee, day, quantity=quantity, amount=yen, opened_on=opened)]
        elif work:
            if done_at is None:
                raise BadValue("time of the works", None, "--done-at: the hour and the day change their price")
            moment = times.moment(done_at, "time of the works")
            works_book = book_on(
                books_of(desk.settings.rating), book or desk.settings.rating.book, japanese_date(moment)
            )
            priced = by_works(works_book, work, moment, named_holiday=named_holiday, visit_hour=visit_hour)
        elif evaded is not None:
            priced = [evasion(amount_of(evaded, "evaded amount") or Decimal(0), day)]
        else:
            if yen is None:
                raise BadValue("amount", None, "--amount with --text")
            priced = [other(text or "", yen, tax, day)]
        entered = [add_one_off(conn, member_id, one, now, line_id) for one in priced]
    say(desk, {"items": [item_shape(one) for one in entered]}, *(item_said(one) for one in entered))


@items.command("list")
def list_(
    ctx: typer.Context,
    member: Annotated[int | None, typer.Option(metavar="ID", help="Only of this member.")] = None,
    json: Json = False,
) -> None:
    """List entered items, billed or not."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = one_offs_of(conn, member)
    rows = [
        (one.id, one.member_id, one.one.on, one.one.text, one.one.amount, one.one.tax, one.billed) for one in found
    ]
    columns = ("id", "member", "on", "item", "yen", "tax", "billed")
    answer(desk, {"items": [item_shape(one) for one in found]}, lambda console: console.print(table(columns, rows)))


@items.command()
def remove(ctx: typer.Context, item: Annotated[int, typer.Argument(metavar="ID")], json: Json = False) -> None:
    """Take back an item that is on no invoice yet."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        remove_one_off(conn, item)
    say(desk, {"removed": item}, f"Item {item} removed.")


@subscriptions.command("add")
def subscribe(
    ctx: typer.Context,
    line: Line,
    fee: Annotated[str, typer.Option(metavar="ID", help="A monthly fee: monthly.ace, double-channel.next, ….")],
    since: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="Its first month.")],
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Its last month.")] = None,
    quantity: Annotated[int, typer.Option(help="How many.")] = 1,
    book: Book = None,
    json: Json = False,
) -> None:
    """Charge a line a monthly fee, in advance like its basic fee."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        wanted = Subscription(
            id=0,
            line_id=line_named(conn, line).line.id,
            book=book or desk.settings.rating.book,
            fee=fee,
            quantity=quantity,
            since=times.month(since, "first month"),
            until=None if until is None else times.month(until, "last month"),
        )
        made = add_subscription(conn, wanted, books_of(desk.settings.rating))
    said = f"Subscription {made.id}: line {made.line_id} pays {made.quantity} x {made.fee} from {made.since:%Y-%m}."
    say(desk, _subscription_shape(made), said)


@subscriptions.command("end")
def unsubscribe(
    ctx: typer.Context,
    subscription: Annotated[int, typer.Argument(metavar="ID")],
    until: Annotated[str, typer.Option(metavar="YYYY-MM", help="Its last month.")],
    json: Json = False,
) -> None:
    """End a subscription; months after it that have been billed are returned."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        ended = end_subscription(conn, subscription, times.month(until, "last month"))
    say(desk, _subscription_shape(ended), f"Subscription {ended.id} ends with {until}.")


@subscriptions.command("list")
def list_subscriptions(ctx: typer.Context, json: Json = False) -> None:
    """List every subscription."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        by_line = subscriptions_of(conn, [found.line.id for found in list_lines(conn)])
    found = [one for line_id in sorted(by_line) for one in by_line[line_id]]
    rows = [(one.id, one.line_id, one.book, one.fee, one.quantity, one.since, one.until) for one in found]
    columns = ("id", "line", "book", "fee", "quantity", "from", "until")

    def people(console: Console) -> None:
        console.print(table(columns, rows))

    answer(desk, {"subscriptions": [_subscription_shape(one) for one in found]}, people)


@outages.command("add")
def add_(
    ctx: typer.Context,
    line: Line,
    known: Annotated[str, typer.Option(metavar="TIME", help="When it became known to us.")],
    restored: Annotated[str, typer.Option(metavar="TIME", help="When the line could be used again.")],
    note: Annotated[str, typer.Option(help="What it was, for ourselves.")] = "",
    json: Json = False,
) -> None:
    """Record an outage through our fault; whole 24-hour spans are credited on the next invoice."""
    desk = at_desk(ctx)
    begin, end = times.moment(known, "time it became known"), times.moment(restored, "time it was restored")
    with desk.writing() as conn:
        outage = add_outage(conn, line_named(conn, line).line.id, begin, end, note)
    count = sum(spans(outage).values())
    data = {"id": outage.id, "line": outage.line_id, "known_at": begin, "restored_at": end, "credited_spans": count}
    say(desk, data, f"Outage {outage.id} of line {outage.line_id}: {count} spans of 24 hours are credited.")


def _whose(conn: Connection, member: int | None, line: str | None) -> tuple[int, int | None]:
    if line is not None:
        found = line_named(conn, line)
        if member is not None and member != found.member.id:
            raise BadValue("member", member, f"{found.member.id}, who holds line {found.line.id}, or none")
        return found.member.id, found.line.id
    if member is None:
        raise BadValue("member", None, "--member or --line: whose invoice it is for")
    return get_member(conn, member).id, None


def _contract_opened(conn: Connection, contract_id: int, member_id: int) -> date:
    contract = get_contract(conn, contract_id)
    if contract.member_id != member_id:
        raise BadValue("contract", contract_id, f"a contract of member {member_id}")
    return contract.opened_on


def item_shape(entered: Entered) -> dict[str, Any]:
    one = entered.one
    return {
        "id": entered.id,
        "member": entered.member_id,
        "line": entered.line_id,
        "section": one.section.value,
        "text": one.text,
        "on": one.on,
        "quantity": one.quantity,
        "unit": one.unit,
        "amount": one.amount,
        "tax": one.tax.value,
        "cites": one.cites,
        "billed": entered.billed,
    }


def item_said(entered: Entered) -> str:
    one = entered.one
    said = f"Item {entered.id} for member {entered.member_id}: {one.text}, {words.yen(one.amount)}, tax {one.tax}"
    return f"{said} ({one.cites})." if one.cites else f"{said}."


def _subscription_shape(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "line": one.line_id,
        "book": one.book,
        "fee": one.fee,
        "quantity": one.quantity,
        "from": f"{one.since:%Y-%m}",
        "until": None if one.until is None else f"{one.until:%Y-%m}",
    }
