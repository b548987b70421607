"""The prompts, in order, that speak a number, a time or a count."""

from dialplan.errors import BadValue
from voice.rows.numbers import COUNTS, SECONDS, count_key, digit_key, seconds_key


def number(dialled: str) -> tuple[str, ...]:
    """Keys that read a telephone number digit by digit.

    Expects the number as the subscriber dials it (0-prefixed, ASCII digits only): the plus of `+81` is no digit.
    Raises BadValue otherwise, and for an empty string.
    """
    if not (dialled.isascii() and dialled.isdigit()):
        raise BadValue("number to speak", dialled, "one or more digits 0-9")
    return tuple(digit_key(int(digit)) for digit in dialled)


def seconds(value: int) -> str:
    """The key of a ring time, 5 to 60 seconds. Raises BadValue outside that."""
    if value not in SECONDS:
        raise BadValue("seconds to speak", value, f"{SECONDS[0]} to {SECONDS[-1]}")
    return seconds_key(value)


def count(value: int) -> str:
    """The key of a count of list entries, 0 to 30. Raises BadValue outside that."""
    if value not in COUNTS:
        raise BadValue("count to speak", value, f"{COUNTS[0]} to {COUNTS[-1]}")
    return count_key(value)
