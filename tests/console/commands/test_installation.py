import csv
from collections.abc import Callable

import pytest

from tests.fixtures.homes import Home, Said

HERE = ("--postcode", "1000001", "--address", "東京都千代田区千代田1-1")


def test_an_address_is_put_on_record_and_shown(home: Home) -> None:
    nothing = home.json("installation", "show", 1)
    assert (nothing["line"], nothing["address"]) == (1, None)
    assert "denwaban installation set LINE" in home.done("installation", "show", 1).out
    said = home.done("installation", "set", "03-1234-5678", *HERE)
    assert said.out == "Line 1, 03-1234-5678: 〒100-0001 東京都千代田区千代田1-1\n"
    again = home.json("installation", "set", 1, *HERE, "--building", "例ビル　3F")
    assert (again["postcode"], again["building"], again["name"]) == ("100-0001", "例ビル　3F", "株式会社例")
    assert "例ビル　3F" in home.done("installation", "show", 1).out


def test_a_line_with_a_handset_and_no_address_is_missing_and_the_status_says_so(home: Home) -> None:
    said = home.run("installation", "export")
    assert said.status == 1
    assert said.out == "\ufeff電話番号,契約者名,郵便番号,住所,建物名\n"  # the runner reads lines
    hint = "denwaban installation set 1"
    assert said.err == f"denwaban: line 1, 03-1234-5678: no installation address ({hint})\n"
    as_json = home.run("installation", "export", "--json")
    assert as_json.status == 1
    assert [one["line"] for one in as_json.json["missing"]] == [1]
    assert as_json.json["installations"] == []


def test_what_is_exported_opens_in_a_spreadsheet(home: Home) -> None:
    member = home.json("member", "add", "=例, 「本店」", "--kind", "rental-office", "--capacity", 1)["id"]
    line = ("line", "add", "03-1234-5679", "--member", member, "--plan", "fixed-phone")
    home.done(*line, "--additional", "03-1234-5680")
    home.done("installation", "set", 1, *HERE, "--building", "例ビル")
    home.done("installation", "set", 3, *HERE)
    file = home.folder / "notice.csv"
    said = home.done("installation", "export", "--to", file)
    assert "2 lines with a handset and an address, 0 without an address." in said.out
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    address = "東京都千代田区千代田1-1"
    assert list(csv.reader(content.decode("utf-8-sig").splitlines())) == [
        ["電話番号", "契約者名", "郵便番号", "住所", "建物名"],
        ["03-1234-5678", "株式会社例", "100-0001", address, "例ビル"],
        ["03-1234-5679", "'=例, 「本店」", "100-0001", address, ""],
        ["03-1234-5680", "'=例, 「本店」", "100-0001", address, ""],
    ]
    exported = home.json("installation", "export", "--to", file)
    assert exported["file"] == str(file)
    assert [one["number"] for one in exported["installations"]] == ["+81312345678", "+81312345679"]
    assert exported["installations"][1]["additional"] == ["+81312345680"]
    assert exported["missing"] == []


def test_without_any_handset_nothing_is_missing(new_home: Home) -> None:
    assert new_home.json("installation", "export") == {"file": None, "installations": [], "missing": []}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set", 1, "--postcode", "100", "--address", "東京都"), "postcode: found '100', expected 7 digits"),
        (("set", 1, "--postcode", "1000001", "--address", " "), "address: found ' '"),
        (("set", 99, *HERE), "line: found 99"),
        (("show", "03-9999-9999"), "line: found '03-9999-9999'"),
        (("export", "--to", "/nowhere/notice.csv"), "file to write: found '/nowhere/notice.csv'"),
    ],
)
def test_what_cannot_be_put_on_record(
    refused: Callable[..., Said], arguments: tuple[object, ...], complaint: str
) -> None:
    assert complaint in refused("installation", *arguments).err
