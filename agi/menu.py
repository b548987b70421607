"""What keys mean: digit matchers and menu tables. Pure.

A matcher is asked after every key with all the keys so far: they mean something, they may yet, or they never will.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)
A = TypeVar("A", covariant=True)

END = "#"
BACK = "*"

LONGEST_NUMBER = 24
"""Keys; nothing in the numbering plan is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """More keys are needed."""


@dataclass(frozen=True, slots=True)
class Complete(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """`say` is the prompt that tells why."""

    say: str = "wrong-choice"


Match = Incomplete | Complete[T] | Invalid
Matcher = Callable[[str], Match[T]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Generic[A]):
    """`prompt` names the choices; `actions` are what each key does."""

    prompt: str
    actions: Mapping[str, A]


def one_of(keys: Collection[str]) -> Matcher[str]:
    """A single key."""

    def match(typed: str) -> Match[str]:
        return Complete(typed) if typed in keys else Invalid()

    return match


def ended(
    read: Callable[[str], Match[T]], *, longest: int = LONGEST_NUMBER, too_long: str = "wrong-choice"
) -> Matcher[T]:
    """Digits ended with `#`, which `read` is given without it; more than `longest` of them are wrong at once."""

    def match(typed: str) -> Match[T]:
        if typed.endswith(END):
            return read(typed[:-1])
        return Incomplete() if len(typed) <= longest else Invalid(say=too_long)

    return match


def whole(first: int, last: int) -> Matcher[int]:
    """A number from `first` to `last`, ended with `#`."""

    def read(digits: str) -> Match[int]:
        return Complete(int(digits)) if digits.isdigit() and first <= int(digits) <= last else Invalid()

    return ended(read, longest=len(str(last)) + 1)


def digits(shortest: int, longest: int, say: str) -> Matcher[str]:
    """`shortest` to `longest` digits ended with `#`; `say` tells what is wrong with any others."""

    def read(typed: str) -> Match[str]:
        return Complete(typed) if typed.isdigit() and shortest <= len(typed) <= longest else Invalid(say=say)

    return ended(read, longest=longest, too_long=say)
