"""What a DHCP server must say so that new devices find their files: options 66 (server or URL), 67 (file), 160 (URL)
and 43, to each maker's address ranges. What stands in option 43 differs from maker to maker, and every maker here
reads one of the others too: it is for the one whose manual says that the server stands there by itself. Pure.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address

from dialplan.errors import BadValue
from provisioning.makers.audiocodes import FIRST_FILE
from provisioning.makers.maker import Maker

_URL = re.compile(r"https?://[0-9A-Za-z.:-]{1,253}(?:/[0-9A-Za-z._~-]{1,64}){0,8}/", re.ASCII)
_PROVISIONING_URL = 160
_VENDOR = 43
_READS_43 = {"yealink"}  # SIP-T5 administrator guide: custom option, then 66, then 43
_READS_160 = {"panasonic", "polycom", "grandstream", "cisco"}
_BOOTS = {"audiocodes"}  # takes a file's name, not only where files are


class Kind(StrEnum):
    DNSMASQ = "dnsmasq"
    KEA = "kea"
    ISC = "isc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where devices find their files. `http` is a URL that ends with a slash and holds no device's secret: DHCP tells
    it to everybody. `tftp` is an IPv4 address.
    """

    http: str | None = None
    tftp: str | None = None

    def __post_init__(self) -> None:
        if self.http is None and self.tftp is None:
            raise BadValue("place of the files", None, "--http URL or --tftp ADDRESS")
        if self.http is not None and not _URL.fullmatch(self.http):
            raise BadValue("URL", self.http[:80], "such as http://prov.example.jp/ with a slash at the end")
        if self.tftp is not None:
            try:
                IPv4Address(self.tftp)
            except AddressValueError as error:
                raise BadValue("TFTP server", self.tftp[:40], "an IPv4 address") from error

    @property
    def server(self) -> str:
        """HTTP where both are given: it can carry secrets."""
        return self.http or self.tftp or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """To devices whose MAC begins with one of `ouis`. `boot`: (file, server) for BootP's own fields, or None."""

    maker: str
    ouis: tuple[str, ...]
    options: tuple[tuple[int, str], ...]
    boot: tuple[str, str] | None = None


def offers(makers: Sequence[Maker], where: Where) -> tuple[Offer, ...]:
    return tuple(_offer(maker, where) for maker in makers)


def settings(kind: Kind, makers: Sequence[Maker], where: Where) -> str:
    """For dnsmasq and ISC dhcpd: lines to include. For Kea: an object whose members go into its configuration."""
    found = offers(makers, where)
    if kind is Kind.KEA:
        return json.dumps(_kea(found), indent=2) + "\n"
    return "\n".join(_dnsmasq(found) if kind is Kind.DNSMASQ else _isc(found)) + "\n"


def _offer(maker: Maker, where: Where) -> Offer:
    if maker.key in _BOOTS:
        if where.http is None:
            server = where.tftp or ""
            options = ((66, server), (67, FIRST_FILE))
            return Offer(maker=maker.key, ouis=maker.ouis, options=options, boot=(FIRST_FILE, server))
        return Offer(maker=maker.key, ouis=maker.ouis, options=((67, where.http + FIRST_FILE),))
    codes = [66]
    if maker.key in _READS_160 and where.http:
        codes.append(_PROVISIONING_URL)
    if maker.key in _READS_43:
        codes.append(_VENDOR)
    return Offer(maker=maker.key, ouis=maker.ouis, options=tuple((code, where.server) for code in codes))


def _colons(oui: str) -> str:
    return ":".join(oui[i : i + 2] for i in (0, 2, 4))


def _dnsmasq(found: Sequence[Offer]) -> Iterator[str]:
    yield "# what devices of each maker's address ranges are told; include with conf-file="
    for offer in found:
        yield ""
        for oui in offer.ouis:
            yield f"dhcp-mac=set:{offer.maker},{_colons(oui)}:*:*:*"
        for code, value in offer.options:
            yield f'dhcp-option=tag:{offer.maker},{code},"{value}"'
        if offer.boot is not None:
            yield f"dhcp-boot=tag:{offer.maker},{offer.boot[0]},,{offer.boot[1]}"


_NAMES = {
    66: "tftp-server-name",
    67: "boot-file-name",
    _PROVISIONING_URL: "provisioning-url",
    _VENDOR: "vendor-encapsulated-options",
}


def _kea(found: Sequence[Offer]) -> dict[str, object]:
    classes: list[dict[str, object]] = []
    for offer in found:
        told: dict[str, object] = {
            "name": offer.maker,
            "test": " or ".join(f"substring(pkt4.mac, 0, 3) == 0x{oui}" for oui in offer.ouis),
            "option-data": [_kea_option(code, value) for code, value in offer.options],
        }
        if offer.boot is not None:
            told |= {"boot-file-name": offer.boot[0], "next-server": offer.boot[1]}
        classes.append(told)
    own = {"name": _NAMES[_PROVISIONING_URL], "code": _PROVISIONING_URL, "type": "string"}
    return {"Dhcp4": {"option-def": [own], "client-classes": classes}}


def _kea_option(code: int, value: str) -> dict[str, object]:
    if code != _VENDOR:
        return {"name": _NAMES[code], "data": value}
    # To Kea this option holds others; as hexadecimal digits it is taken as it is.
    return {"name": _NAMES[code], "csv-format": False, "data": value.encode().hex()}


def _isc(found: Sequence[Offer]) -> Iterator[str]:
    yield "# what devices of each maker's address ranges are told; include in dhcpd.conf outside of any subnet"
    yield f"option provisioning-url code {_PROVISIONING_URL} = text;"
    names = {**_NAMES, 67: "bootfile-name"}
    for offer in found:
        yield ""
        yield f'class "{offer.maker}" {{'
        yield f"  match if {' or '.join(f'(substring(hardware, 1, 3) = {_colons(oui)})' for oui in offer.ouis)};"
        for code, value in offer.options:
            yield f'  option {names[code]} "{value}";'
        if offer.boot is not None:
            yield f'  filename "{offer.boot[0]}";'
            yield f"  next-server {offer.boot[1]};"
        yield "}"
