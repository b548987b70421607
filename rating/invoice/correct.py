"""What was billed against what should have been: the lines of a correction, never an edit."""

from collections.abc import Iterable
from dataclasses import replace

from dialplan.errors import BadValue
from rating.book import FeeTax
from rating.invoice.item import Item, Section, side_of
from rating.invoice.totals import Totals, difference, totals
from rating.money import ZERO


def standing(papers: Iterable[tuple[Item, ...]]) -> dict[str, Item]:
    """By key, what an invoice and its corrections say together; lines that they cancelled out are gone."""
    found: dict[str, Item] = {}
    for items in papers:
        for item in items:
            before = found.get(item.key)
            if before is None:
                found[item.key] = item
                continue
            found[item.key] = replace(
                before, amount=before.amount + item.amount, quantity=before.quantity + item.quantity
            )
    return {key: item for key, item in found.items() if item.amount or item.quantity}


def usage_changes(billed: dict[str, Item], now: Iterable[Item]) -> list[Item]:
    """Lines that bring the usage billed so far to the usage as it is now; none where both agree."""
    new = {item.key: item for item in now}
    old = {key: item for key, item in billed.items() if item.section is Section.USAGE}
    found = []
    for key in (*old, *(key for key in new if key not in old)):
        before, after = old.get(key), new.get(key)
        some = after or before
        if some is None:
            continue
        amount = (after.amount if after else ZERO) - (before.amount if before else ZERO)
        quantity = (after.quantity if after else ZERO) - (before.quantity if before else ZERO)
        if amount or quantity:
            found.append(replace(some, text=f"{some.text} 訂正", amount=amount, quantity=quantity))
    return found


def corrected_totals(papers: list[tuple[Item, ...]], changes: tuple[Item, ...], first: Totals) -> Totals:
    """The sums of a correction: everything anew with the changes, less everything before them.

    On the side of tax of the first paper, if that had anything taxed. Raises BadValue for a price that includes tax
    on a paper that states its prices without.
    """
    before = tuple(item for items in papers for item in items)
    taxed = any(item.tax is not FeeTax.NONE for item in before)
    side = first.side if taxed else side_of(changes)
    if side is FeeTax.EXCLUDED and side_of(changes) is FeeTax.INCLUDED:
        raise BadValue("tax of the correction", "included", "prices without tax, as on the invoice it corrects")
    return difference(totals((*before, *changes), side), totals(before, side))
