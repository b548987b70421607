"""`denwaban rate`: what a call would cost, and how that comes about."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.console import Console

from console import times
from console.commands.prices import Own
from console.desk import Json, at_desk
from console.pricing import books_at
from console.shapes import charge_shape
from console.show import answer
from dialplan.errors import BadValue
from rating.money import plain
from rating.quote import quote
from rating.usage import Plan, Service


def rate(
    ctx: typer.Context,
    book: Annotated[str, typer.Option(help="Id of a price book (denwaban prices list).")],
    caller: Annotated[str, typer.Option("--from", metavar="NUMBER", help="Who calls.")],
    to: Annotated[str, typer.Option("--to", metavar="NUMBER", help="Who is called.")],
    answered: Annotated[str, typer.Option(metavar="SECONDS", help="Answered time, such as 61.25.")],
    plan: Annotated[Plan | None, typer.Option(help="The line's plan, where prices differ by it.")] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it was answered; else now.")] = None,
    service: Annotated[Service, typer.Option(help="What is paid for.")] = Service.OUT,
    from_kind: Annotated[str | None, typer.Option(help="What no number tells: handset, payphone, group.")] = None,
    to_kind: Annotated[str | None, typer.Option(help="The same of the number called.")] = None,
    group: Annotated[str, typer.Option(help="Group of the number's block, such as 1-B, where it is known.")] = "",
    variant: Annotated[str, typer.Option(help="Distance, bandwidth or prefecture, as the row names it.")] = "",
    books: Own = None,
    json: Json = False,
) -> None:
    """Price one call."""
    desk = at_desk(ctx)
    charge = quote(
        books_at(desk, books),
        book,
        to,
        at=desk.now() if at is None else times.moment(at, "time of the call"),
        answered=_seconds(answered),
        caller=caller,
        service=service,
        plan=plan,
        caller_kind=from_kind,
        to_kind=to_kind,
        group=group,
        variant=variant,
    )

    def people(console: Console) -> None:
        console.print(f"{plain(charge.amount)} yen, tax {charge.tax}", soft_wrap=True)
        for line in charge.explanation:
            console.print(f"  {line}", soft_wrap=True)

    answer(desk, charge_shape(charge), people)


def _seconds(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadValue("answered seconds", text, "a number of seconds such as 61.25") from None
