"""Where a lab is: its folder on disk and its addresses on loopback."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dialplan.errors import BadValue
from dialplan.trunks import Trunk

WHERE = "DENWABAN_LAB"
ROLES = ("switch", "carrier", "phones")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Every role has an address of its own, so all of them speak SIP on one port; RTP ranges do not overlap.

    `name` leads the names of the lab's containers: two labs side by side differ in it and in their addresses.
    """

    name: str = "denwaban-lab"
    switch: str = "127.0.0.1"
    carrier: str = "127.0.0.2"
    phones: str = "127.0.0.3"
    sip: int = 5060
    ami: int = 5038
    ari: int = 8088
    fastagi: int = 4573
    metrics: int = 9273
    switch_rtp: tuple[int, int] = (10000, 14999)
    carrier_rtp: tuple[int, int] = (15000, 19999)
    phones_rtp: tuple[int, int] = (20000, 24999)

    def of(self, role: str) -> str:
        return {"switch": self.switch, "carrier": self.carrier, "phones": self.phones}[role]

    def rtp(self, role: str) -> tuple[int, int]:
        return {"switch": self.switch_rtp, "carrier": self.carrier_rtp, "phones": self.phones_rtp}[role]


def beside(number: int) -> Addresses:
    """Addresses of the lab `number` (1–254) that runs beside the usual one: 127.0.<number>.1, .2 and .3."""
    if not 1 <= number <= 254:
        raise BadValue("number of a second lab", number, "1 to 254")
    net = f"127.0.{number}"
    return Addresses(name=f"denwaban-lab{number}", switch=f"{net}.1", carrier=f"{net}.2", phones=f"{net}.3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A lab's folder. `sounds` is the folder of the spoken announcements (ja/*.ulaw, en/*.ulaw)."""

    root: Path
    addresses: Addresses
    sounds: Path

    def role(self, role: str) -> Path:
        return self.root / role

    def etc(self, role: str) -> Path:
        return self.root / role / "etc"

    def log(self, role: str) -> Path:
        return self.root / role / "log"

    def lib(self, role: str) -> Path:
        """Holds the AstDB, which survives a restart as it does on a real switch."""
        return self.root / role / "lib"

    @property
    def run(self) -> Path:
        """Process ids and the logs of what runs on the host."""
        return self.root / "run"

    def container(self, role: str) -> str:
        return f"{self.addresses.name}-{role}"

    def lay_out(self) -> None:
        """Makes the folders. They hold passwords: nobody else may look in."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        self.run.mkdir(exist_ok=True)
        for role in ROLES:
            self.etc(role).mkdir(parents=True, exist_ok=True)
            (self.log(role) / "cdr-custom").mkdir(parents=True, exist_ok=True)
            # What the image has there, so that the folder can stand in its place.
            (self.lib(role) / "sounds" / "custom").mkdir(parents=True, exist_ok=True)

    def trunk(self) -> Trunk:
        """The carrier, as the switch must know it."""
        at = self.addresses
        return Trunk(name="carrier", host=at.carrier, port=at.sip, sources=(at.carrier,), codecs=("ulaw",))

    def overrides(self) -> dict[str, dict[str, object]]:
        """The settings in which a lab's switch differs from a live one, as the tables of the settings file."""
        at = self.addresses
        first, last = at.switch_rtp
        return {
            "switch": {
                "sip_host": at.switch,
                "sip_port": at.sip,
                "rtp_start": first,
                "rtp_end": last,
                "config_dir": str(self.etc("switch")),
                "records": str(self.log("switch") / "cdr-custom" / "denwaban.csv"),
            },
            "ari": {"host": at.switch, "port": at.ari},
            "ami": {"host": at.switch, "port": at.ami},
            "fastagi": {"host": at.switch, "port": at.fastagi},
            "metrics": {"host": at.switch, "port": at.metrics},
        }


def find(environment: Mapping[str, str] = os.environ, *, sounds: Path | None = None) -> Place:
    """The operator's lab: `$DENWABAN_LAB`, else `.lab` under the current folder, on the usual addresses."""
    root = Path(environment.get(WHERE) or ".lab").absolute()
    if re.search(r"[:,]", str(root)):
        raise BadValue(f"the lab's folder ({WHERE})", str(root), "a path without ':' and ',', which mounts forbid")
    return Place(root=root, addresses=Addresses(), sounds=sounds or spoken())


def spoken() -> Path:
    """The announcements that travel with Denwaban."""
    return Path(__file__).parent.parent / "voice" / "sounds"
