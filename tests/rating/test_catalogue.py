from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dialplan.errors import BadValue
from rating import rows
from rating.catalogue import diff, import_blocks, import_book
from rating.charge import TOKYO, NoPrice
from rating.load import open_books
from rating.problems import BadBooks
from rating.quote import quote
from rating.usage import Plan, Service

AT = datetime(2026, 5, 11, 10, 0, tzinfo=TOKYO)
HEAD = 'id = "ours"\neffective = {}\ntitle = "t"\ndocument = "d"\ntax = "excluded"\n'


def source(folder: Path, effective: str, price: str) -> Path:
    folder.mkdir()
    (folder / "book.toml").write_text(HEAD.format(effective), "utf-8")
    row = f"fixed,固定電話,out,,,fixed,,,,,180,{price},,,,,our own list"
    (folder / "calls.csv").write_text(",".join(rows.CALLS) + f"\n{row}\n", "utf-8")
    return folder


def test_an_imported_book_holds_from_its_date_on(tmp_path: Path) -> None:
    books = tmp_path / "books"
    import_book(source(tmp_path / "a", "2026-04-01", "8.0"), books)
    import_book(source(tmp_path / "b", "2026-05-11", "9.0"), books)
    opened = open_books(books)

    def costs(at: datetime) -> Decimal:
        return quote(opened, "ours", "0355550100", at=at, answered=Decimal(1)).amount

    assert costs(AT) == 9
    assert costs(AT.replace(hour=0, minute=0)) == 9
    # The price of the moment of the answer holds for the whole call, also over the change.
    assert costs(AT.replace(day=10, hour=23, minute=59, second=59)) == 8
    with pytest.raises(NoPrice, match="none in force on 2026-03-31"):
        costs(AT.replace(month=3, day=31))
    assert "leased-number" in opened.ids()


def test_a_bad_book_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    books = tmp_path / "books"
    with pytest.raises(BadBooks, match=r"calls.csv:2: first_price: found 'x'"):
        import_book(source(tmp_path / "a", "2026-04-01", "x"), books)
    assert not books.exists()


def test_a_version_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    books = tmp_path / "books"
    import_book(source(tmp_path / "a", "2026-04-01", "8.0"), books)
    with pytest.raises(BadValue, match="found 'ours 2026-04-01', expected an effective date without a version"):
        import_book(source(tmp_path / "b", "2026-04-01", "9.0"), books)
    (held,) = open_books(books).versions("ours")
    assert held.rows[0].rate.first_price == 8
    assert [entry.name for entry in (books / "ours").iterdir()] == ["2026-04-01"]


def test_two_versions_are_told_apart_by_row_fee_and_head() -> None:
    old, new = open_books().versions("cloud-pbx")
    changes = {(change.thing, change.id): (change.before, change.after) for change in diff(old, new)}
    assert changes.keys() == {
        ("fee", "monthly.office-link"),
        ("fee", "work.change.option"),
        ("fee", "work.start.office-link"),
        ("fee", "work.start.option"),
    }
    before, after = changes[("fee", "monthly.office-link")]
    assert before is None
    assert "amount=50000" in str(after)
    assert diff(new, new) == ()


def test_a_changed_price_shows_both(tmp_path: Path) -> None:
    books = tmp_path / "books"
    first = import_book(source(tmp_path / "a", "2026-04-01", "8.0"), books)
    second = import_book(source(tmp_path / "b", "2026-05-01", "9.0"), books)
    (change,) = diff(first, second)
    assert "rate=8/180s" in str(change.before)
    assert "rate=9/180s" in str(change.after)


def test_imported_number_blocks_choose_the_group_the_longest_first(tmp_path: Path) -> None:
    table, books = tmp_path / "blocks.csv", tmp_path / "books"
    table.write_text("block,group,cites\n090-55,1-D,own\n090-5555,1-B,own\n", "utf-8")
    assert import_blocks(table, books, "reseller") == 2
    opened = open_books(books)

    def row(to: str, group: str = "") -> str:
        return quote(opened, "reseller", to, at=AT, answered=Decimal(1), group=group).row

    assert [row(to) for to in ("09055550100", "09055660100", "09066660100")] == [
        "mobile.1-b",
        "mobile.1-d",
        "mobile.1-a",
    ]
    assert row("09055550100", group="1-A") == "mobile.1-a"


def test_blocks_of_an_unknown_group_or_book_are_refused_and_the_old_ones_kept(tmp_path: Path) -> None:
    table, books = tmp_path / "blocks.csv", tmp_path / "books"
    table.write_text("block,group,cites\n090-5555,1-B,own\n", "utf-8")
    import_blocks(table, books, "reseller")
    table.write_text("block,group,cites\n090-5555,9-Z,own\n", "utf-8")
    with pytest.raises(BadBooks, match=r"found group '9-Z', expected one of 1-A, 1-B, 1-D"):
        import_blocks(table, books, "reseller")
    with pytest.raises(BadBooks, match="found blocks of 'nobody'"):
        import_blocks(table, books, "nobody")
    table.write_text("block,group,cites\n90-5555,1-A,own\n", "utf-8")
    with pytest.raises(BadBooks, match=r"blocks.csv:2: block: found '90-5555'"):
        import_blocks(table, books, "reseller")
    assert quote(open_books(books), "reseller", "09055550100", at=AT, answered=Decimal(1)).row == "mobile.1-b"


def test_a_quote_takes_what_no_number_tells() -> None:
    books = open_books()
    free = quote(
        books,
        "leased-number",
        "0355550199",
        at=AT,
        answered=Decimal(61),
        service=Service.SETTINGS,
        plan=Plan.FIXED_PHONE,
        caller_kind="handset",
    )
    assert free.amount == 0
    phone_box = quote(
        books,
        "reseller",
        "0355550199",
        at=AT,
        answered=Decimal(61),
        service=Service.FREEPHONE,
        caller_kind="payphone",
        variant="other-prefecture",
    )
    assert phone_box.amount == 60
    with pytest.raises(NoPrice, match="freephone call from a withheld number"):
        quote(books, "reseller", "0355550199", at=AT, answered=Decimal(1), service=Service.FREEPHONE)
