"""The operator's own price books are used wherever calls are priced."""

import shutil
from pathlib import Path

import pytest

from console.desk import Desk
from console.init import initialise
from console.pricing import books_at, books_of, own_folder
from console.settings import Rating
from dialplan.errors import BadValue
from rating.catalogue import import_book
from rating.load import packaged


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(initialise(tmp_path / "home", {}))


def test_a_book_imported_into_the_settings_folder_is_at_hand_for_every_call(desk: Desk, tmp_path: Path) -> None:
    source = tmp_path / "2027-04-01"
    shutil.copytree(Path(str(packaged())) / "leased-number" / "2025-01-10", source)
    head = source / "book.toml"
    head.write_text(head.read_text(encoding="utf-8").replace("effective = 2025-01-10", "effective = 2027-04-01"))
    import_book(source, own_folder(desk, None))
    dates = [book.effective.isoformat() for book in books_of(desk.settings.rating).versions("leased-number")]
    assert dates == ["2025-01-10", "2027-04-01"]
    assert len(books_at(desk, None).versions("leased-number")) == 2


def test_without_settings_the_packaged_books_are_at_hand(tmp_path: Path) -> None:
    nowhere = Desk(tmp_path / "none.toml")
    assert len(books_at(nowhere, None).versions("leased-number")) == 1
    with pytest.raises(BadValue, match="--into"):
        own_folder(nowhere, None)


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"rating\.folder"):
        books_of(Rating(folder=tmp_path / "gone"))
