"""Digits, seconds and counts; Japanese numbers change with their counter, so each is a row."""

from voice.rows import Prompt, prompt

DIGITS_JA = ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")
DIGITS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SECONDS = range(5, 61)
"""The ring times a subscriber can set (services §2, step 7)."""
COUNTS = range(31)
"""The select and nuisance lists hold 30 entries each (services §2 and §5)."""


def digit_key(digit: int) -> str:
    return f"digit-{digit}"


def seconds_key(seconds: int) -> str:
    return f"seconds-{seconds}"


def count_key(count: int) -> str:
    return f"count-{count}"


def _count(count: int) -> Prompt:
    return prompt(count_key(count), f"{count}件", "1 entry" if count == 1 else f"{count} entries")


ROWS = (
    *(prompt(digit_key(n), ja, en) for n, (ja, en) in enumerate(zip(DIGITS_JA, DIGITS_EN, strict=True))),
    *(prompt(seconds_key(n), f"{n}秒", f"{n} seconds") for n in SECONDS),
    *(_count(n) for n in COUNTS),
)
