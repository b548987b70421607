"""What the tests of adapters' makers have in common: setups, numbers to key, strangers' names and texts."""

from collections.abc import Iterable
from pathlib import Path

from hypothesis import strategies as st

from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.setup import CODES, Account, Setup, Snmp

GOLDEN = Path(__file__).parent.parent / "golden"
V2C = Snmp(manager="192.0.2.9", community="r3ad-only")
V3 = Snmp(manager="192.0.2.9", user="watch", phrase="auth-and-privacy")
BASE_URL = "https://prov.example.jp/s3cr3t/"


def account(port: int, **changed: str) -> Account:
    texts = {
        "sip_user": f"h{port:03}",
        "password": f"pass+word-{port}",
        "number": f"03123400{port:02}",
        "shown": f"03-1234-00{port:02}",
        "label": f"Line {port}",
        "language": "ja",
    }
    return Account(port=port, **{**texts, **changed})


def setup(
    model: str,
    mac: str,
    accounts: Iterable[Account],
    *,
    transport: Transport = Transport.UDP,
    snmp: Snmp | None = None,
    base_url: str = BASE_URL,
    admin_password: str = "adm1n-word",  # noqa: S107 - nobody's
) -> Setup:
    return Setup(
        mac=Mac(mac),
        model=model,
        registrar="sip.example.jp",
        port=5061 if transport is Transport.TLS else 5060,
        transport=transport,
        base_url=base_url,
        ntp="ntp.example.jp",
        admin_password=admin_password,
        accounts=tuple(accounts),
        snmp=snmp,
    )


AT_ONCE = (
    *CODES,
    "0312345678",
    "05012345678",
    "09012345678",
    "08001234567",
    "0120123456",
    "0570012345",
    "0990123456",
    "#1234",
    "1840312345678",
    "18609012345678",
)
"""Each is sent with its last key, and not before."""

TIMED = (
    "0012345678",
    "010161234567",
    "200",
    "20012345",
    "184010161234567",
    "186200",
    "12200123456",
    "1001",
    "1234567",
)
"""Each may be whole, and is sent when no key follows."""

HOSTILE = (
    "",
    "/",
    "../../etc/passwd",
    "../cfg000b82123456.xml",
    "cfg000b82123456.xml/../../x",
    "cfg000b82123456.xml\n",
    "000b82123456.cfg\n",
    "000b82123456.ini\r\n",
    "\0",
    "cfg000b82123456.xml\0",
    "000b82123456.cfg\0.cfg",
    "0" * 10_240,
    "cfg" + "0" * 10_240 + ".xml",
    "cfg\u0660\u0660\u0660b82123456.xml",
    "\uff10\uff10\uff10b82123456.cfg",
    "\u0660\u0660\u0660b82123456.ini",
    "\udc80\udcff",
    "cfg000b8212345g.xml",
    "cfg000b8212345.xml",
    "000b821234567.cfg",
    "000b82123456.cfg.bak",
    "000b82123456 .ini",
    "\u017fpa112.cfg",
)

any_text = st.one_of(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30),
    st.text(min_size=1, max_size=80),
)
"""Names and passwords of any printable sign, and of others."""
