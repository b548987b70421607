"""A member, and the identity check without which no line of the member works."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dialplan.errors import BadValue

IDENTITY_KEPT_YEARS = 7
_MAIL = re.compile(r"[A-Za-z0-9._%+/=?^{|}~'-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


class MemberKind(StrEnum):
    RENTAL_OFFICE = "rental-office"
    COWORKING = "coworking"
    VIRTUAL_OFFICE = "virtual-office"


class IdentityMethod(StrEnum):
    IN_PERSON = "in-person"  # 対面: the document itself was seen
    BY_POST = "by-post"  # 転送不要郵便: a letter that may not be forwarded came back signed
    ELECTRONIC = "electronic"  # 公的個人認証 or another signature


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheck:
    checked_on: date
    method: IdentityMethod
    checked_by: str

    def kept_until(self, contract_ended_on: date) -> date:
        """The first day on which the record may be destroyed: 7 years after the member's last contract ended.

        Act on Prevention of Transfer of Criminal Proceeds, for providers of telephone forwarding. 29 February
        becomes 1 March, the longer of the two readings.
        """
        year = contract_ended_on.year + IDENTITY_KEPT_YEARS
        try:
            return contract_ended_on.replace(year=year)
        except ValueError:
            return date(year, 3, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`room_capacity` is for rental-office members only; `suspended_at` stops every line of the member.

    `mail` is where notices go; None: the member gets none.
    """

    id: int
    name: str
    kind: MemberKind
    room_capacity: int | None
    identity: IdentityCheck | None
    suspended_at: datetime | None
    leaves_at: datetime | None
    mail: str | None = None


def check_member(name: str, kind: MemberKind, room_capacity: int | None) -> None:
    """Raises BadValue when the name is empty, or the capacity is missing or does not belong to the kind."""
    if not name.strip() or not name.isprintable():
        raise BadValue("member name", name, "a name of printable characters")
    if kind is MemberKind.RENTAL_OFFICE:
        if room_capacity is None or room_capacity < 1:
            raise BadValue("room capacity", room_capacity, "1 or more for a rental-office member")
    elif room_capacity is not None:
        raise BadValue("room capacity", room_capacity, f"none for a {kind} member")


def check_mail(address: str) -> None:
    """Raises BadValue for what could not stand in a mail's header as one address."""
    if not _MAIL.fullmatch(address) or len(address) > 254:
        raise BadValue("mail address", address, "one address such as name@example.jp, in ASCII")


def check_identity(check: IdentityCheck, today: date) -> None:
    """Raises BadValue for a check dated after `today` (in Japan) or without a checker's name."""
    if check.checked_on > today:
        raise BadValue("identity check date", check.checked_on.isoformat(), f"{today.isoformat()} or earlier")
    if not check.checked_by.strip():
        raise BadValue("identity check", check.checked_by, "the name of who checked it")
