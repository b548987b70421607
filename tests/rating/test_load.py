from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating import rows
from rating.head import read_head
from rating.load import load_book, open_books
from rating.problems import BadBooks

HEADER = ",".join(rows.CALLS)
GOOD = "fixed,固定電話,out,,,fixed,,,,,180,8.0,,,,,our own list"
HEAD = """id = "ours"
effective = 2026-04-01
title = "Ours"
document = "a list of our own"
tax = "excluded"
"""


def book(root: Path, *lines: str, head: str = HEAD, **files: str) -> Path:
    """A folder ours/2026-04-01 with these rows and files (`bands` is bands.csv)."""
    folder = root / "ours" / "2026-04-01"
    folder.mkdir(parents=True)
    (folder / "book.toml").write_text(head, "utf-8")
    (folder / "calls.csv").write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    loaded, problems = load_book(folder)
    assert (loaded is None) == bool(problems)
    return [str(problem).removeprefix(f"{folder}/") for problem in problems]


def changed(**cells: str) -> str:
    values = dict(zip(rows.CALLS, GOOD.split(","), strict=True)) | {"row": "wrong", "far": "mobile"} | cells
    return ",".join(values.values())


def test_a_good_folder_becomes_a_book(tmp_path: Path) -> None:
    loaded, problems = load_book(book(tmp_path, "# a remark", "", GOOD))
    assert problems == []
    assert loaded is not None
    assert (loaded.id, loaded.effective, [row.id for row in loaded.rows]) == ("ours", date(2026, 4, 1), ["fixed"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (changed(first_price="8.O"), "first_price: found '8.O', expected a number"),
        (changed(first_price=""), "first_price: found '', expected a value"),
        (changed(first_price="-1"), "first_price: found '-1', expected zero or more"),
        (changed(first_price="NaN"), "first_price: found 'NaN'"),
        (changed(first_price="0.0000001"), "expected less than 1000000000 and at most 6 decimals"),
        (changed(first_seconds="0"), "first_seconds: found '0', expected seconds above zero"),
        (changed(first_seconds="0.0001"), "first_seconds: found '0.0001'"),
        (changed(next_seconds="x"), "next_seconds: found 'x'"),
        (changed(services="outt"), "services: found 'outt', expected one of forward, out, settings, freephone"),
        (changed(services=""), "services: found '', expected a value"),
        (changed(plan="gold"), "plan: found 'gold', expected one of '', 'fixed-phone', 'in-out'"),
        (changed(far="moon"), "far: found 'moon', expected one of"),
        (changed(far=""), "far: found '', expected one of"),
        (changed(near="moon"), "near: found 'moon', expected one of"),
        (changed(prefixes="+44"), "prefixes: found '+44', expected 1 to 15 digits without +"),
        (changed(cap="5", minimum="6"), "cap: found '5', expected at least the minimum 6"),
        (changed(cites=""), "cites: found '', expected a value"),
        (changed(row="Über"), "row: found 'Über', expected small letters"),
        (changed(row="fixed"), "row fixed: given twice, first at calls.csv:2"),
        (changed(far="fixed", first_price="9"), "row wrong: prices the same calls as row fixed, and differently"),
        (changed() + ",more", "cells: found 18, expected 17"),
        ("wrong", "cells: found 1, expected 17"),
        ('"open', "not readable as CSV from here on: unexpected end of data"),
    ],
)
def test_a_broken_row_is_named_with_its_line_and_the_book_is_not_loaded(
    tmp_path: Path, line: str, message: str
) -> None:
    (found,) = complaints(book(tmp_path, GOOD, line))
    assert message in found
    assert found.startswith("calls.csv:3: ")


def test_every_broken_row_is_named_at_once(tmp_path: Path) -> None:
    found = complaints(book(tmp_path, changed(first_price="x"), GOOD, changed(row="b", far="moon"), head="id = 3"))
    assert [line.split(": ")[0] for line in found if line.startswith("calls")] == ["calls.csv:2", "calls.csv:4"]
    assert "book.toml: tax: missing" in found


