"""Members and their lines as an invoice needs them: the one place where billing learns who has what."""

from collections.abc import Iterable

from sqlalchemy import Connection

from console.settings import Rating
from rating.invoice.account import Account, BilledLine, Subscription
from rating.invoice.entries import subscriptions_of
from subscribers.lines import Line
from subscribers.members import Member, MemberKind
from subscribers.records.find import list_lines
from subscribers.records.members import get_member, list_members

_AHEAD = {MemberKind.RENTAL_OFFICE: 2, MemberKind.COWORKING: 1, MemberKind.VIRTUAL_OFFICE: 1}


def account(conn: Connection, member_id: int, rating: Rating) -> Account:
    """With the lines that have ended too: their last calls and refunds are billed after the end. Raises BadValue."""
    lines = [found.line for found in list_lines(conn, member_id=member_id)]
    return _account(get_member(conn, member_id), lines, subscriptions_of(conn, [line.id for line in lines]), rating)


def accounts(conn: Connection, rating: Rating) -> list[Account]:
    """Of every member, in the order of their ids."""
    by_member: dict[int, list[Line]] = {}
    for found in list_lines(conn):
        by_member.setdefault(found.member.id, []).append(found.line)
    made = []
    for member in list_members(conn):
        lines = by_member.get(member.id, [])
        made.append(_account(member, lines, subscriptions_of(conn, [line.id for line in lines]), rating))
    return made


def _account(
    member: Member, lines: Iterable[Line], subscriptions: dict[int, tuple[Subscription, ...]], rating: Rating
) -> Account:
    return Account(
        member_id=member.id,
        name=member.name,
        months_ahead=_AHEAD[member.kind],
        lines=tuple(
            BilledLine(
                id=line.id,
                number=line.number,
                plan=line.plan.value,
                book=rating.book,
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                subscriptions=subscriptions.get(line.id, ()),
                billed_from=rating.billed_from and rating.billed_from.replace(day=1),
            )
            for line in lines
        ),
    )
