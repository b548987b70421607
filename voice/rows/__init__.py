"""The prompts themselves, a file per dialled service."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    JAPANESE = "ja"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`key` is the sound file's name without its ending, the same in every language.

    An empty text (English has no word where Japanese ends a sentence in です) is built as a short silence,
    so that a flow plays the same keys in both.
    """

    key: str
    ja: str
    en: str

    def text(self, language: Language) -> str:
        return self.ja if language is Language.JAPANESE else self.en


def prompt(key: str, ja: str, en: str) -> Prompt:
    """A row of the table, in the order in which it is read."""
    return Prompt(key=key, ja=ja, en=en)
