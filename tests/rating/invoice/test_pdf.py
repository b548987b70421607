"""The printed invoice, read back from the PDF by poppler: what an accountant would look for."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from rating.book import FeeTax
from rating.books_in_force import Books
from rating.charge import TOKYO
from rating.invoice import words
from rating.invoice.account import Account
from rating.invoice.document import Invoice, Kind, monthly_number
from rating.invoice.item import Item, Section, in_order
from rating.invoice.itemised import CallLine
from rating.invoice.pdf import html, pdf
from rating.invoice.recurring import recurring
from rating.invoice.totals import totals

from .conftest import ISSUER, LINE, MAY

Pages = Callable[..., list[str]]


def invoice(books: Books, lines: int, name: str = "株式会社例", *more: Item) -> Invoice:
    several = tuple(replace(LINE, id=number, number=f"+8135555{number:04d}") for number in range(1, lines + 1))
    account = Account(member_id=3, name=name, months_ahead=2, lines=several)
    items = in_order([*recurring(account, MAY, books, {}), *more])
    return Invoice(
        number=monthly_number(MAY, 3),
        kind=Kind.MONTHLY,
        member_id=3,
        addressee=name,
        month=MAY,
        issued_on=date(2026, 6, 1),
        due_on=date(2026, 6, 30),
        issuer=ISSUER,
        items=items,
        totals=totals(items),
    )


def usage_item(amount: str) -> Item:
    return Item(
        section=Section.USAGE,
        key="usage:1",
        text="通話料 着信転送（固定）",
        since=MAY,
        until=date(2026, 5, 31),
        quantity=Decimal(3),
        unit="通話",
        amount=Decimal(amount),
        tax=FeeTax.INCLUDED,
        rate=Decimal("0.10"),
        line_id=1,
        number=LINE.number,
    )


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """Prints and reads back, a text for each page."""

    def read(printed: Invoice, calls: tuple[CallLine, ...] = (), before: Decimal | None = None) -> list[str]:
        file = tmp_path / "invoice.pdf"
        file.write_bytes(pdf(printed, calls, before))
        done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True)
        return done.stdout.rstrip("\f").split("\f")

    return read


def carried(page: str, label: str) -> list[Decimal]:
    return [Decimal(found.replace(",", "")) for found in re.findall(label + r"\s*¥([0-9,]+(?:\.[0-9]+)?)", page)]


def test_one_page_has_all_that_a_qualified_invoice_needs(books: Books, pages: Pages) -> None:
    (page,) = pages(invoice(books, 1))
    text = re.sub(r"\s+", "", page)
    for expected in (
        "例示ビジネスサポート株式会社",  # who issues
        "登録番号T1234567890123",
        "発行日2026年6月1日",
        "2026年5月分",  # when
        "月額基本料金（固定電話サービス）",  # what
        "10%対象（税込）¥9,350",  # sum of each rate
        "うち消費税（10%）¥850",  # tax of each rate
        "株式会社例御中",  # to whom
        "請求書番号202605-00003",
        "お支払期限2026年6月30日",
        "例示銀行西新橋支店",
        "ご請求金額（税込）¥9,350",
        "1/1頁",
    ):
        assert expected in text
    assert "繰越" not in text


def test_each_page_carries_its_sum_to_the_next(books: Books, pages: Pages) -> None:
    printed = invoice(books, 40, "株式会社例", usage_item("57.2"))
    found = pages(printed)
    assert len(found) >= 3
    out = [carried(page, "小計（次頁へ繰越）") for page in found]
    brought = [carried(page, "前頁より繰越") for page in found]
    assert out[-1] == []
    assert brought[0] == []
    assert out[:-1] == brought[1:]
    sums = [one for (one,) in out[:-1]]
    assert sums == sorted(sums)
    assert sums[0] > 0
    assert sums[-1] <= printed.exact
    assert f"¥{printed.total:,}" in found[-1]
    assert [re.search(r"(\d+) */ *(\d+) *頁", page) is not None for page in found] == [True] * len(found)


def test_the_sums_carried_are_those_of_the_lines_above_them(books: Books, pages: Pages) -> None:
    printed = invoice(books, 40)
    first, second, *_ = pages(printed)
    lines = [int(one.replace(",", "")) for one in re.findall(r"03-5555-\d{4} .*?([0-9,]+) +10%", first)]
    assert sum(lines) == carried(first, "小計（次頁へ繰越）")[0] == carried(second, "前頁より繰越")[0]


def test_the_japanese_fonts_are_inside(books: Books, tmp_path: Path) -> None:
    file = tmp_path / "invoice.pdf"
    file.write_bytes(pdf(invoice(books, 1)))
    listed = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[2:]]
    assert rows
    for row in rows:
        assert "IPAex" in row[0]
        assert row[-5:-2] == ["yes", "yes", "yes"]  # embedded, a subset, with its characters named


def test_fractions_of_a_yen_and_what_was_dropped_are_shown(books: Books, pages: Pages) -> None:
    (page,) = pages(invoice(books, 1, "株式会社例", usage_item("57.2")))
    text = re.sub(r"\s+", "", page)
    assert "57.2" in text
    assert "円未満切捨て△¥0.2" in text
    assert "10%対象（税込）¥9,407" in text


def test_a_name_is_text_and_never_markup(books: Books) -> None:
    assert "<b>&amp;" not in html(invoice(books, 1, '<b>&"例"'))
    assert "&lt;b&gt;&amp;&#34;例&#34; 様" in html(invoice(books, 1, '<b>&"例"'))


def test_itemised_calls_follow_on_pages_of_their_own(books: Books, pages: Pages) -> None:
    line = CallLine(
        number="03-5555-0001",
        at=datetime(2026, 5, 11, 10, 0, 5, tzinfo=TOKYO),
        service="着信転送",
        caller="非通知",
        called="090-5555-0123",
        answered=Decimal("61.2"),
        row="着信転送（携帯）",
        amount=Decimal("59.4"),
    )
    first, *others = pages(invoice(books, 1), (line,) * 60)
    assert "通話明細" not in first
    assert len(others) == 2
    assert "非通知" in others[0]
    assert "1:02" in others[0]
    assert carried(others[0], "小計（次頁へ繰越）") == carried(others[1], "前頁より繰越")
    assert "3,564" in others[1]
    assert "60通話" in others[1].replace(" ", "")


def test_a_correction_names_what_it_corrects_and_why(books: Books, pages: Pages) -> None:
    made = replace(
        invoice(books, 1), kind=Kind.CORRECTION, number="202605-00003-C1", corrects="202605-00003", reason="お詫び"
    )
    text = re.sub(r"\s+", "", pages(made, (), Decimal(1000))[0])
    assert "訂正請求書" in text
    assert "請求書202605-00003（2026年5月分）の訂正" in text
    assert "訂正前のご請求額¥1,000" in text
    assert "訂正後のご請求額¥10,350" in text
    assert "訂正理由：お詫び" in text
    assert "訂正額（税込）" in text


def test_amounts_counts_and_names_are_written_the_japanese_way() -> None:
    assert [words.yen(Decimal(one)) for one in ("1234567", "-1000", "0.5")] == ["¥1,234,567", "△¥1,000", "¥0.5"]
    assert words.digits(Decimal("-1234.50")) == ("△1,234", ".5")
    names = [words.addressed(one) for one in ("株式会社例", "特定非営利活動法人例", "例 花子", "Example Ltd.")]
    assert names == ["株式会社例 御中", "特定非営利活動法人例 御中", "例 花子 様", "Example Ltd. 御中"]
    item = usage_item("1")
    counted = [words.counted(replace(item, unit=unit)) for unit in ("1件", "1の工事", "通話", "29,000円")]
    assert counted == ["3 件", "3 工事", "3 通話", "3 29,000円"]
