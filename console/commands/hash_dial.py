"""`denwaban hashdial`: # and 4 digits that reach the number their owner set (#ダイヤル)."""

from typing import Annotated

import typer
from rich.console import Console

from console.desk import Json, at_desk
from console.lines import PICKED_UP
from console.shapes import hash_shape
from console.show import answer, say, table
from console.which import LARGEST
from dialplan.numbers import shown
from subscribers.hash_dial import REGIONS, Block, HashNumber, reach
from subscribers.records import hash_dial as records

app = typer.Typer(no_args_is_help=True, help="#-dial numbers: nationwide, or within one of ten blocks.")

Digits = Annotated[str, typer.Argument(metavar="DIGITS", help="4 digits; a # in front must be quoted.")]
Target = Annotated[str, typer.Argument(metavar="NUMBER", help="The number it reaches; the caller pays for that one.")]
InBlock = Annotated[Block | None, typer.Option("--block", help="For callers of this block; else of all Japan.")]


@app.command()
def add(
    ctx: typer.Context,
    digits: Digits,
    target: Target,
    member: Annotated[int, typer.Option(metavar="ID", min=1, max=LARGEST, help="Who owns it.")],
    block: InBlock = None,
    json: Json = False,
) -> None:
    """Set a #-dial number for a member."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        number = records.add_hash_number(conn, member, digits, target, block)
    say(desk, hash_shape(number), _sentence(number), PICKED_UP)


@app.command()
def change(ctx: typer.Context, digits: Digits, target: Target, block: InBlock = None, json: Json = False) -> None:
    """Let it reach another number."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        number = records.change_hash_number(conn, digits, target, block)
    say(desk, hash_shape(number), _sentence(number), PICKED_UP)


@app.command()
def remove(ctx: typer.Context, digits: Digits, block: InBlock = None, json: Json = False) -> None:
    """Give it up."""
    desk = at_desk(ctx)
    with desk.writing() as conn:
        number = records.remove_hash_number(conn, digits, block)
    say(desk, hash_shape(number), f"{number.digits} ({reach(number.block)}) reaches nothing any more.", PICKED_UP)


@app.command("list")
def list_(
    ctx: typer.Context,
    member: Annotated[int | None, typer.Option(metavar="ID", min=1, max=LARGEST, help="Only this member's.")] = None,
    json: Json = False,
) -> None:
    """List the #-dial numbers."""
    desk = at_desk(ctx)
    with desk.reading() as conn:
        found = records.list_hash_numbers(conn, member_id=member)
    rows = [(one.digits, reach(one.block), one.member_id, shown(one.target)) for one in found]

    def people(console: Console) -> None:
        if found:
            console.print(table(("number", "reach", "member", "to"), rows))
        else:
            console.print("No #-dial number yet. Set one: denwaban hashdial add 1234 NUMBER --member ID")

    answer(desk, {"hash_numbers": [hash_shape(one) for one in found]}, people)


@app.command()
def blocks(ctx: typer.Context, json: Json = False) -> None:
    """Show the ten blocks: prefectures, and how their numbers begin."""
    data = [
        {
            "block": one.block.value,
            "name": one.name,
            "prefectures": list(one.prefectures),
            "begins": list(one.begins),
        }
        for one in REGIONS
    ]
    rows = [(one.block, one.name, " ".join(one.prefectures), " ".join(one.begins)) for one in REGIONS]
    answer(
        at_desk(ctx),
        {"blocks": data},
        lambda console: console.print(table(("block", "name", "prefectures", "numbers begin"), rows)),
    )


def _sentence(number: HashNumber) -> str:
    where = "all of Japan" if number.block is None else f"block {number.block}"
    return f"{number.digits} reaches {shown(number.target)} from {where}, for member {number.member_id}."