def test_two_rows_may_name_the_same_calls_at_the_same_price(tmp_path: Path) -> None:
    assert complaints(book(tmp_path, GOOD, changed(row="again", far="fixed"))) == []


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("", "id: missing"),
        (HEAD + "colour = 1", "colour: unknown, expected one of default_groups, document"),
        (HEAD.replace('"ours"', '"../up"'), "id: found '../up'"),
        (HEAD.replace("2026-04-01", '"soon"'), "effective: found 'soon', expected a date"),
        (HEAD.replace("2026-04-01", "2026-04-01T00:00:00"), "effective: found"),
        (HEAD.replace("excluded", "maybe"), "tax: found 'maybe', expected one of included, excluded"),
        (HEAD + "included = 480", "included: found 480, expected a table"),
        (HEAD + "[included]\nace = 'x'", "included.ace: found 'x'"),
        (HEAD + "[included]\nace = nan", "included.ace: found"),
        (HEAD + "[included]\nace = -1", "included.ace: found '-1', expected above zero"),
        (HEAD + "[default_groups]\nfixed = 1", "default_groups.fixed: found 1, expected text"),
        (HEAD + "[default_groups]\nfixed = '9-Z'", "fixed: found group '9-Z', expected one of no group at all"),
        (HEAD + "[works]\nblock = 1", "works: found 'block', expected basic, block, cites"),
        ("id = ", "not readable as TOML"),
    ],
)
def test_a_broken_head_is_named(tmp_path: Path, head: str, message: str) -> None:
    assert message in "\n".join(complaints(book(tmp_path, GOOD, head=head)))


@pytest.mark.parametrize(
    ("name", "header", "lines", "message"),
    [
        ("bands", rows.BANDS, ["none,night,mon,22:00,08:00,60,1,,"], "bands.csv:2: until: found '08:00'"),
        ("bands", rows.BANDS, ["none,night,mon,22:00,00:00,60,1,,"], "bands.csv:2: row: found 'none'"),
        ("bands", rows.BANDS, ["fixed,night,moonday,22:00,00:00,60,1,,"], "bands.csv:2: days: found 'moonday'"),
        ("bands", rows.BANDS, ["fixed,night,mon,22:60,00:00,60,1,,"], "bands.csv:2: since: found '22:60'"),
        (
            "bands",
            rows.BANDS,
            ["fixed,night,mon tue,22:00,00:00,60,1,,", "fixed,late,tue,23:00,23:30,60,1,,"],
            "bands.csv:3: hours: found 'late', expected none shared with band night",
        ),
        ("tiers", rows.TIERS, ["none,3600,60,1,,"], "tiers.csv:2: row: found 'none'"),
        (
            "tiers",
            rows.TIERS,
            ["fixed,3600,60,1,,", "fixed,3600,60,1,,"],
            "tiers.csv:3: from_seconds: found '3600', expected more than 3600",
        ),
        ("blocks", rows.BLOCKS, ["+8190,1-A,x"], "blocks.csv:2: block: found '+8190'"),
        ("blocks", rows.BLOCKS, ["0907033,1-A,"], "blocks.csv:2: cites: found ''"),
        ("blocks", rows.BLOCKS, ["0907033,,x"], "blocks.csv:2: group: found ''"),
        ("blocks", rows.BLOCKS, ["090-7033,1-A,x", "0907033,1-A,x"], "blocks.csv:3: block 81907033: given twice"),
        ("blocks", rows.BLOCKS, ["0907033,1-A,x"], "blocks.csv: block 81907033: found group '1-A'"),
        ("unpriced", rows.UNPRICED, ["+1,x,y"], "unpriced.csv:2: prefix: found '+1'"),
        ("fees", rows.FEES, ["a,monthly,,A,1,10,9,none,x"], "fees.csv:2: most: found '9', expected at least 10"),
        ("fees", rows.FEES, ["a,daily,,A,1,10,,none,x"], "fees.csv:2: kind: found 'daily'"),
        ("fees", rows.FEES, ["a,monthly,,A,1,10,,10%,x"], "fees.csv:2: tax: found '10%'"),
        (
            "fees",
            rows.FEES,
            ["a,once,,A,1,10,,none,x", "a,once,,B,1,10,,none,x"],
            "fees.csv:3: fee a: given twice",
        ),
        ("fees", ("a", "b"), [], "fees.csv:1: header: found 'a,b', expected 'fee,kind"),
    ],
)
def test_broken_side_tables_are_named(
    tmp_path: Path, name: str, header: tuple[str, ...], lines: list[str], message: str
) -> None:
    text = "\n".join([",".join(header), *lines]) + "\n"
    assert message in "\n".join(complaints(book(tmp_path, GOOD, **{name: text})))


