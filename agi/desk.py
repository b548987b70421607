"""What a flow has at hand, put together once by the composition root."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agi.ari.client import Ari
from agi.call import Patience
from agi.ledger import Tariff
from dialplan.trunks import Trunk
from rating.limits.limits import Limits
from store.units import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`trunks` are those to go out by, asked for at each call, so that a change needs no restart; `trusts` says
    whether what the trunk of that name asserts about a caller is believed; `chance`, in [0, 1), draws among equals;
    `limits` hold for lines without their own; `rings_before_menu` is how many seconds a line that calls back rings;
    `refusals` counts refused calls by reason.
    """

    ari: Ari
    store: Store
    now: Callable[[], datetime]
    trunks: Callable[[], tuple[Trunk, ...]]
    trusts: Callable[[str], bool]
    tariff: Tariff
    limits: Limits
    chance: Callable[[], float] = random.random
    patience: Patience = field(default_factory=Patience)
    rings_before_menu: float = 6.0
    refusals: Counter[str] = field(default_factory=Counter)
