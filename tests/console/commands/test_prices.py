import shutil
from pathlib import Path

import pytest

from tests.fixtures.homes import Home

HERE = Path(__file__).parents[3] / "rating" / "books" / "leased-number" / "2025-01-10"


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """Nothing is set up: price books are read without a store."""
    return Home(tmp_path / "bare")


def test_books_are_listed_with_the_version_in_force(bare: Home) -> None:
    books = bare.json("prices", "list")["books"]
    [leased] = [book for book in books if book["id"] == "leased-number"]
    assert (leased["effective"], leased["in_force"], leased["tax"]) == ("2025-01-10", True, "included")
    assert leased["rows"] > 0
    assert "leased-number" in bare.done("prices", "list").out


def test_a_good_book_is_checked(bare: Home) -> None:
    [book] = bare.json("prices", "check", HERE)["books"]
    assert (book["id"], book["effective"]) == ("leased-number", "2025-01-10")
    assert "no problem" in bare.done("prices", "check", HERE).out


def test_every_problem_of_a_broken_book_is_named_with_its_line(bare: Home, tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "book")
    calls = tmp_path / "book" / "calls.csv"
    lines = calls.read_text("utf-8").splitlines()
    calls.write_text("\n".join([*lines, "broken", "broken too"]) + "\n", encoding="utf-8")
    said = bare.run("prices", "check", tmp_path / "book", "--json")
    assert said.status == 2
    found = [(Path(one["file"]).name, one["line"]) for one in said.json["error"]["problems"]]
    assert ("calls.csv", len(lines) + 1) in found
    assert ("calls.csv", len(lines) + 2) in found
    assert all(line.startswith("denwaban: ") for line in said.err.splitlines())
    before = set(tmp_path.rglob("*"))
    refused = bare.run("prices", "import", tmp_path / "book", "--into", tmp_path / "own")
    assert (refused.status, refused.out) == (2, "")
    assert set(tmp_path.rglob("*")) == before


def test_a_new_version_is_imported_compared_and_used(bare: Home, tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "new")
    head, calls = tmp_path / "new" / "book.toml", tmp_path / "new" / "calls.csv"
    head.write_text(head.read_text("utf-8").replace("2025-01-10", "2026-01-01"), encoding="utf-8")
    calls.write_text(calls.read_text("utf-8").replace("51.7", "52.8"), encoding="utf-8")
    imported = bare.json("prices", "import", tmp_path / "new", "--into", tmp_path / "own")
    assert imported["folder"] == str(tmp_path / "own" / "leased-number" / "2026-01-01")
    assert bare.run("prices", "import", tmp_path / "new", "--into", tmp_path / "own").status == 2

    own = ("--books", tmp_path / "own")
    changes = bare.json("prices", "diff", "leased-number@2025-06-01", "leased-number", *own)["changes"]
    assert {change["thing"] for change in changes} == {"row"}
    assert all("51.7" in change["before"] and "52.8" in change["after"] for change in changes)
    assert "+ " in bare.done("prices", "diff", HERE, tmp_path / "new").out
    call = ("rate", "--book", "leased-number", "--from", "03-1234-5678", "--to", "090-1111-2222", "--answered", 61)
    plan = ("--plan", "fixed-phone", *own)
    assert bare.json(*call, *plan, "--at", "2026-05-11")["amount"] == "105.6"
    assert bare.json(*call, *plan, "--at", "2025-12-31T23:59:59")["amount"] == "103.4"


def test_number_blocks_of_the_operator_tell_the_group(bare: Home, tmp_path: Path) -> None:
    table, own = tmp_path / "blocks.csv", tmp_path / "own"
    table.write_text("block,group,cites\n0901111,1-B,the carrier's letter\n", encoding="utf-8")
    call = ("rate", "--book", "reseller", "--from", "03-1234-5678", "--to", "090-1111-2222", "--answered", 60)
    before = bare.json(*call)["amount"]
    assert bare.json("prices", "blocks", "reseller", table, "--into", own) == {"book": "reseller", "blocks": 1}
    after = bare.json(*call, "--books", own)["amount"]
    assert (before, after) == ("16", "17.5")


@pytest.mark.parametrize(
    ("book", "row", "complaint"),
    [
        ("gold", "0901111,1-B,letter", "price book: found 'gold'"),
        ("../gold", "0901111,1-B,letter", "price book: found '../gold'"),
        ("reseller", "0901111,9-Z,letter", "9-Z"),
        ("reseller", "mobile,1-B,letter", "blocks.csv:2: "),
    ],
)
def test_number_blocks_that_cannot_be_used_change_nothing(
    bare: Home, tmp_path: Path, book: str, row: str, complaint: str
) -> None:
    table = tmp_path / "blocks.csv"
    table.write_text(f"block,group,cites\n{row}\n", encoding="utf-8")
    said = bare.run("prices", "blocks", book, table, "--into", tmp_path / "own")
    assert (said.status, said.out) == (2, "")
    assert complaint in said.err
    assert sorted(tmp_path.iterdir()) == [table]


def test_a_missing_table_of_blocks_is_named(bare: Home, tmp_path: Path) -> None:
    said = bare.run("prices", "blocks", "reseller", tmp_path / "none.csv", "--into", tmp_path / "own")
    assert (said.status, said.out) == (2, "")
    assert f"{tmp_path}/none.csv: found 'No such file or directory'" in said.err


def test_a_book_is_the_same_as_itself(bare: Home) -> None:
    assert bare.json("prices", "diff", HERE, "leased-number")["changes"] == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("check", "/nowhere"), "/nowhere"),
        (("diff", "leased-number", "gold"), "price book: found 'gold', expected one of"),
        (("diff", "leased-number@soon", "leased-number"), "date of the price book: found 'soon'"),
        (("diff", "leased-number@2001-01-01", "leased-number"), "none in force on 2001-01-01"),
        (("list", "--books", "/nowhere"), "/nowhere"),
    ],
)
def test_what_is_no_price_book(bare: Home, arguments: tuple[object, ...], complaint: str) -> None:
    said = bare.run("prices", *arguments)
    assert (said.status, said.out) == (2, "")
    assert complaint in said.err
