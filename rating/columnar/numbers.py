"""Numbers by the hundred thousand: each kind of number read once, by the one function that reads numbers."""

from collections.abc import Iterable

from rating.book import PriceBook

_TELLING = 8  # +81 and the five digits by which dialplan.areas tells Japanese areas apart
WHOLE = r"\+81[1-9][0-9]{8,9}"
"""What may be told by its head and length; any other number is read whole."""


def head_length(books: Iterable[PriceBook]) -> int:
    """Characters of a Japanese number, its + included, that its class, block and row can depend on."""
    longest = max((len(prefix) for book in books for prefix in known_prefixes(book)), default=0)
    # An invalid number keeps its national 0 in front: one more than the prefix and the +.
    return max(_TELLING, longest + 2)


def known_prefixes(book: PriceBook) -> frozenset[str]:
    """Every beginning of a number that a book knows: of its rows, its holes and its number blocks."""
    return frozenset(
        {prefix for row in book.rows for prefix in row.prefixes} | book.unpriced.keys() | book.blocks.keys()
    )


class Marks:
    """The longest beginning of a number that a book knows, found once for each number.

    Two numbers of one class with the same mark have the same row and group: each table of the book asks whether the
    number begins so, and whatever known prefix a number begins with, its longest one begins with too.
    """

    def __init__(self, book: PriceBook) -> None:
        self._known = known_prefixes(book)
        self._lengths = sorted({len(prefix) for prefix in self._known}, reverse=True)

    def of(self, digits: str) -> str:
        for length in self._lengths:
            if (head := digits[:length]) in self._known:
                return head
        return ""
