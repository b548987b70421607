"""The price books at hand, and which version of one holds at a moment."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime

from rating.book import PriceBook
from rating.charge import TOKYO, NoPrice


class Books:
    """Every version of every price book, opened once. Immutable."""

    __slots__ = ("_versions",)

    def __init__(self, books: Iterable[PriceBook]) -> None:
        versions: dict[str, list[PriceBook]] = {}
        for book in sorted(books, key=lambda book: (book.id, book.effective)):
            versions.setdefault(book.id, []).append(book)
        self._versions = versions

    def __iter__(self) -> Iterator[PriceBook]:
        for versions in self._versions.values():
            yield from versions

    def ids(self) -> tuple[str, ...]:
        return tuple(self._versions)

    def versions(self, book_id: str) -> tuple[PriceBook, ...]:
        """Oldest first. Raises NoPrice, naming the ids there are, for an unknown one."""
        found = self._versions.get(book_id)
        if found is None:
            raise NoPrice(f"price book: found {book_id!r}, expected one of {', '.join(self._versions)}")
        return tuple(found)

    def in_force(self, book_id: str, at: datetime) -> PriceBook:
        """The newest version effective on the day of `at` in Japan. Raises NoPrice when none is yet."""
        versions = self.versions(book_id)
        day = at.astimezone(TOKYO).date()
        index = bisect_right([book.effective for book in versions], day)
        if index == 0:
            raise NoPrice(f"price book {book_id}: none in force on {day}, the first is of {versions[0].effective}")
        return versions[index - 1]
