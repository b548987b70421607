"""`denwaban device swap`, `retire` and `lost`: devices that leave a line."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from sqlalchemy import Connection

from console.commands.invoice_entries import item_said, item_shape
from console.desk import Json, at_desk
from console.device_views import device_shape, view_of
from console.devices import MacText, lines_told, ports_again, renew_accounts, said_of, whoever
from console.invoicing import amount_of
from console.lines import PICKED_UP
from console.pricing import books_of
from console.show import say, when
from dialplan.errors import BadValue
from provisioning.device import Device, DeviceState
from provisioning.inventory import check_state
from provisioning.mac import parse_mac
from provisioning.makers import all as makers
from provisioning.records.devices import lose_device, retire_device, swap_device
from provisioning.records.fetches import open_enrolment
from provisioning.records.find import device_by_mac, get_device
from rating.book import FeeTax, PriceBook
from rating.invoice.entries import add_one_off
from rating.invoice.oneoff import OneOff, by_fee, other
from rating.invoice.recurring import book_on
from subscribers.calendar import japanese_date
from subscribers.records.find import get_line_for_call

_RENEWED = "Its lines have new SIP passwords: what it still holds lets nobody in."


def swap(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The MAC of the one that is taken away.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The MAC of the one in its place.")],
    model: Annotated[str | None, typer.Option(metavar="MODEL", help="Of the new one, if it is another.")] = None,
    enrol: Annotated[bool, typer.Option("--enrol", help="Open its enrolment window as well.")] = False,
    json: Json = False,
) -> None:
    """Put another device in a device's place: it takes its lines, settings and address. The old one is returned."""
    desk = at_desk(ctx)
    now = desk.now()
    gone, come = parse_mac(old), parse_mac(new)
    with desk.writing() as conn:
        before = get_device(conn, gone)
        known = device_by_mac(conn, come)
        same = known or before
        maker, row = makers.model(model or f"{same.maker}/{same.model}")
        again = ports_again(conn, before)
        with lines_told(conn):
            returned, lent = swap_device(conn, gone, come, maker, row, lines=again, key=desk.key, at=now)
        renew_accounts(conn, (one.line_id for one in again), desk.key)
        window = open_enrolment(conn, lent.id, now, whoever()) if enrol else None
        views = [view_of(conn, one, now) for one in (returned, lent)]
    where = f"Plug it in: its files are served to {lent.address}" if lent.address else None
    if window is not None:
        where = f"Plug it in: its files are served to it until {when(window.until)}"
    say(
        desk,
        {"returned": device_shape(views[0], now), "lent": device_shape(views[1], now)},
        f"Device {said_of(returned)}.",
        f"Device {said_of(lent)}.",
        f"{where or f'Its files are served to nobody yet: denwaban device enrol {lent.mac.colons}'}.",
        _RENEWED,
        PICKED_UP,
    )


def retire(ctx: typer.Context, mac: MacText, json: Json = False) -> None:
    """Take a device back: it came from its member, or a lost one was found."""
    desk = at_desk(ctx)
    found = parse_mac(mac)
    with desk.writing() as conn:
        freed = [port.line_id for port in get_device(conn, found).ports]
        with lines_told(conn):
            device = retire_device(conn, found)
        renew_accounts(conn, freed, desk.key)
        view = view_of(conn, device, desk.now())
    again = f"Lend it again: denwaban device add {device.mac.colons} {device.model} --line LINE"
    sentences = [f"Device {said_of(device)}.", again]
    say(desk, device_shape(view, desk.now()), *sentences, *([_RENEWED, PICKED_UP] if freed else []))


def lost(
    ctx: typer.Context,
    mac: MacText,
    fee: Annotated[
        str | None,
        typer.Option(metavar="ROW", help="The price list's row, damage.router, …; see --amount."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="YEN", help="The price: without a row, or within what the row bounds.")
    ] = None,
    tax: Annotated[FeeTax, typer.Option(help="Of --amount without --fee.")] = FeeTax.EXCLUDED,
    member: Annotated[int | None, typer.Option(metavar="ID", help="Who pays, where its lines have several.")] = None,
    book: Annotated[
        str | None, typer.Option(help="Price book of the row; else the one lines are charged under.")
    ] = None,
    json: Json = False,
) -> None:
    """Report a lent device lost: its price is on its member's next invoice, and its lines' passwords are renewed."""
    desk = at_desk(ctx)
    now, found = desk.now(), parse_mac(mac)
    today = japanese_date(now)
    with desk.writing() as conn:
        before = get_device(conn, found)
        check_state(before, DeviceState.LENT)
        lines = [port.line_id for port in before.ports]
        payer, line_id = _payer(conn, lines, member)
        prices = book_on(books_of(desk.settings.rating), book or desk.settings.rating.book, today)
        item = add_one_off(conn, payer, _damage(prices, before, fee, amount, tax, today), now, line_id)
        with lines_told(conn):
            device = lose_device(conn, found)
        renew_accounts(conn, lines, desk.key)
        view = view_of(conn, device, now)
    data = device_shape(view, now) | {"item": item_shape(item)}
    say(desk, data, f"Device {said_of(device)}.", item_said(item), _RENEWED, PICKED_UP)


def _payer(conn: Connection, line_ids: Sequence[int], member: int | None) -> tuple[int, int]:
    """(member, its first line on the device)."""
    holders = {line_id: get_line_for_call(conn, line_id).member.id for line_id in line_ids}
    several = sorted(set(holders.values()))
    if member is None and len(several) > 1:
        raise BadValue("member", None, f"--member: its lines belong to {', '.join(map(str, several))}")
    payer = several[0] if member is None else member
    own = [line_id for line_id, holder in holders.items() if holder == payer]
    if not own:
        raise BadValue("member", payer, f"one with a line on it: {', '.join(map(str, several))}")
    return payer, own[0]


def _damage(book: PriceBook, device: Device, fee: str | None, amount: str | None, tax: FeeTax, on: date) -> OneOff:
    yen = amount_of(amount, "amount")
    rows = [row.id for row in book.fees if row.kind == "damage"]
    if fee is not None:
        if fee not in rows:
            has = ", ".join(rows) or "none: give --amount alone"
            raise BadValue("fee", fee, f"a row for damage of {book.id} {book.effective}: {has}")
        return by_fee(book, fee, on, amount=yen)
    if yen is None:
        has = f"{book.id} {book.effective} has {', '.join(rows) or 'no row'} for damage"
        raise BadValue("price of the lost device", None, f"--fee or --amount; {has}")
    if yen < 1:
        raise BadValue("amount", amount, "whole yen above zero")
    return other(f"機器損害金（{device.model} {device.mac.colons}）", yen, tax, on)
