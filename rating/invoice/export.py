"""An invoice for other programs: CSV for a spreadsheet, and plain values for JSON."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dialplan.numbers import shown
from rating.invoice import words
from rating.invoice.document import Invoice
from rating.invoice.item import Item
from rating.invoice.itemised import CallLine
from rating.money import plain

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def invoice_shape(invoice: Invoice) -> dict[str, Any]:
    """Keys are for programs that others wrote: they stay. Amounts are Decimal, days are date."""
    return {
        "number": invoice.number,
        "kind": invoice.kind.value,
        "corrects": invoice.corrects,
        "reason": invoice.reason or None,
        "member": invoice.member_id,
        "addressee": invoice.addressee,
        "month": f"{invoice.month:%Y-%m}",
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "issuer": asdict(invoice.issuer),
        "prices": "tax-" + invoice.side.value,
        "lines": [_item_shape(invoice, item) for item in invoice.items],
        "sums": [
            {"rate": one.rate, "base": one.base, "tax": one.tax, "dropped": one.dropped}
            for one in invoice.totals.sums
        ],
        "tax": invoice.totals.tax,
        "total": invoice.total,
    }


def call_shape(line: CallLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "at": line.at,
        "service": line.service,
        "from": line.caller,
        "to": line.called,
        "answered": line.answered,
        "row": line.row,
        "amount": line.amount,
    }


def as_csv(invoice: Invoice) -> str:
    """A line for each line of the invoice, then its sums; UTF-8 with a byte order mark is for the writer to add."""
    rows: list[Sequence[object]] = [
        (
            "請求書番号",
            "宛名",
            "発行日",
            "支払期限",
            "区分",
            "電話番号",
            "内容",
            "開始",
            "終了",
            "数量",
            "単位",
            "金額",
            "税率",
        )
    ]
    head = (invoice.number, invoice.addressee, invoice.issued_on, invoice.due_on)
    rows += [
        (
            *head,
            words.SECTIONS[item.section],
            shown(item.number) if item.number else "",
            item.text,
            item.since,
            item.until,
            plain(item.quantity),
            item.unit,
            plain(item.amount_on(invoice.side)),
            words.tax_mark(item),
        )
        for item in invoice.items
    ]
    sums = [*((text, amount) for text, amount, _ in words.sums(invoice)), ("ご請求金額（税込）", invoice.total)]
    rows += [(*head, "合計", "", text, "", "", "", "", plain(amount), "") for text, amount in sums]
    return csv_text(rows)


def calls_csv(invoice: Invoice, lines: Sequence[CallLine]) -> str:
    """The itemised calls, one a line; answered time in seconds."""
    rows: list[Sequence[object]] = [
        ("請求書番号", "電話番号", "通話開始", "種別", "発信元", "相手先", "通話秒数", "料金区分", "金額")
    ]
    rows += [
        (
            invoice.number,
            line.number,
            f"{line.at:%Y-%m-%d %H:%M:%S}",
            line.service,
            line.caller,
            line.called,
            plain(line.answered),
            line.row,
            plain(line.amount),
        )
        for line in lines
    ]
    return csv_text(rows)


def _item_shape(invoice: Invoice, item: Item) -> dict[str, Any]:
    return {
        "section": item.section.value,
        "key": item.key,
        "text": item.text,
        "line": item.line_id,
        "number": item.number or None,
        "since": item.since,
        "until": item.until,
        "quantity": item.quantity,
        "unit": item.unit,
        "amount": item.amount_on(invoice.side),
        "price": item.amount,
        "tax": item.tax.value,
        "rate": item.rate,
    }


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: object) -> object:
    """A name that a spreadsheet would run as a formula is kept as text; our own negative amounts stay numbers."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
