"""Numbers as they are keyed and read back in the menus."""

from collections.abc import Callable

from agi.menu import Complete, Invalid, Match, Matcher, ended
from dialplan.errors import BadValue
from dialplan.numbers import national
from subscribers.lines import Line
from subscribers.targets import check_target
from voice.spoken import number


def forward_number(line: Line) -> Matcher[str]:
    """E.164 of a number that `line` may be forwarded to, keyed with `#`."""

    def read(digits: str) -> Match[str]:
        try:
            return Complete(check_target(digits, line))
        except BadValue:
            return Invalid(say="forward-target-refused")

    return ended(read, too_long="forward-target-refused")


def is_number(prompt: str) -> Callable[[str], tuple[str, ...]]:
    """Reads an E.164 number after `prompt`, as it is dialled in Japan."""

    def read(e164: str) -> tuple[str, ...]:
        return (prompt, *number(national(e164)), "is-suffix")

    return read
