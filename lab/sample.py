"""What a fresh lab holds: a member with a line of each plan, so that the first call needs no typing."""

import secrets
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from lab.configure import Handset
from store.secrets import seal, unseal
from subscribers.forwarding import ForwardMode
from subscribers.lines import Plan
from subscribers.members import IdentityCheck, IdentityMethod, MemberKind
from subscribers.records.find import list_lines
from subscribers.records.forwarding import set_forward_entry, start_forwarding
from subscribers.records.lines import add_line
from subscribers.records.members import add_contract, add_member, record_identity_check
from subscribers.records.phones import lend_handset

FORWARDED = "0312345678"
"""Forwards every call to MOBILE."""
WITH_HANDSET = "0312345679"
"""Rings its handset, and forwards to MOBILE what is not answered in 20 s."""
MOBILE = "09011112222"
STARTED = datetime(2026, 1, 5, 1, tzinfo=UTC)


def sow(conn: Connection, key: str, at: datetime) -> bool:
    """False, and nothing done, when the store has lines already."""
    if list_lines(conn):
        return False
    member = add_member(conn, name="見本商事", kind=MemberKind.RENTAL_OFFICE, room_capacity=2)
    check = IdentityCheck(checked_on=date(2026, 1, 5), method=IdentityMethod.IN_PERSON, checked_by="lab")
    record_identity_check(conn, member.id, check, at.date())
    contract = add_contract(conn, member.id, STARTED.date())
    forwarded = add_line(conn, contract_id=contract.id, number=FORWARDED, plan=Plan.IN_OUT, starts_at=STARTED, at=at)
    set_forward_entry(conn, forwarded.id, 1, MOBILE)
    start_forwarding(conn, forwarded.id, ForwardMode.UNCONDITIONAL)
    rung = add_line(
        conn, contract_id=contract.id, number=WITH_HANDSET, plan=Plan.FIXED_PHONE, starts_at=STARTED, at=at
    )
    password = secrets.token_urlsafe(18)
    lend_handset(conn, rung.id, sip_user=f"h{rung.id}", sealed_password=seal(password, key))
    set_forward_entry(conn, rung.id, 1, MOBILE)
    start_forwarding(conn, rung.id, ForwardMode.NO_ANSWER)
    return True


def handsets(conn: Connection, key: str) -> list[Handset]:
    """The lab's phones are the store's handsets."""
    return [
        Handset(sip_user=phone.sip_user, password=unseal(phone.sealed_password, key), number=found.line.number)
        for found in list_lines(conn)
        if (phone := found.line.handset) is not None
    ]
