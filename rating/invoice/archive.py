"""Issued invoices in the store: written once, read for ever."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.invoice.correct import standing
from rating.invoice.document import Invoice, Issuer, Kind
from rating.invoice.interest import Payment
from rating.invoice.item import Item, Section
from rating.invoice.tables import invoice_lines, invoices, payments
from rating.invoice.totals import RateSum, Totals
from rating.money import ZERO, plain

_ITEM_FIELDS = tuple(field.name for field in fields(Item))


_LOCK = 0x494E56
"""Any number, the same in every process; with the member's id it names a lock."""


def one_at_a_time(conn: Connection, member_id: int) -> None:
    """Until the transaction ends, nobody else issues anything to this member: what it reads stays true.

    A SQLite transaction that writes is alone from its beginning.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key, :member)"), {"key": _LOCK, "member": member_id})


def put(conn: Connection, invoice: Invoice) -> None:
    """Issues it: from the commit on, nothing can change it."""
    if not invoice.items:
        raise ValueError(f"invoice {invoice.number}: no lines, expected at least one")
    conn.execute(
        insert(invoice_lines),
        [
            {"invoice": invoice.number, "position": position, **{name: getattr(item, name) for name in _ITEM_FIELDS}}
            for position, item in enumerate(invoice.items, 1)
        ],
    )
    conn.execute(
        insert(invoices).values(
            number=invoice.number,
            kind=invoice.kind.value,
            member_id=invoice.member_id,
            addressee=invoice.addressee,
            month=invoice.month,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            issuer=asdict(invoice.issuer),
            side=invoice.side.value,
            sums=[{name: plain(value) for name, value in asdict(one).items()} for one in invoice.totals.sums],
            total=invoice.total,
            corrects=invoice.corrects,
            reason=invoice.reason,
        )
    )


def get(conn: Connection, number: str) -> Invoice:
    """Raises BadValue when there is none."""
    row = conn.execute(select(invoices).where(invoices.c.number == number)).one_or_none()
    if row is None:
        raise BadValue("invoice", number, "the number of an issued invoice (`denwaban invoice list`)")
    return _invoice(conn, row)


def find(
    conn: Connection,
    *,
    month: date | None = None,
    member_id: int | None = None,
    kind: Kind | None = None,
    corrects: str | None = None,
) -> list[Invoice]:
    """In the order of their numbers; without a condition, all."""
    query = select(invoices).order_by(invoices.c.number)
    conditions = {"month": month, "member_id": member_id, "kind": kind and kind.value, "corrects": corrects}
    for column, value in conditions.items():
        if value is not None:
            query = query.where(invoices.c[column] == value)
    return [_invoice(conn, row) for row in conn.execute(query).all()]


def monthly(conn: Connection, month: date, member_id: int) -> Invoice | None:
    found = find(conn, month=month, member_id=member_id, kind=Kind.MONTHLY)
    return found[0] if found else None


def corrections(conn: Connection, number: str) -> list[Invoice]:
    return sorted(find(conn, corrects=number), key=_turn)


def billed_fees(conn: Connection, line_ids: Iterable[int]) -> Mapping[str, Item]:
    """By key, the initial and monthly fees of these lines that have been billed and not been given back."""
    query = (
        select(invoice_lines)
        .where(invoice_lines.c.line_id.in_(list(line_ids)))
        .where(invoice_lines.c.key.like("basic:%") | invoice_lines.c.key.like("initial:%"))
        .order_by(invoice_lines.c.invoice, invoice_lines.c.position)
    )
    return standing([tuple(_item(row) for row in conn.execute(query))])


def already_billed(conn: Connection, keys: Iterable[str]) -> set[str]:
    """Which of these keys stand on any invoice."""
    wanted = list(keys)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        found |= set(conn.scalars(select(invoice_lines.c.key).where(invoice_lines.c.key.in_(some))))
    return found


def payments_of(conn: Connection, number: str) -> list[Payment]:
    rows = conn.execute(
        select(payments).where(payments.c.invoice == number).order_by(payments.c.paid_on, payments.c.id)
    )
    return [Payment(id=row.id, invoice=row.invoice, paid_on=row.paid_on, amount=row.amount) for row in rows]


def total_before(conn: Connection, correction: Invoice) -> Decimal:
    """What had been billed by the invoice it corrects and by the corrections before it."""
    number = correction.corrects or correction.number
    earlier = [one for one in corrections(conn, number) if _turn(one) < _turn(correction)]
    return get(conn, number).total + sum((one.total for one in earlier), ZERO)


def _turn(correction: Invoice) -> tuple[int, str]:
    """Corrections are numbered -C1 … -C10: by length first."""
    return len(correction.number), correction.number


def paid_late(conn: Connection, member_id: int, until: date) -> list[str]:
    """The member's invoices of which something was paid after its due date, up to the day `until`."""
    query = (
        select(invoices.c.number)
        .join(payments, payments.c.invoice == invoices.c.number)
        .where(invoices.c.member_id == member_id)
        .where(payments.c.paid_on > invoices.c.due_on, payments.c.paid_on <= until)
        .distinct()
        .order_by(invoices.c.number)
    )
    return list(conn.scalars(query))


def owed(conn: Connection, invoice: Invoice) -> Decimal:
    """What is still to be paid of it: less its payments, and less the corrections in the member's favour.

    A correction that asks for more is a paper of its own, paid by itself; of one that gives back nothing is owed.
    """
    if invoice.kind is Kind.CORRECTION and invoice.total < 0:
        return ZERO
    paid = sum((payment.amount for payment in payments_of(conn, invoice.number)), ZERO)
    less = sum((min(one.total, ZERO) for one in corrections(conn, invoice.number)), ZERO)
    return invoice.total + less - paid


def _invoice(conn: Connection, row: Row[Any]) -> Invoice:
    lines = conn.execute(
        select(invoice_lines).where(invoice_lines.c.invoice == row.number).order_by(invoice_lines.c.position)
    )
    sums = tuple(RateSum(**{name: Decimal(value) for name, value in one.items()}) for one in row.sums)
    return Invoice(
        number=row.number,
        kind=Kind(row.kind),
        member_id=row.member_id,
        addressee=row.addressee,
        month=row.month,
        issued_on=row.issued_on,
        due_on=row.due_on,
        issuer=Issuer(**row.issuer),
        items=tuple(_item(line) for line in lines),
        totals=Totals(side=FeeTax(row.side), sums=sums),
        corrects=row.corrects,
        reason=row.reason,
    )


def _item(row: Row[Any]) -> Item:
    cells = {name: row._mapping[name] for name in _ITEM_FIELDS}
    return Item(**{**cells, "section": Section(cells["section"]), "tax": FeeTax(cells["tax"])})
