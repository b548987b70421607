"""Issuing: a month's invoice of a member, a first bill, a correction. Each in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from dialplan.errors import BadValue
from rating.books_in_force import Books
from rating.charge import NoPrice
from rating.invoice import archive
from rating.invoice.account import Account, BilledLine
from rating.invoice.calls import billed, charged_calls, unrated_count
from rating.invoice.correct import corrected_totals, standing, usage_changes
from rating.invoice.document import (
    Invoice,
    Issuer,
    Kind,
    correction_number,
    first_number,
    monthly_number,
)
from rating.invoice.entries import one_offs_of, outages_of
from rating.invoice.interest import late
from rating.invoice.item import Item, in_order
from rating.invoice.months import bounds, due_on, last_day, month_of
from rating.invoice.oneoff import OneOff, as_item
from rating.invoice.outage import outage_credits
from rating.invoice.recurring import first_bill, recurring
from rating.invoice.totals import totals
from rating.invoice.usage import usage
from rating.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What every invoice of a run has in common. `today` is a date in Japan."""

    issuer: Issuer
    books: Books
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did for one member.

    `fresh` is False for an invoice that had been issued before; `changed` says that its usage is no longer what it
    was then, which takes a correction. Without an invoice, `held` is the reason, or None where there is nothing to
    bill.
    """

    member_id: int
    name: str
    invoice: Invoice | None
    fresh: bool = False
    changed: bool = False
    held: str | None = None


def check_over(month: date, now: datetime) -> None:
    """Raises BadValue for a month that is not over in Japan: its usage is not complete."""
    if now < bounds(month)[1]:
        raise BadValue(
            "month of the invoice", f"{month:%Y-%m}", f"a month before {month_of(now):%Y-%m}, which is over"
        )


def issue_month(
    conn: Connection, account: Account, month: date, paper: Paper, *, leave_unrated: bool = False
) -> Outcome:
    """The member's invoice of a month, issued now or long ago: one member and month have one, with one number.

    A member with answered calls that have no price yet is held back, unless `leave_unrated`: those calls then come
    by a correction. Also held back is a member one of whose lines has no monthly fee.
    """
    archive.one_at_a_time(conn, account.member_id)
    issued = archive.monthly(conn, month, account.member_id)
    if issued is not None:
        changes = _usage_since(conn, account, issued, paper.books)
        return Outcome(member_id=account.member_id, name=account.name, invoice=issued, changed=bool(changes))
    line_ids = [line.id for line in account.lines]
    if not leave_unrated and (count := unrated_count(conn, month, line_ids)):
        return Outcome(
            member_id=account.member_id,
            name=account.name,
            invoice=None,
            held=f"{count} answered calls have no charge yet (`denwaban calls list --unrated`)",
        )
    try:
        items = _month_items(conn, account, month, paper.books)
    except (BadValue, NoPrice) as error:
        return Outcome(member_id=account.member_id, name=account.name, invoice=None, held=str(error))
    if not items:
        return Outcome(member_id=account.member_id, name=account.name, invoice=None)
    invoice = _paper(
        account, paper, items, number=monthly_number(month, account.member_id), kind=Kind.MONTHLY, month=month
    )
    archive.put(conn, invoice)
    return Outcome(member_id=account.member_id, name=account.name, invoice=invoice, fresh=True)


def issue_first(conn: Connection, account: Account, line_id: int, paper: Paper, due: date) -> Invoice:
    """Initial fee and two months of one line, before its service starts; the same invoice when asked again.

    Raises BadValue when the first months came with a monthly invoice already.
    """
    line = _line(account, line_id)
    archive.one_at_a_time(conn, account.member_id)
    for one in archive.find(conn, member_id=account.member_id, kind=Kind.FIRST):
        if one.number.endswith(f"-F{line_id}"):
            return one
    items = first_bill(line, paper.books, archive.billed_fees(conn, [line_id]))
    if not items:
        raise BadValue(f"first bill of line {line_id}", "billed already", "a line that has not been billed")
    if due < paper.today:
        raise BadValue("due date", due.isoformat(), f"{paper.today} or later")
    month = paper.today.replace(day=1)
    number = first_number(month, account.member_id, line_id)
    invoice = _paper(account, paper, items, number=number, kind=Kind.FIRST, month=month, due=due)
    archive.put(conn, invoice)
    return invoice


def issue_correction(
    conn: Connection, account: Account, number: str, paper: Paper, reason: str, by_hand: OneOff | None = None
) -> Invoice | None:
    """A paper with what differs, which names the one it corrects; None when nothing does.

    Without `by_hand`, the usage of the month as the ledger has it now against what has been billed of it so far,
    earlier corrections included. Fees, items, outages and interest found later come with the next monthly invoice.
    Raises BadValue for a correction of a correction, and without a reason.
    """
    original = archive.get(conn, number)
    archive.one_at_a_time(conn, original.member_id)
    if original.kind is Kind.CORRECTION:
        raise BadValue("invoice", number, f"an invoice, not a correction: correct {original.corrects} again")
    if not reason.strip():
        raise BadValue("reason", reason, "why it is corrected, as the paper shall say")
    earlier = archive.corrections(conn, number)
    papers = [original.items, *(one.items for one in earlier)]
    new_number = correction_number(number, len(earlier) + 1)
    by_ledger = [] if by_hand is not None else _usage_since(conn, account, original, paper.books)
    changes = in_order(by_ledger if by_hand is None else [as_item(by_hand, f"manual:{new_number}")])
    if not changes:
        return None
    invoice = Invoice(
        number=new_number,
        kind=Kind.CORRECTION,
        member_id=original.member_id,
        addressee=original.addressee,
        month=original.month,
        issued_on=paper.today,
        due_on=due_on(paper.today.replace(day=1)),
        issuer=paper.issuer,
        items=changes,
        totals=corrected_totals(papers, changes, original.totals),
        corrects=number,
        reason=reason.strip(),
    )
    archive.put(conn, invoice)
    return invoice


def usage_now(conn: Connection, account: Account, month: date, books: Books) -> list[Item]:
    calls = charged_calls(conn, month, [line.id for line in account.lines])
    return usage(month, account.lines, map(billed, calls), books)


def _month_items(conn: Connection, account: Account, month: date, books: Books) -> list[Item]:
    lines = {line.id: line for line in account.lines}
    items = recurring(account, month, books, archive.billed_fees(conn, lines))
    items += usage_now(conn, account, month, books)
    end = bounds(month)[1]
    pending: list[Item] = []
    for entered in one_offs_of(conn, account.member_id):
        if entered.one.on <= last_day(month):
            line = lines.get(entered.line_id) if entered.line_id is not None else None
            pending.append(entered.item(line.number if line else ""))
    for outage in outages_of(conn, lines):
        if outage.restored_at < end:
            pending += outage_credits(outage, lines[outage.line_id], books)
    pending += _interest(conn, account.member_id, last_day(month))
    known = archive.already_billed(conn, [item.key for item in pending])
    return items + [item for item in pending if item.key not in known]


def _interest(conn: Connection, member_id: int, until: date) -> list[Item]:
    found: list[Item] = []
    for number in archive.paid_late(conn, member_id, until):
        invoice = archive.get(conn, number)
        paid = [one for one in archive.payments_of(conn, number) if one.paid_on <= until]
        less = sum((min(one.principal, ZERO) for one in archive.corrections(conn, number)), ZERO)
        found += late(number, max(invoice.principal + less, ZERO), invoice.due_on, paid)
    return found


def _usage_since(conn: Connection, account: Account, issued: Invoice, books: Books) -> list[Item]:
    if issued.kind is not Kind.MONTHLY:
        return []
    papers = [issued.items, *(one.items for one in archive.corrections(conn, issued.number))]
    return usage_changes(standing(papers), usage_now(conn, account, issued.month, books))


def _paper(
    account: Account,
    paper: Paper,
    items: Iterable[Item],
    *,
    number: str,
    kind: Kind,
    month: date,
    due: date | None = None,
) -> Invoice:
    ordered = in_order(list(items))
    # An invoice that is late itself is not due before the member has seen it.
    monthly_due = max(due_on(month), last_day(paper.today.replace(day=1)))
    return Invoice(
        number=number,
        kind=kind,
        member_id=account.member_id,
        addressee=account.name,
        month=month,
        issued_on=paper.today,
        due_on=due or monthly_due,
        issuer=paper.issuer,
        items=ordered,
        totals=totals(ordered),
    )


def _line(account: Account, line_id: int) -> BilledLine:
    found = next((line for line in account.lines if line.id == line_id), None)
    if found is None:
        raise BadValue("line", line_id, f"a line of member {account.member_id}")
    return found
