"""What may be set freely on a line."""

from dataclasses import replace
from typing import TypedDict, Unpack

from sqlalchemy import Connection

from subscribers.lines import Language, Line
from subscribers.records.find import get_line
from subscribers.records.lines import change_line
from subscribers.records.revisions import next_revision
from subscribers.targets import check_failover, check_forward_list


class Options(TypedDict, total=False):
    """What is named is changed; see Line for the meaning. `failover_number` None takes it away."""

    withhold: bool
    callback: bool
    capped: bool
    failover_number: str | None
    call_waiting: bool
    present_leased: bool
    international_allowed: bool
    language: Language


def change_options(conn: Connection, line_id: int, **given: Unpack[Options]) -> Line:
    """All of them at once: a line may be opened for international calls and fail over abroad in one change.

    Raises BadValue for a failover number that the line may not be forwarded to, and when the line would be closed
    for international calls while it may forward, or fail over, to one.
    """
    revision = next_revision(conn)
    wanted = replace(get_line(conn, line_id), **given)
    if wanted.failover_number is not None:
        wanted = replace(wanted, failover_number=check_failover(wanted.failover_number, wanted))
    check_forward_list(wanted)
    return change_line(
        conn,
        line_id,
        revision,
        withhold=wanted.withhold,
        callback=wanted.callback,
        capped=wanted.capped,
        failover_number=wanted.failover_number,
        call_waiting=wanted.call_waiting,
        present_leased=wanted.present_leased,
        international_allowed=wanted.international_allowed,
        language=wanted.language.value,
    )


def set_withhold(conn: Connection, line_id: int, on: bool) -> Line:
    """Whether calls out withhold the number unless 186 is dialled."""
    return change_options(conn, line_id, withhold=on)


def set_failover(conn: Connection, line_id: int, number: str | None) -> Line:
    """Where calls go while the line is known to be down. Raises BadValue as for a forward number."""
    return change_options(conn, line_id, failover_number=number)
