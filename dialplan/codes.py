"""What leads to a dialled menu: the codes of a lent handset, and the numbers of remote access. Pure."""

from dataclasses import dataclass

MEMBER_MENU = "member-menu"
REMOTE = "remote"
CALLBACK = "callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """`flow` is the first argument of Stasis() (agi/switchboard.py)."""

    dialled: str
    flow: str


CODES = (
    Code(dialled="142", flow="forward-menu"),
    Code(dialled="144", flow="nuisance-menu"),
    Code(dialled="147", flow="select-menu"),
    Code(dialled="148", flow="number-request"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessNumber:
    """`number` in national digits; `order` of the keys, east or west, is the second argument of Stasis()."""

    number: str
    order: str
