"""What all devices are told alike: where they register, where their files are, who may ask. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from dialplan.errors import BadValue
from provisioning.device import Device, SnmpVersion, Transport
from provisioning.fetch import Via
from provisioning.setup import Account, Setup, Snmp
from provisioning.snmp.target import snmp_user

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    tls_port   0: the switch speaks no SIP over TLS.
    manager    the address that polls devices and takes their traps.
    urls       where files are, by how they are asked for; with a slash at the end.
    base_url   where devices are told to look from their first file on; "": as they asked.
    networks   who is answered without a secret or a certificate.
    """

    registrar: str
    sip_port: int
    tls_port: int
    ntp: str
    manager: str
    urls: Mapping[Via, str]
    networks: tuple[Network, ...]
    base_url: str = ""


def hears(site: Site, address: str) -> bool:
    """Whether one who proves nothing is answered at this address."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in site.networks if network.version == found.version)


def url_asked(site: Site, via: Via, secret: str | None) -> str:
    """What stood before the name, as whoever asked wrote it."""
    return f"{site.urls[via]}{secret}/" if secret is not None else site.urls[via]


def url_for(site: Site, via: Via, asked_under: str | None, secret: str) -> str:
    """Where a device is told to look for its files. `secret` is its own, `asked_under` what it asked with."""
    if not site.base_url:
        return url_asked(site, via, asked_under)
    return f"{site.base_url}{secret}/" if site.base_url.startswith("https:") else site.base_url


def setup_of(
    device: Device,
    site: Site,
    accounts: Sequence[Account],
    *,
    base_url: str,
    admin_password: str,
    snmp_secret: str,
) -> Setup:
    """Raises BadValue for a device that is to speak TLS to a switch that does not."""
    secure = device.transport is Transport.TLS
    if secure and not site.tls_port:
        raise BadValue("transport", device.transport.value, "udp, or [switch] tls_port in the settings")
    return Setup(
        mac=device.mac,
        model=device.model,
        registrar=site.registrar,
        port=site.tls_port if secure else site.sip_port,
        transport=device.transport,
        base_url=base_url,
        ntp=site.ntp,
        admin_password=admin_password,
        accounts=tuple(sorted(accounts, key=lambda one: one.port)),
        snmp=_snmp(device, site.manager, snmp_secret),
    )


def _snmp(device: Device, manager: str, secret: str) -> Snmp | None:
    if device.snmp is SnmpVersion.OFF:
        return None
    if device.snmp is SnmpVersion.V2C:
        return Snmp(manager=manager, community=secret)
    return Snmp(manager=manager, user=snmp_user(device.mac), phrase=secret)
