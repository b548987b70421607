"""Who gets through to a line: nuisance block (144), number request (148), allow list (発着信制御), select (147)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialplan.errors import BadValue

MAX_NUISANCE = 30  # 拒否できる電話番号は30件 (seed 001)
MAX_SELECT = 30
ALLOW_BLOCKS = (20, 100, 500, 1000, 12000)  # 許可番号リスト 1B, 5B, 25B, 50B, 600B (seeds 001, 003)


class SelectMode(StrEnum):
    OFF = "off"
    FORWARDED = "registered-forwarded"  # 登録番号転送: listed callers follow the forwarding, others ring
    RING = "registered-ring"  # 登録番号着信: the reverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What a line is set to. `nuisance` says that the list has entries; `allow_limit` is 0 when none was sold."""

    nuisance: bool = False
    number_request: bool = False
    allow_limit: int = 0
    allow_on: bool = False
    select: SelectMode = SelectMode.OFF

    @property
    def has_lists(self) -> bool:
        """Whether a decision depends on which lists the caller is on."""
        return self.nuisance or self.allow_on or self.select is not SelectMode.OFF


UNSCREENED = Screening()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Which of a line's lists a caller is on."""

    nuisance: bool = False
    allowed: bool = False
    selected: bool = False


ON_NO_LIST = Listed()


class ListFull(BadValue):
    """The list has as many entries as it may have."""


class AlreadyListed(BadValue):
    """The number is on the list."""


class NotListed(BadValue):
    """The number is not on the list, or the list is empty."""


def check_new_entry(thing: str, number: str, entries: Collection[str], limit: int) -> None:
    """Raises AlreadyListed or ListFull; nothing may be added to a list of `limit` entries."""
    if number in entries:
        raise AlreadyListed(thing, number, "a number not yet on the list")
    if len(entries) >= limit:
        raise ListFull(thing, f"{len(entries)} entries", f"{limit} at most")


def check_entry(thing: str, number: str, entries: Collection[str]) -> None:
    """Raises NotListed."""
    if number not in entries:
        raise NotListed(thing, number, "a number on the list")


def last_entry(thing: str, entries: Sequence[str]) -> str:
    """Of entries in the order they were added. Raises NotListed when there are none."""
    if not entries:
        raise NotListed(thing, "no entry", "at least one")
    return entries[-1]


def check_allow_limit(limit: int, used: int) -> None:
    """Raises BadValue for a block that is not sold, or one too small for what the list holds. 0 gives it up."""
    if limit not in (0, *ALLOW_BLOCKS):
        raise BadValue("allow list size", limit, f"0 or one of {', '.join(str(size) for size in ALLOW_BLOCKS)}")
    if used > limit:
        raise BadValue("allow list size", limit, f"room for the {used} numbers on the list")


def check_allow_on(screening: Screening, used: int) -> None:
    """Raises BadValue for turning on a list that was not sold, or is empty: it would turn every caller away."""
    if screening.allow_limit == 0:
        raise BadValue("allow list", "none", "a list that has been sold (`denwaban line allow size`)")
    if used == 0:
        raise BadValue("allow list", "no number", "at least one number, or nobody could call")
