"""What is charged once: fees by their id, works by hour and day, the surcharge for evasion, and anything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dialplan.errors import BadValue
from rating.book import Fee, FeeTax, PriceBook
from rating.charge import TOKYO
from rating.invoice.item import Item, Section
from rating.invoice.recurring import rate_of
from rating.works import VisitHour, price_works

EVASION_FACTOR = 2  # 割増金 [001 第39条, 003 第28条]
TERMINATION_YEARS = 3  # 最低利用期間 [004 契約期間]
_NOT_ONCE = ("monthly", "yearly", "metered")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """One priced line, as it will stand on an invoice. `cites` tells where the price comes from."""

    section: Section
    text: str
    on: date
    quantity: Decimal
    unit: str
    amount: Decimal
    tax: FeeTax
    cites: str


def by_fee(
    book: PriceBook,
    fee_id: str,
    on: date,
    *,
    quantity: int = 1,
    amount: Decimal | None = None,
    opened_on: date | None = None,
) -> OneOff:
    """A change of a registered number, a visit, a lost device, an early termination.

    `amount` (for one, on the fee's side of tax) is asked for where the document gives a range or a maximum, and is
    refused where it gives a price. An early termination needs the day `opened_on` which the contract began, and
    costs nothing after three years: BadValue then, as for an unknown fee.
    """
    fee = next((fee for fee in book.fees if fee.id == fee_id and fee.kind not in _NOT_ONCE), None)
    if fee is None:
        raise BadValue("fee", fee_id, f"the id of a fee that {book.id} {book.effective} charges once")
    if quantity < 1:
        raise BadValue("quantity", quantity, "1 or more")
    if fee.kind == "termination":
        _check_termination(opened_on, on)
    return OneOff(
        section=Section.ONE_OFF,
        text=fee.name,
        on=on,
        quantity=Decimal(quantity),
        unit=fee.unit,
        amount=_price(fee, amount) * quantity,
        tax=fee.tax,
        cites=f"{book.id} {book.effective} {fee.id} [{fee.cites}]",
    )


def by_works(
    book: PriceBook,
    works: Sequence[str],
    done_at: datetime,
    *,
    named_holiday: bool = False,
    visit_hour: VisitHour | None = None,
) -> list[OneOff]:
    """Works done at one visit, with what their hour and day add; see rating.works. Before tax."""
    day = done_at.astimezone(TOKYO).date()
    lines = price_works(book, works, done_at, named_holiday=named_holiday, visit_hour=visit_hour)
    return [
        OneOff(
            section=Section.ONE_OFF,
            text=line.name,
            on=day,
            quantity=Decimal(1),
            unit="式",
            amount=line.amount,
            tax=FeeTax.EXCLUDED,
            cites=f"{book.id} {book.effective} {line.why}",
        )
        for line in lines
    ]


def evasion(evaded: Decimal, on: date) -> OneOff:
    """Twice the amount evaded, which is given without tax; tax comes on top.

    The evaded amount itself is owed besides, as the fee or the calls that it was. Raises BadValue unless it is
    above zero.
    """
    if evaded <= 0:
        raise BadValue("evaded amount", str(evaded), "yen above zero, without tax")
    return OneOff(
        section=Section.SURCHARGE,
        text="割増金（不法に免れた額の2倍）",
        on=on,
        quantity=Decimal(1),
        unit="式",
        amount=evaded * EVASION_FACTOR,
        tax=FeeTax.EXCLUDED,
        cites="001 第39条, 003 第28条",
    )


def other(text: str, amount: Decimal, tax: FeeTax, on: date) -> OneOff:
    """Anything no price book has, negative for a refund. Raises BadValue without words, or for part of a yen."""
    if not text.strip():
        raise BadValue("text of the item", text, "what it is for, as the invoice shall say")
    if amount != amount.to_integral_value() or not amount:
        raise BadValue("amount", str(amount), "whole yen, not zero")
    return OneOff(
        section=Section.ONE_OFF,
        text=text.strip(),
        on=on,
        quantity=Decimal(1),
        unit="式",
        amount=amount,
        tax=tax,
        cites="",
    )


def as_item(one: OneOff, key: str, line_id: int | None = None, number: str = "") -> Item:
    return Item(
        section=one.section,
        key=key,
        text=one.text,
        since=one.on,
        until=one.on,
        quantity=one.quantity,
        unit=one.unit,
        amount=one.amount,
        tax=one.tax,
        rate=rate_of(one.tax, one.on),
        line_id=line_id,
        number=number,
    )


def _price(fee: Fee, amount: Decimal | None) -> Decimal:
    if fee.most is None and fee.amount is not None:
        if amount is not None and amount != fee.amount:
            raise BadValue("amount", str(amount), f"none: {fee.id} costs {fee.amount}")
        return fee.amount
    least = fee.amount or Decimal(0)
    bounds = f"yen of at least {least}" + (f" and at most {fee.most}" if fee.most is not None else "")
    if amount is None or amount < least or (fee.most is not None and amount > fee.most):
        raise BadValue("amount", None if amount is None else str(amount), f"{bounds} for {fee.id}")
    return amount


def _check_termination(opened_on: date | None, on: date) -> None:
    if opened_on is None:
        raise BadValue("contract", None, "the contract that is terminated early")
    # A contract of 29 February is three years old on 1 March.
    try:
        free_from = opened_on.replace(year=opened_on.year + TERMINATION_YEARS)
    except ValueError:
        free_from = date(opened_on.year + TERMINATION_YEARS, 3, 1)
    if on >= free_from:
        raise BadValue("early termination", on.isoformat(), f"a day before {free_from}, three years after the start")