def test_bands_and_tiers_on_one_row_are_refused(tmp_path: Path) -> None:
    bands = ",".join(rows.BANDS) + "\nfixed,night,mon,22:00,00:00,60,1,,\n"
    tiers = ",".join(rows.TIERS) + "\nfixed,3600,60,1,,\n"
    (found,) = complaints(book(tmp_path, GOOD, bands=bands, tiers=tiers))
    assert found == "tiers.csv:2: row: found 'fixed', expected bands or tiers, not both"


def test_missing_empty_and_unreadable_files_are_named(tmp_path: Path) -> None:
    folder = book(tmp_path, GOOD)
    (folder / "calls.csv").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in complaints(folder)[0]
    (folder / "calls.csv").write_text("")
    assert "calls.csv: empty: expected the header" in complaints(folder)[0]
    (folder / "calls.csv").unlink()
    assert "calls.csv: not there: expected the priced rows" in complaints(folder)
    (folder / "book.toml").unlink()
    assert "book.toml: not there: expected the book's id and date" in complaints(folder)
    assert "found no folder" in str(load_book(tmp_path / "nowhere")[1][0])


def test_one_bad_book_keeps_all_from_opening_and_names_the_problems_of_every_book(tmp_path: Path) -> None:
    first = book(tmp_path / "a", changed(first_price="x"))
    book(tmp_path / "b", changed(first_price="y"))
    (tmp_path / "b" / "ours").rename(tmp_path / "a" / "theirs")
    with pytest.raises(BadBooks) as raised:
        open_books(tmp_path / "a")
    assert {problem.line for problem in raised.value.problems} == {2}
    assert len(raised.value.problems) == 2
    (first / "calls.csv").write_text(f"{HEADER}\n{GOOD}\n", "utf-8")
    with pytest.raises(BadBooks, match=r"theirs.*'y'"):
        open_books(tmp_path / "a")


def test_a_book_in_the_wrong_folder_and_a_missing_folder_are_named(tmp_path: Path) -> None:
    book(tmp_path, GOOD).rename(tmp_path / "ours" / "2026-05-01")
    with pytest.raises(BadBooks, match="found ours/2026-05-01, expected ours/2026-04-01"):
        open_books(tmp_path)
    with pytest.raises(BadBooks, match="found no folder, expected one of price books"):
        open_books(tmp_path / "nowhere")


@given(st.text())
def test_any_text_as_a_sheet_gives_rows_or_problems(text: str) -> None:
    for read in (rows.calls, rows.bands, rows.tiers, rows.blocks, rows.unpriced, rows.fees):
        good, problems = read(text, "x.csv")
        assert problems or not good
    good, problems = rows.calls(f"{HEADER}\n{text}", "x.csv")
    assert all(problem.file == "x.csv" for problem in problems)


@given(st.text())
def test_any_text_as_a_head_gives_fields_or_problems(text: str) -> None:
    fields, problems = read_head(text)
    assert (fields is None) == bool(problems)
    fields, problems = read_head(HEAD + text)
    assert (fields is None) == bool(problems)
