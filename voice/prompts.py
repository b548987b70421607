"""The one table of what is spoken: key, Japanese, English."""

from collections.abc import Iterable

from dialplan.errors import BadValue
from voice.rows import (
    Prompt,
    announcements,
    common,
    forwarding,
    member,
    nuisance,
    number_request,
    numbers,
    remote,
    screening,
    select,
)

ANNOUNCEMENTS: tuple[Prompt, ...] = (*announcements.ROWS, *screening.ROWS)
"""The rows whose sound files are shipped beside the code, in `voice/sounds`."""

PROMPTS: tuple[Prompt, ...] = (
    *announcements.ROWS,
    *screening.ROWS,
    *common.ROWS,
    *numbers.ROWS,
    *forwarding.ROWS,
    *remote.ROWS,
    *select.ROWS,
    *nuisance.ROWS,
    *number_request.ROWS,
    *member.ROWS,
)


def find(key: str, rows: Iterable[Prompt] = PROMPTS) -> Prompt:
    """Raises BadValue for a key that is not in the table."""
    for row in rows:
        if row.key == key:
            return row
    raise BadValue("prompt", key, "a key of the table in voice/prompts.py")
