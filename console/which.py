"""Which line somebody means: its leased number, as usually written, or its id."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from dialplan.errors import BadValue
from dialplan.numbers import normalise
from subscribers.records.find import get_line_for_call, line_for_call
from subscribers.states import LineForCall

LARGEST = 2**31 - 1
"""What the database's integers can hold."""

MemberId = Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST, help="The member's id.")]
_ID_DIGITS = 9  # no telephone number begins without 0 or + and has as few digits


def line_named(conn: Connection, text: str) -> LineForCall:
    """Also by an additional number. Raises BadValue when nobody has the number, or there is no such id."""
    if text.isascii() and text.isdecimal() and text[0] != "0" and len(text) <= _ID_DIGITS:
        return get_line_for_call(conn, int(text))
    found = line_for_call(conn, normalise(text, "leased number"))
    if found is None:
        raise BadValue("line", text, "a leased number of a line, or a line's id")
    return found
