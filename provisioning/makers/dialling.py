"""The dial plan that phones are given, in no maker's notation, and the keys that dial 142. Pure."""

from collections.abc import Iterable

from provisioning.setup import CODES

INTERDIGIT_SECONDS = 5
"""After which a number that no rule calls whole is sent: abroad, carrier prefixes, on-net numbers."""

FORWARD_MENU = "142"
FORWARD_ON_KEYS = "11"
"""In the menu of 142, docs/menus.md: start, unconditional. A contract with several numbers asks for one first, and
leaves these keys without effect: there the caller goes on by hand."""
FORWARD_OFF_KEYS = "0"


def grouped(codes: Iterable[str]) -> tuple[str, ...]:
    """Rules for codes; what differs in its last digit only is one: 110, 118 and 104 are "11[08]" and "104"."""
    groups: dict[str, str] = {}
    for code in codes:
        groups[code[:-1]] = groups.get(code[:-1], "") + code[-1]
    return tuple(
        start + (lasts if len(lasts) == 1 else f"[{''.join(sorted(lasts))}]") for start, lasts in groups.items()
    )


_NUMBERS = ("0[1-9][1-9]xxxxxxx", "0[25-9]0xxxxxxxx", "#xxxx")
"""0AB–J (0120, 0570 and 0990 too); 020, 050, 060, 070, 080, 0800 and 090; #-dial."""

RULES = (*grouped(CODES), *_NUMBERS, *(f"18[46]{number}" for number in _NUMBERS))
"""Numbers that are whole, and sent at once. x is a digit, [] one of those in it, everything else itself."""

OPEN_RULES = ("00x", "010x", "18[46]00x", "18[46]010x", "[2-9]xx")
"""How numbers begin that are of any length: more digits may follow, and a time-out ends them."""


def forward_labels(language: str) -> tuple[str, str, str]:
    """Of the keys that open the menu of 142, start and stop."""
    return ("転送設定", "転送開始", "転送停止") if language == "ja" else ("Forwarding", "Forward on", "Forward off")
