"""What every maker's room holds: its models, the names its devices ask for, and how a file is made. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from provisioning.mac import Mac
from provisioning.setup import Setup


class Kind(StrEnum):
    PHONE = "phone"
    DECT = "dect"
    ADAPTER = "adapter"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """
    ports      accounts or FXS ports it has.
    code       what stands for it in file names where that is not the name: Yealink's "108" in y000000000108.cfg.
    tls        whether it can speak SIP over TLS with SRTP.
    snmp_v3    whether it can be asked by SNMPv3.
    feature_keys  programmable keys it has for 142 on and off; 0 for adapters.
    """

    name: str
    kind: Kind
    ports: int
    code: str = ""
    tls: bool = True
    snmp_v3: bool = True
    feature_keys: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a requested name asks for: `file` is one of the maker's own words for its files ("boot", "device",
    "web", …), which `Maker.make` understands.

    mac    when the name holds one; a file with a MAC is a device's own, and may hold secrets.
    model  the row's name, when the name tells it.
    A file with neither is for every device of the maker, and holds no secret.
    base_url  as in Setup, for a file without a MAC that must name the next one (Panasonic's). `wanted` cannot know
              it: whoever serves the file puts in what it was asked under.
    """

    file: str
    mac: Mac | None = None
    model: str | None = None
    base_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """
    key        "yealink": in the store and on the command line.
    ouis       first six hexadecimal digits, small, of its MAC addresses.
    wanted     from a requested name, without a slash in front, to what it asks for; None when it is none of this
               maker's names. Matches the whole name against patterns; never raises, whatever the name.
    make       the file's bytes. `setup` is None for a file without a MAC. Raises BadValue for a value that the format
               cannot carry, jinja2.UndefinedError for a template with an undefined name.
    own_file   the name of the device's own file, for a technician to see: wanted(own_file(mac, model)).mac == mac.
    resync     the value of the Event header of the NOTIFY that makes it fetch its files again.
    firmware   from an HTTP User-Agent of this maker's devices to the firmware's version, None when it does not tell.
    documents  the public documents that this room follows, as its golden files name them.
    """

    key: str
    name: str
    ouis: tuple[str, ...]
    models: tuple[Model, ...]
    wanted: Callable[[str], Wanted | None]
    make: Callable[[Wanted, Setup | None], bytes]
    own_file: Callable[[Mac, str], str]
    resync: str
    firmware: Callable[[str], str | None]
    documents: tuple[str, ...]

    def model(self, name: str) -> Model | None:
        """However it is capitalised."""
        return next((model for model in self.models if model.name.lower() == name.lower()), None)
