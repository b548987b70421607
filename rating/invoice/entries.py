"""What somebody enters for the next invoices: subscriptions, one-off items, outages, payments."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, delete, insert, select, update

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.books_in_force import Books
from rating.invoice import archive
from rating.invoice.account import Subscription
from rating.invoice.interest import Payment
from rating.invoice.item import Item, Section
from rating.invoice.months import months
from rating.invoice.oneoff import OneOff, as_item
from rating.invoice.outage import Outage, check_outage
from rating.invoice.recurring import book_on, monthly_fee
from rating.invoice.tables import one_offs, outages, payments, subscriptions

_ONE_OFF_FIELDS = tuple(field.name for field in fields(OneOff))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A one-off item that waits for its invoice, or stands on one (`billed`)."""

    id: int
    member_id: int
    line_id: int | None
    one: OneOff
    billed: bool

    @property
    def key(self) -> str:
        return f"item:{self.id}"

    def item(self, number: str) -> Item:
        return as_item(self.one, self.key, self.line_id, number)


def add_one_off(
    conn: Connection, member_id: int, one: OneOff, entered_at: datetime, line_id: int | None = None
) -> Entered:
    values = {name: getattr(one, name) for name in _ONE_OFF_FIELDS}
    values |= {"section": one.section.value, "tax": one.tax.value}
    values |= {"member_id": member_id, "line_id": line_id, "entered_at": entered_at}
    new = conn.execute(insert(one_offs).values(values).returning(one_offs.c.id)).scalar_one()
    return Entered(id=new, member_id=member_id, line_id=line_id, one=one, billed=False)


def one_offs_of(conn: Connection, member_id: int | None = None) -> list[Entered]:
    """All of a member, or of everybody, billed ones too."""
    query = select(one_offs).order_by(one_offs.c.on, one_offs.c.id)
    if member_id is not None:
        query = query.where(one_offs.c.member_id == member_id)
    rows = conn.execute(query).all()
    billed = archive.already_billed(conn, [f"item:{row.id}" for row in rows])
    found = []
    for row in rows:
        cells = {name: row._mapping[name] for name in _ONE_OFF_FIELDS}
        one = OneOff(**{**cells, "section": Section(cells["section"]), "tax": FeeTax(cells["tax"])})
        on_invoice = f"item:{row.id}" in billed
        found.append(Entered(id=row.id, member_id=row.member_id, line_id=row.line_id, one=one, billed=on_invoice))
    return found


def remove_one_off(conn: Connection, item_id: int) -> None:
    """Raises BadValue for an unknown one, and for one that stands on an invoice: that takes a correction."""
    if archive.already_billed(conn, [f"item:{item_id}"]):
        raise BadValue("item", item_id, "one that is not on an invoice yet (else `denwaban invoice correct`)")
    if conn.execute(delete(one_offs).where(one_offs.c.id == item_id)).rowcount != 1:
        raise BadValue("item", item_id, "the id of an entered item (`denwaban invoice item list`)")


def add_subscription(conn: Connection, new: Subscription, books: Books) -> Subscription:
    """The id of `new` is ignored. Raises BadValue for an unknown fee, and an end before the start."""
    if new.quantity < 1:
        raise BadValue("quantity", new.quantity, "1 or more")
    _check_until(new.since, new.until)
    monthly_fee(book_on(books, new.book, new.since), new.fee)
    values = {
        "line_id": new.line_id,
        "book": new.book,
        "fee": new.fee,
        "quantity": new.quantity,
        "since": new.since,
        "until": new.until,
    }
    made = conn.execute(insert(subscriptions).values(values).returning(subscriptions.c.id)).scalar_one()
    return replace(new, id=made)


def end_subscription(conn: Connection, subscription_id: int, until: date) -> Subscription:
    """`until` is its last month; months after it that have been billed are returned on the next invoice."""
    found = conn.execute(select(subscriptions).where(subscriptions.c.id == subscription_id)).one_or_none()
    if found is None:
        raise BadValue("subscription", subscription_id, "the id of a subscription")
    _check_until(found.since, until)
    conn.execute(update(subscriptions).where(subscriptions.c.id == subscription_id).values(until=until))
    return Subscription(**{**found._mapping, "until": until})


def subscriptions_of(conn: Connection, line_ids: Iterable[int]) -> dict[int, tuple[Subscription, ...]]:
    rows = conn.execute(
        select(subscriptions).where(subscriptions.c.line_id.in_(list(line_ids))).order_by(subscriptions.c.id)
    )
    found: dict[int, tuple[Subscription, ...]] = {}
    for row in rows:
        found[row.line_id] = (*found.get(row.line_id, ()), Subscription(**row._mapping))
    return found


def add_outage(conn: Connection, line_id: int, known_at: datetime, restored_at: datetime, note: str = "") -> Outage:
    check_outage(known_at, restored_at)
    values = {"line_id": line_id, "known_at": known_at, "restored_at": restored_at}
    made = conn.execute(insert(outages).values(note=note, **values).returning(outages.c.id)).scalar_one()
    return Outage(id=made, line_id=line_id, known_at=known_at, restored_at=restored_at)


def outages_of(conn: Connection, line_ids: Iterable[int]) -> list[Outage]:
    rows = conn.execute(select(outages).where(outages.c.line_id.in_(list(line_ids))).order_by(outages.c.id))
    return [
        Outage(id=row.id, line_id=row.line_id, known_at=row.known_at, restored_at=row.restored_at) for row in rows
    ]


def add_payment(
    conn: Connection, number: str, paid_on: date, amount: Decimal | None, entered_at: datetime
) -> Payment:
    """All that is still owed when `amount` is None. Raises BadValue for more than that, or nothing."""
    invoice = archive.get(conn, number)
    open_ = archive.owed(conn, invoice)
    paid = open_ if amount is None else amount
    if not 0 < paid <= open_ or paid != paid.to_integral_value():
        raise BadValue("payment", str(paid), f"whole yen, above zero and at most {open_}, which is still owed")
    if paid_on < invoice.issued_on:
        raise BadValue("day of payment", paid_on.isoformat(), f"{invoice.issued_on}, when it was issued, or later")
    values = {"invoice": number, "paid_on": paid_on, "amount": paid}
    made = conn.execute(
        insert(payments).values(entered_at=entered_at, **values).returning(payments.c.id)
    ).scalar_one()
    return Payment(id=made, invoice=number, paid_on=paid_on, amount=paid)


def _check_until(since: date, until: date | None) -> None:
    if until is not None and not months(since, until):
        raise BadValue("last month of the subscription", until.isoformat(), f"{since} or later")
