"""The ledger of ended calls: each call stored once and charged once, in whatever order its records arrive."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Insert, Row, String, bindparam, column, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from dialplan.errors import BadValue
from rating.books_in_force import Books
from rating.charge import Charge, NoPrice, rate
from rating.ended import EndedCall, Recorded, Source, usage_of
from rating.limits.holds import release
from rating.money import Tax
from rating.tables import charges, ended_calls
from rating.usage import Plan, Service
from store.metadata import Instant

CALL_FIELDS = tuple(field.name for field in fields(EndedCall))
_CHARGE_COLUMNS = [column.label(f"charge_{column.name}") for column in charges.c if column.name != "call_id"]
WITH_CHARGE = select(ended_calls, *_CHARGE_COLUMNS).select_from(ended_calls.outerjoin(charges))
_ONE = WITH_CHARGE.where(ended_calls.c.call_id == bindparam("wanted"))
_PAGE = 1_000
_TURN = tuple_(ended_calls.c.started_at, ended_calls.c.call_id)
_PENDING = WITH_CHARGE.where(ended_calls.c.unrated.is_not(None)).order_by(
    ended_calls.c.started_at, ended_calls.c.call_id
)
_PENDING_AFTER = _PENDING.where(
    tuple_(bindparam("started", type_=Instant), bindparam("id", type_=String)) < _TURN
).limit(_PAGE)
_SETTLE = update(ended_calls).where(ended_calls.c.call_id == bindparam("wanted")).values(unrated=bindparam("reason"))
# Without it the row count of an INSERT is not kept on PostgreSQL.
_COUNTED = {"preserve_rowcount": True}
# DO NOTHING, not an error: a repetition must leave the caller's transaction usable.
_INSERTS: Mapping[str, tuple[Insert, Insert]] = {
    "sqlite": (
        sqlite.insert(ended_calls).on_conflict_do_nothing().execution_options(**_COUNTED),
        sqlite.insert(charges).on_conflict_do_nothing().execution_options(**_COUNTED),
    ),
    "postgresql": (
        postgresql.insert(ended_calls).on_conflict_do_nothing().execution_options(**_COUNTED),
        postgresql.insert(charges).on_conflict_do_nothing().execution_options(**_COUNTED),
    ),
}


def _both_at_once() -> Insert:
    """A call, its charge and the release of what it held in one statement, one way to the server and back.

    It counts no row when the call is known. The parameters of the charge are named as in WITH_CHARGE. SQLite has no
    such statement, and no way to go.
    """
    known = postgresql.insert(ended_calls).values(
        {name: bindparam(name) for name in (*CALL_FIELDS, "book", "unrated")}
    )
    kept = known.on_conflict_do_nothing().returning(ended_calls.c.call_id).cte("kept")
    cells = [
        bindparam(f"charge_{column.name}", type_=column.type) for column in charges.c if column.name != "call_id"
    ]
    names = ["call_id", *(column.name for column in charges.c if column.name != "call_id")]
    both = charges.insert().from_select(names, select(kept.c.call_id, *cells))
    # As text: an Update would take every parameter that is named like one of its columns for a value to set.
    released = text(
        "UPDATE authorisations SET released_at = :over_at WHERE call_id = :over AND released_at IS NULL"
        " RETURNING call_id"
    ).bindparams(bindparam("over_at", type_=Instant), bindparam("over", type_=String))
    return both.add_cte(released.columns(column("call_id")).cte("released")).execution_options(**_COUNTED)


_BOTH = _both_at_once()


def record(conn: Connection, ended: EndedCall, books: Books, book: str) -> Recorded:
    """Stores a call and its charge in the caller's transaction, under the book `book` in force when it was answered.

    Idempotent by identity: the first record wins, every later one gets the first one's answer. An answered call
    that cannot be rated is stored with the reason and left to `rate_pending`; it is never charged zero. What was
    held for the call is released: also for one that came to nothing, or was taken by the handset after all.
    """
    charge, unrated = _rated(ended, books, book)
    insert_call, insert_charge = _INSERTS[conn.dialect.name]
    values = {name: getattr(ended, name) for name in CALL_FIELDS} | {"book": book, "unrated": unrated}
    together = charge is not None and conn.dialect.name == "postgresql"
    if charge is not None and together:
        cells = _charge_values(ended.call_id, charge)
        over = {"over": ended.call_id, "over_at": ended.ended_at}
        kept = conn.execute(_BOTH, values | over | {f"charge_{name}": cells[name] for name in cells})
    else:
        kept = conn.execute(insert_call, values)
        release(conn, ended.call_id, ended.ended_at)
    if kept.rowcount == 0:
        stored = call(conn, ended.call_id)
        if stored is None:
            raise LookupError(f"call {ended.call_id}: refused as a repetition and yet not stored")
        return stored
    if charge is not None and not together:
        conn.execute(insert_charge, _charge_values(ended.call_id, charge))
    return Recorded(call=ended, book=book, charge=charge, unrated=unrated, first=True)


def rate_pending(conn: Connection, books: Books) -> tuple[Recorded, ...]:
    """Charges, once, what could not be rated before, oldest first; what still cannot keeps the newest reason.

    Every call that was looked at comes back; `first` tells those charged by this very run.
    """
    seen: list[Recorded] = []
    page = conn.execute(_PENDING.limit(_PAGE)).all()
    while page:
        seen += [_settled(conn, as_recorded(found), books) for found in page]
        last = seen[-1].call
        page = conn.execute(_PENDING_AFTER, {"started": last.started_at, "id": last.call_id}).all()
    return tuple(seen)


def _settled(conn: Connection, pending: Recorded, books: Books) -> Recorded:
    charge, unrated = _rated(pending.call, books, pending.book)
    first = False
    if charge is not None:
        values = _charge_values(pending.call.call_id, charge)
        first = conn.execute(_INSERTS[conn.dialect.name][1], values).rowcount == 1
    if unrated != pending.unrated:
        conn.execute(_SETTLE, {"wanted": pending.call.call_id, "reason": unrated})
    return Recorded(call=pending.call, book=pending.book, charge=charge, unrated=unrated, first=first)


def call(conn: Connection, call_id: str) -> Recorded | None:
    """One call with its charge; None when no such call is stored."""
    found = conn.execute(_ONE, {"wanted": call_id}).one_or_none()
    return as_recorded(found) if found is not None else None


def as_recorded(row: Row[Any]) -> Recorded:
    """From one result row of WITH_CHARGE."""
    cells = row._mapping
    known = {name: cells[name] for name in CALL_FIELDS}
    known["plan"] = Plan(known["plan"]) if known["plan"] is not None else None
    known["service"], known["source"] = Service(known["service"]), Source(known["source"])
    charge = None
    if cells["charge_amount"] is not None:
        charge = Charge(
            amount=cells["charge_amount"],
            units=cells["charge_units"],
            row=cells["charge_row"],
            book=cells["charge_book"],
            effective=cells["charge_effective"],
            tax=Tax(cells["charge_tax"]),
            explanation=tuple(cells["charge_explanation"]),
        )
    return Recorded(call=EndedCall(**known), book=cells["book"], charge=charge, unrated=cells["unrated"])


def _rated(ended: EndedCall, books: Books, book: str) -> tuple[Charge | None, str | None]:
    if ended.answered is None or ended.service is Service.INCOMING:
        return None, None
    try:
        usage = usage_of(ended)
        return rate(books.in_force(book, usage.at), usage), None
    except (NoPrice, BadValue) as error:
        return None, str(error)


def _charge_values(call_id: str, charge: Charge) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "amount": charge.amount,
        "units": charge.units,
        "row": charge.row,
        "book": charge.book,
        "effective": charge.effective,
        "tax": charge.tax.value,
        "explanation": list(charge.explanation),
    }
