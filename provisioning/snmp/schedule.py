"""When each device's turn is: spread over the interval, the same moment of it every time. Pure."""

EVERY = 60.0
HINT_PAUSE = 5.0
"""Seconds between two polls of a device at least: one that sends a hundred traps is not polled a hundred times."""

_GOLDEN = 0.6180339887498949


def offset(device_id: int, every: float = EVERY) -> float:
    """Seconds from the beginning of an interval. Multiples of the golden ratio: however many ids there are, and
    whichever are missing, neighbours get no closer than they must.
    """
    return device_id * _GOLDEN % 1.0 * every


def next_turn(device_id: int, now: float, every: float = EVERY) -> float:
    """The first turn after `now`, in seconds of the same clock."""
    place = offset(device_id, every)
    turn = place + ((now - place) // every + 1) * every
    return turn if turn > now else turn + every


def hinted(last_polled: float | None, now: float) -> float:
    """When to poll a device that has just said something."""
    return now if last_polled is None else max(now, last_polled + HINT_PAUSE)
