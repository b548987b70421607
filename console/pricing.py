"""The price books at hand: the packaged ones, and the operator's own."""

from collections.abc import Sequence
from pathlib import Path

from console.desk import Desk
from console.settings import Rating, settings_file
from dialplan.errors import BadValue
from rating.books_in_force import Books
from rating.load import open_books


def books_of(rating: Rating) -> Books:
    """Raises BadBooks with every problem of every book, BadValue when the settings' folder is not there."""
    return open_books(*_own(rating))


def books_at(desk: Desk, given: Sequence[Path] | None) -> Books:
    """For commands that also work where nothing is installed: --books, else the settings' folder if there are any."""
    if given:
        return open_books(*given)
    return books_of(desk.settings.rating) if settings_file(desk.given).is_file() else open_books()


def own_folder(desk: Desk, given: Path | None) -> Path:
    """--into, else the settings' folder. Raises BadValue when neither says where."""
    if given is not None:
        return given
    found = desk.settings.rating.folder if settings_file(desk.given).is_file() else None
    if found is None:
        raise BadValue("folder of price books", None, "--into DIR, or `folder` under [rating] in the settings")
    return found


def _own(rating: Rating) -> tuple[Path, ...]:
    if rating.folder is None:
        return ()
    if not rating.folder.is_dir():
        raise BadValue("setting rating.folder", str(rating.folder), "a folder that exists")
    return (rating.folder,)
