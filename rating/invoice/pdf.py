"""An invoice on paper: PDF with its Japanese font inside, pages that carry their sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialplan.errors import BadValue
from dialplan.numbers import shown
from rating.invoice import words
from rating.invoice.document import Invoice
from rating.invoice.item import Section
from rating.invoice.itemised import CallLine
from rating.money import ZERO

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "invoice"
FONT = "IPAex"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A printed line; `before` and `after` are the sum above and below it, for the foot and the head of a page."""

    number: str
    text: str
    period: str
    count: str
    amount: tuple[str, str]
    tax: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section with its own sum."""

    title: str
    rows: tuple[Row, ...]
    total: tuple[str, str]


def html(invoice: Invoice, calls: Sequence[CallLine] = (), before: Decimal | None = None) -> str:
    """What is printed; `calls` are added as 通話明細 on pages of their own.

    `before` is what had been billed before a correction.
    """
    template = _environment().get_template("invoice.html")
    return template.render(
        invoice=invoice,
        w=words,
        blocks=blocks(invoice),
        sums=words.sums(invoice),
        before=before,
        brought=f"前頁より繰越　{carried(invoice.exact)}",
        dropped=sum((one.dropped for one in invoice.totals.sums), ZERO),
        calls=_call_rows(calls),
        calls_total=words.digits(sum((call.amount for call in calls), ZERO)),
    )


def pdf(invoice: Invoice, calls: Sequence[CallLine] = (), before: Decimal | None = None) -> bytes:
    """The same as a file. Raises BadValue where the machine lacks the libraries or the font it is set in."""
    try:
        # Loads Pango at import: only who prints needs it installed.
        from weasyprint import HTML
    except OSError as error:
        expected = "Pango and HarfBuzz (Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
        raise BadValue("libraries for PDF", str(error).splitlines()[0], expected) from None
    document = HTML(string=html(invoice, calls, before), base_url=str(TEMPLATES)).render()
    made: bytes = document.write_pdf()
    families = {font.family for font in document.fonts.values()}
    if not any(family.startswith(FONT) for family in families):
        # Else every character would be printed as an empty box.
        raise BadValue("font of the invoice", ", ".join(sorted(families)), f"{FONT} (Debian: fonts-ipaexfont)")
    return made


def blocks(invoice: Invoice) -> tuple[Block, ...]:
    found: list[Block] = []
    running = ZERO
    for section in Section:
        items = [item for item in invoice.items if item.section is section]
        if not items:
            continue
        rows: list[Row] = []
        for item in items:
            amount = item.amount_on(invoice.side)
            rows.append(
                Row(
                    number=shown(item.number) if item.number else "",
                    text=item.text,
                    period=words.period(item),
                    count=words.counted(item),
                    amount=words.digits(amount),
                    tax=words.tax_mark(item),
                    before=f"前頁より繰越　{carried(running)}" if running or found or rows else "",
                    after=f"小計（次頁へ繰越）　{carried(running + amount)}",
                )
            )
            running += amount
        total = sum((item.amount_on(invoice.side) for item in items), ZERO)
        found.append(Block(title=words.SECTIONS[section], rows=tuple(rows), total=words.digits(total)))
    return tuple(found)


def carried(amount: Decimal) -> str:
    """Yen that stand under the column of amounts: where that has its decimals, whole yen keep the place free."""
    text = words.yen(amount)
    return text if "." in text else f"{text}\u00a0\u00a0"


def _call_rows(calls: Sequence[CallLine]) -> list[dict[str, object]]:
    running = Decimal(0)
    found: list[dict[str, object]] = []
    for call in calls:
        before = f"前頁より繰越　{carried(running)}" if found else ""
        running += call.amount
        minutes, seconds = divmod(int(call.answered.to_integral_value("ROUND_CEILING")), 60)
        found.append(
            {
                "call": call,
                "at": f"{call.at:%m/%d %H:%M:%S}",
                "time": f"{minutes}:{seconds:02}",
                "amount": words.digits(call.amount),
                "before": before,
                "after": f"小計（次頁へ繰越）　{carried(running)}",
            }
        )
    return found


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
