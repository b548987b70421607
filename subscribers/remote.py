"""Remote access (遠隔操作): what a PIN looks like, and how wrong ones lock it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialplan.errors import BadValue

MIN_PIN, MAX_PIN = 4, 8
WRONG_BEFORE_LOCK = 5
WITHIN = timedelta(hours=1)
LOCKED_FOR = timedelta(hours=1)


def check_pin_form(pin: str) -> None:
    """Raises BadValue, without the PIN in it, for anything but 4 to 8 digits."""
    if not (pin.isascii() and pin.isdecimal() and MIN_PIN <= len(pin) <= MAX_PIN):
        raise BadValue("PIN", f"{len(pin)} characters", f"{MIN_PIN} to {MAX_PIN} digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """The wrong PINs that still count, oldest first, and until when every PIN is refused."""

    wrong: tuple[datetime, ...] = ()
    locked_until: datetime | None = None

    def locked(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until


def after_wrong_pin(lockout: Lockout, at: datetime) -> Lockout:
    """The fifth within an hour locks. While locked nothing counts: guessing on does not prolong the lock, or a
    stranger could keep a member out for ever; afterwards counting begins anew.
    """
    if lockout.locked(at):
        return lockout
    # A clock set back must not make old failures count for longer than an hour.
    wrong = (*(one for one in lockout.wrong if abs(at - one) < WITHIN), at)
    if len(wrong) >= WRONG_BEFORE_LOCK:
        return Lockout(wrong=(), locked_until=at + LOCKED_FOR)
    return replace(lockout, wrong=wrong, locked_until=None)
