"""What both sides of `make bench-tftp` serve: a Yealink T46U's own file of 8 KB, made by its maker's room."""

from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers.yealink import MAKER
from provisioning.setup import Account, Setup

MODEL, ACCOUNTS = "T46U", 5


def render(name: str) -> bytes | None:
    """None for a name that is no phone's own file. What the store would tell of the phone is made up from its MAC."""
    wanted = MAKER.wanted(name)
    if wanted is None or wanted.mac is None:
        return None
    return MAKER.make(wanted, _setup(wanted.mac))


def _setup(mac: Mac) -> Setup:
    accounts = tuple(
        Account(
            port=port,
            sip_user=f"u{mac}{port}",
            password=f"{mac}{port}" * 2,
            number=f"03123456{port:02}",
            shown=f"03-1234-56{port:02}",
            label=f"L{port}",
            language="ja",
        )
        for port in range(1, ACCOUNTS + 1)
    )
    return Setup(
        mac=mac,
        model=MODEL,
        registrar="sip.example.jp",
        port=5061,
        transport=Transport.TLS,
        base_url="tftp://192.0.2.1/",
        ntp="192.0.2.1",
        admin_password="made-up-here",  # noqa: S106 - no phone's
        accounts=accounts,
    )
