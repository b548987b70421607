"""Invoices in Japanese: dates, sums, counts, headings."""

import re
from datetime import date
from decimal import Decimal

from rating.book import FeeTax
from rating.invoice.document import Invoice, Kind
from rating.invoice.item import Item, Section
from rating.money import plain

TITLES = {Kind.MONTHLY: "請求書", Kind.FIRST: "請求書（初回）", Kind.CORRECTION: "訂正請求書"}
SECTIONS = {
    Section.BASIC: "基本料金",
    Section.USAGE: "通話料金",
    Section.ONE_OFF: "一時費用",
    Section.SURCHARGE: "割増金",
    Section.CREDIT: "減額",
    Section.INTEREST: "延滞利息",
}
_CORPORATE = re.compile(
    r"会社|法人|組合|協会|財団|社団|事務所|商店|協議会|大学|病院|Inc|Ltd|LLC|K\.K\.", re.IGNORECASE
)
_ONE_OF = re.compile(r"1(?:の)?(?=\D)(.+)")
MINUS = "△"


def addressed(name: str) -> str:
    """御中 for what is no person by its name, 様 for everybody else."""
    return f"{name} {'御中' if _CORPORATE.search(name) else '様'}"


def day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def month(on: date) -> str:
    return f"{on.year}年{on.month}月"


def period(item: Item) -> str:
    """One day, a whole month by its name, or from–to."""
    since, until = item.since, item.until
    if since == until:
        return f"{since:%Y/%m/%d}"
    if since.day == 1 and (until.year, until.month) == (since.year, since.month) and until.day >= 28:
        return f"{since:%Y年}{since.month}月分"
    return f"{since:%Y/%m/%d}–{until:%m/%d}"


def digits(amount: Decimal) -> tuple[str, str]:
    """An amount with thousands separators, cut at the decimal point: ("△1,234", ".5"), ("0", "")."""
    whole, _, part = plain(abs(amount)).partition(".")
    sign = MINUS if amount < 0 else ""
    return f"{sign}{int(whole):,}", f".{part}" if part else ""


def yen(amount: Decimal) -> str:
    """¥12,345, △¥1,000."""
    whole, part = digits(abs(amount))
    return f"{MINUS if amount < 0 else ''}¥{whole}{part}"


def counted(item: Item) -> str:
    """The price lists give units as 1件 or 1の工事; what cannot be counted (29,000円) stays as it is."""
    unit = _ONE_OF.fullmatch(item.unit)
    return f"{plain(item.quantity)} {unit[1] if unit else item.unit}".replace("-", MINUS)


def percent(rate: Decimal) -> str:
    return f"{plain(rate * 100)}%"


def tax_mark(item: Item) -> str:
    return "不課税" if item.tax is FeeTax.NONE else percent(item.rate)


def side(invoice: Invoice) -> str:
    return "税込" if invoice.side is FeeTax.INCLUDED else "税抜"


def sums(invoice: Invoice) -> list[tuple[str, Decimal, str]]:
    """What an invoice must state for each rate: (words, yen, kind: base, tax or contained)."""
    found: list[tuple[str, Decimal, str]] = []
    for one in invoice.totals.sums:
        if not one.rate:
            found.append(("不課税対象", one.base, "base"))
            continue
        rate = percent(one.rate)
        found.append((f"{rate}対象（{side(invoice)}）", one.base, "base"))
        if invoice.side is FeeTax.INCLUDED:
            found.append((f"うち消費税（{rate}）", one.tax, "contained"))
        else:
            found.append((f"消費税（{rate}）", one.tax, "tax"))
    return found
