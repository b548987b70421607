"""A line as people read it."""

from datetime import datetime
from typing import Annotated

import typer

from console.show import numbers
from dialplan.numbers import shown
from subscribers.forwarding import Forwarding, ForwardMode
from subscribers.screening import Screening
from subscribers.states import LineForCall

LineName = Annotated[str, typer.Argument(metavar="LINE", help="The line's leased number or id.")]
PICKED_UP = "A running `denwaban serve` picks this up by itself."


def line_fields(found: LineForCall, at: datetime) -> list[tuple[str, object]]:
    line, member = found.line, found.member
    handset = line.handset
    return [
        ("line", line.id),
        ("number", shown(line.number)),
        ("additional numbers", numbers(line.additional)),
        ("plan", line.plan),
        ("state", found.state(at)),
        ("member", f"{member.id} {member.name}"),
        ("contract", line.contract_id),
        ("starts", line.starts_at),
        ("ends", line.ends_at),
        ("suspended since", line.suspended_at),
        ("channels", line.channels),
        ("call waiting", line.call_waiting),
        ("shows the leased number", line.present_leased),
        ("international", line.international_allowed),
        ("language", line.language),
        ("withholds its number", line.withhold),
        ("calls registered phones back", line.callback),
        ("fault failover", line.failover_number and shown(line.failover_number)),
        ("known to be down", line.faulty),
        ("registered phones", numbers(line.registered_phones)),
        ("handset", handset and f"{handset.sip_user}, shows {shown(handset.presents or line.number)}"),
        *forwarding_fields(line.forwarding),
        *screening_fields(line.screening),
    ]


def screening_fields(screening: Screening) -> list[tuple[str, object]]:
    allowed = f"{'on' if screening.allow_on else 'off'}, for {screening.allow_limit} numbers"
    return [
        ("nuisance block", "has entries" if screening.nuisance else "empty"),
        ("number request", screening.number_request),
        ("allow list", allowed if screening.allow_limit else None),
        ("select", screening.select.value),
    ]


def forwarding_fields(forwarding: Forwarding) -> list[tuple[str, object]]:
    off = forwarding.mode is ForwardMode.OFF
    entries = [
        (f"forward list {entry}", f"{shown(number)}{' (in use)' if entry == forwarding.entry_in_use else ''}")
        for entry, number in enumerate(forwarding.entries, 1)
        if number is not None
    ]
    return [
        ("forwarding", f"off (last: {forwarding.last_mode})" if off else forwarding.mode.value),
        ("rings", f"{forwarding.ring_seconds} s"),
        *entries,
    ]
